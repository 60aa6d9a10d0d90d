"""The widgets' logic in Node, and that nothing sets HTML from text."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from smtpedu.widgets.page import content

HERE = Path(__file__).parent
WIDGETS = HERE.parents[1] / "smtpedu" / "widgets"
SOURCES = sorted(WIDGETS.rglob("*.js"))


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_node_passes_the_tests_of_the_modules() -> None:
    done = subprocess.run(
        ["node", "--test", str(HERE / "js")],  # noqa: S607 (found above)
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def bare(text: str) -> str:
    """Arabic as people type it, worked out apart from the widget."""
    letters = unicodedata.normalize("NFD", text.lower()).translate(str.maketrans("ىة", "يه"))
    return "".join(one for one in letters if not unicodedata.combining(one))


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_explorer_finds_arabic_as_people_type_it() -> None:
    """Its texts carry vowel marks and hamzas; people type neither."""
    codes = content.PARTS["codes"]()["ar"]["codes"]
    words = ["مستلم", "مرسل", "المحسن", "يوفر", "اعادة", "إعادة", "المُرسِل", "لاحقا"]
    script = f"""
import {{ fits }} from {json.dumps((WIDGETS / "explorer/explorer.js").as_uri())};
const [codes, words] = JSON.parse(await new Response(process.stdin).text());
const found = (search) => codes.filter((code) => fits(code, {{ search }})).map((one) => one.code);
console.log(JSON.stringify(words.map(found)));"""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],  # noqa: S607 (found above)
        input=json.dumps([codes, words]),
        capture_output=True,
        check=True,
        text=True,
    )
    for word, found in zip(words, json.loads(done.stdout), strict=True):
        texts = {code["code"]: bare(" ".join(map(str, code["texts"].values()))) for code in codes}
        assert found == [code for code, text in texts.items() if bare(word) in text], word
        assert len(found) > 3, word


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_text_never_becomes_html_and_nothing_is_fetched(path: Path) -> None:
    """What carries widgets to the page fetches the extension's own files; they fetch nothing."""
    source = path.read_text(encoding="utf-8")
    forbidden = r"\.(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\("
    carried = "" if path.parent.name == "page" else r"|fetch\(|import\(|XMLHttpRequest|WebSocket"
    assert not re.search(forbidden + carried, source)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_text_is_made_visible_wherever_it_reaches_the_page(path: Path) -> None:
    """`h` and `t` see to it; elsewhere `visible` does, or it is the package's own."""
    source = path.read_text(encoding="utf-8")
    sink = r'(?:\.(?:textContent|innerText|title) =|\("aria-(?:label|valuetext)",) (.*);'
    own = {"style", "sign", "node.title)", 'detail.querySelector("h3, p").textContent'}
    own.add('isLater && isOpen(now, n + 1) ? "?" : (code ?? "")')
    given = set(re.findall(sink, source)) - own
    assert not [one for one in given if not re.search(r"\b(?:t|visible)\(|, t\)", one)]
    assert "createTextNode" not in source
