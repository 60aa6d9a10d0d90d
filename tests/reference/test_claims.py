"""What the texts claim of codes agrees with the tables, the captures and the sections they cite."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.files import folder, read_toml
from smtpedu.reference.registry import defined_codes, unofficial
from smtpedu.reference.texts import card

DATA = folder("data")
LESSONS = sorted(folder("notebooks").glob("*.ipynb"))
NOTHING_TO_FIX = {"en": "Nothing to fix", "ar": "لا شيء يحتاج إلى إصلاح"}
HEDGES = (
    "RFC 5321 §3\\.4|By the RFC|[Tt]his `550`|here with|is meant|can |may |Not every|some servers"
)


def texts(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text below a table; those of one question, which are read together, as one."""
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            if key == "question":
                for one in value:
                    yield one["id"], "\n".join(said for _, said in texts(one))
            elif key not in ("read", "source", "sources", "transcript", "meanings"):
                yield from texts(value, f"{path}.{key}")


def cells(kind: str) -> Iterator[tuple[str, str]]:
    for path in LESSONS:
        for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"], 1):
            if cell["cell_type"] == kind:
                yield f"{path.stem} {number}", "".join(cell["source"])


def everything() -> list[tuple[str, str]]:
    files = [path for path in sorted(DATA.rglob("*.toml")) if path.stem != "objectives"]
    return [pair for path in files for pair in texts(read_toml(path), path.stem)] + [
        *cells("markdown")
    ]


TEXTS = everything()


def sentences(said: str) -> list[str]:
    return re.split(r"(?<=[.!?؟])\s+|\n", said)


def codes_in(said: str) -> list[int]:
    return [int(code) for code in re.findall(r"\b[2-5]\d\d\b", said)]


def stem(exercise: str) -> str:
    """The question above the check of an exercise, as the lesson asks it."""
    for path in LESSONS:
        book = json.loads(path.read_text("utf-8"))["cells"]
        for above, cell in pairwise(book):
            if f'smtp.check("{exercise}"' in "".join(cell["source"]):
                asked = re.split(r"\*\*\d\.\*\*", "".join(above["source"]))[-1]
                return re.split("(?:Write|Give) a list", asked)[0]
    raise LookupError(exercise)


def answer(lesson: int, exercise: str) -> Any:
    return read_toml(DATA / "exercises" / f"lesson-{lesson}.toml")[exercise]


def test_the_texts_are_found() -> None:
    assert len(TEXTS) > 1500
    assert len(list(cells("markdown"))) > 100


def test_what_no_rfc_defines_is_in_no_table() -> None:
    unknown = (
        r"[Nn]o RFC (?:defines|knows) `?(\d{3})|`(\d{3})` is in no table|أي RFC الرمز `(\d{3})"
    )
    claimed = {int("".join(one)) for _, said in TEXTS for one in re.findall(unknown, said)}
    assert claimed
    assert not claimed & set(defined_codes())
    assert not set(unofficial()) & set(defined_codes())


@for_each("code", [code for code in defined_codes() if code < 400 or code == 453])
def test_card_of_what_did_not_fail_begins_with_nothing_to_fix(
    code: int, each_language: str
) -> None:
    assert card(code).fix.startswith(NOTHING_TO_FIX[each_language])


def test_that_550_hides_an_address_is_never_said_without_a_hedge() -> None:
    """RFC 5321 §3.4 means it so; what servers print is another matter (Postfix's capture)."""
    hides = (
        r"`550`[^.;]*\b(gives (no|none)|tells? (nothing|nobody)|shows it to no one|hides)\b"
        r"|`550`[^.;]*\bkeeps (it private|the (new )?address)"
        r"|`550`[^.;]*reads no new address|neither reply shows|`550` \| nobody \| nobody outside"
        r"|لا يعطي عنوانًا، حتى|لا يُظهره لأحد|فلا يُظهر أيٌّ|`550` يخفي"
    )
    found = [
        (path, one) for path, said in TEXTS for one in sentences(said) if re.search(hides, one)
    ]
    assert [pair for pair in found if not re.search(HEDGES, pair[1])] == []
    assert "bob@new.example" in str(smtp.session("postfix/moved").replies[3])


def test_section_7_4_is_cited_for_251_and_551_alike() -> None:
    cited = [(path, said) for path, said in TEXTS if re.search(r"§7\.4|section-7\.4", said)]
    assert len(cited) > 10
    assert [path for path, said in cited if not ("251" in said and "551" in said)] == []


def test_252_never_accepts_mail() -> None:
    """It says that mail would be accepted (RFC 5321 §3.5.3); Exim then refuses the `RCPT`."""
    accepts = r"accepts mail for|mail for (it|them) would be accepted|لكنه يقبل"
    assert [path for path, said in TEXTS if "252" in said and re.search(accepts, said)] == []
    exim = smtp.session("exim/vrfy")
    assert 252 in exim.codes


def test_registry_lists_551_beside_x_7_1_only() -> None:
    """As lesson 3 and the trap of 550 and 551 say (RFC 5248 §2.4)."""
    basic = smtp.enhanced_codes()["basic_codes"].astype(str)
    assert [code for code, codes in basic.items() if "551" in codes] == ["X.7.1"]
    assert not codes_in(basic["X.1.6"])


@pytest.mark.parametrize(("lesson", "exercise"), [(1, "transient"), (6, "try-again-later")])
def test_what_is_tried_again_begins_with_4(lesson: int, exercise: str) -> None:
    asked = codes_in(stem(exercise))
    assert answer(lesson, exercise)["answer"] == [code for code in asked if code // 100 == 4]


def test_hint_counts_the_codes_that_nobody_knows() -> None:
    asked = set(codes_in(stem("try-again-later")))
    assert asked - set(defined_codes()) == {457, 557}
    assert answer(6, "try-again-later")["en"]["hint"].startswith("Two of these codes")
