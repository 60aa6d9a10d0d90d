"""`smtpedu.progress()`: the report, its DataFrames, its chart, export and deletion."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import smtpedu as smtp
from smtpedu import cli
from smtpedu.display import Heading, Paragraph
from smtpedu.i18n import text
from smtpedu.learner.attempt import FIELDS, Attempt, Role, format_time
from smtpedu.learner.frames import _ATTEMPTS
from smtpedu.learner.report import CELLS, VEGA_LITE, Row
from smtpedu.learner.review import current_beliefs
from smtpedu.learner.store import Store, StoreError, store
from smtpedu.questions.bank import bank, item, misconceptions, objectives

ITEM = next(one for one in bank().values() if "551-relay-denied" in one.misconceptions)
ONE = Attempt(
    id="one",
    run="run",
    quiz="250-vs-551",
    role=Role.PRACTICE,
    item=ITEM.id,
    objective=ITEM.objective,
    level=ITEM.level,
    kind=ITEM.kind,
    number=1,
    response=2,
    right=False,
    score=0.0,
    misconceptions=("551-relay-denied",),
    guessed=False,
    hints=0,
    options=4,
    at="2026-01-24T09:30:00.000Z",
)


def right(count: int, objective: str = "moved", **values: object) -> list[Attempt]:
    return [
        replace(
            ONE,
            **{
                **{"id": f"{objective}{n}", "item": f"i{n}", "objective": objective},
                **{"right": True, "score": 1.0, "misconceptions": (), **values},
            },
        )
        for n in range(count)
    ]


# ---- frames ----


def test_attempts_are_one_row_each_in_order() -> None:
    store().add([ONE, *right(2, response=[1, 0])])
    frame = smtp.progress().attempts
    assert list(frame.columns) == list(FIELDS)
    assert list(frame["id"]) == ["one", "moved0", "moved1"]
    assert list(frame["response"]) == ["2", "[1,0]", "[1,0]"]
    assert list(frame["misconceptions"]) == ["551-relay-denied", "", ""]
    assert frame["at"].iloc[0] == pd.Timestamp("2026-01-24T09:30:00Z")


def test_frames_have_the_same_types_with_and_without_answers() -> None:
    none = smtp.progress()
    empty = none.attempts, none.mastery, none.misconceptions
    store().add([ONE])
    some = smtp.progress()
    for without, frame in zip(
        empty, (some.attempts, some.mastery, some.misconceptions), strict=True
    ):
        assert dict(without.dtypes.astype(str)) == dict(frame.dtypes.astype(str))
        assert without.index.dtype == frame.index.dtype
    assert len(none.attempts) == len(none.misconceptions) == 0
    assert {name for name in FIELDS if _ATTEMPTS[name] == "string"} - {"role", "level", "kind"} == {
        name for name, dtype in none.attempts.dtypes.items() if dtype == "string"
    }


def test_mastery_has_every_objective_and_a_teachers_own() -> None:
    store().add([*right(12), *right(1, "of my own")])
    frame = smtp.progress().mastery
    assert list(frame.index) == [*objectives(), "of my own"]
    assert frame.loc["moved", ["answered", "right", "mastery", "mastered"]].tolist() == [
        *(12, 12, 1.0, True)
    ]
    assert frame.loc["of my own", "title"] == "of my own"
    assert frame["due"].notna().sum() == 2
    assert frame["mastered"].sum() == 1


def test_misconceptions_come_with_belief_rebuttal_and_source(each_language: str) -> None:
    store().add([ONE, replace(ONE, id="two", at="2026-02-01T00:00:00Z")])
    frame = smtp.progress().misconceptions
    known = misconceptions()["551-relay-denied"]
    assert frame.loc["551-relay-denied"].tolist() == [
        known.belief(each_language).replace("`", ""),
        known.rebuttal(each_language).replace("`", ""),
        known.source,
        "suspected",  # both answers were to one item
        2,
        2,
        pd.Timestamp("2026-02-01T00:00:00Z"),
    ]


def test_report_says_in_words_what_is_held_and_what_is_suspected(each_language: str) -> None:
    another = next(name for name in bank() if name != ONE.item)
    shown = ("551-relay-denied", "quit-sends")
    other = replace(ONE, id="two", item=another, misconceptions=shown)
    store().add([replace(ONE, misconceptions=("354-accepts", "551-relay-denied")), other])
    assert smtp.progress().misconceptions["status"].tolist() == ["held", "suspected", "suspected"]
    rows = smtp.progress().blocks()[-1].rows
    held, suspected = (text(f"report.{one}") for one in ("held", "suspected"))
    assert [row[2] for row in rows] == [held, suspected, suspected]
    assert rows[0][3] == text("report.cells", full=2, count=2)


def test_frames_are_plain_text(each_language: str) -> None:
    store().add([replace(ONE, misconceptions=tuple(misconceptions()))])
    found = smtp.progress()
    assert any("`" in one.belief(each_language) for one in misconceptions().values())
    for frame in (found.misconceptions, found.mastery):
        assert "`" not in frame.to_csv()


DRAFT = replace(ONE, id="draft", role=Role.DRAFT, objective="", level="", misconceptions=())
EXAM = replace(ONE, id="exam", role=Role.EXAM)


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ([DRAFT], []),
        ([replace(DRAFT, id="earlier"), DRAFT, EXAM], ["exam"]),
        ([replace(EXAM, id="handed in too early"), ONE, EXAM], ["one", "exam"]),
        ([EXAM, replace(EXAM, id="other", run="2")], ["exam", "other"]),
        ([replace(ONE, id="a teacher's", objective="", level="")], ["a teacher's"]),
        ([replace(ONE, role=Role.PREDICTION), EXAM], ["one", "exam"]),
    ],
)
def test_drafts_of_an_exam_are_no_answers(kept: list[Attempt], left: list[str]) -> None:
    store().add(kept)
    found = smtp.progress()
    assert list(found.attempts["id"]) == left
    roles = found.attempts["role"].cat.categories
    assert list(roles) == ["practice", "exam", "prediction", "exercise"]
    assert repr(found) == f"Progress({len(left)} answers)"
    assert ("No answers yet" in str(found)) == (not left)


def test_frames_are_fresh() -> None:
    store().add([ONE])
    found = smtp.progress()
    frame = found.attempts
    frame["id"] = "changed"
    assert found.attempts["id"].tolist() == ["one"]


# ---- what is shown ----


def test_report_without_answers_says_how_to_begin() -> None:
    title, said = str(smtp.progress()).split("\n\n")
    assert title == "Your progress\n============="
    assert said == "No answers yet. `smtp.review()` asks the first questions."


def test_report_names_mastery_misconception_and_what_is_due() -> None:
    store().add([*right(12, "order"), ONE])
    said = re.sub(r"\s+", " ", str(smtp.progress()))
    known = misconceptions()["551-relay-denied"]
    for part in (f"{'▰' * 11} 11/11 (mastered)", f"{'▱' * 11} 0/11", "due today", "not yet"):
        assert part in said
    html = smtp.progress().to_html()
    assert known.source.split(";")[0].split(" §")[0] in html
    assert "✗ What you may believe" in html


def row_of(name: str) -> Row:
    return next(row for row in smtp.progress().rows() if row.objective == name)


def test_each_cell_is_a_right_answer_and_an_error_empties_cells() -> None:
    for count in range(1, 12):
        store().add(right(count)[-1:])
        assert row_of("moved").full == count == min(count, CELLS)
    store().add([replace(ONE, objective="moved"), replace(ONE, id="two", objective="moved")])
    assert row_of("moved").full < CELLS


def test_what_is_due_comes_first_and_what_is_new_last() -> None:
    today = format_time(datetime.now(UTC))
    store().add([*right(1, "order"), *right(1, "client", at=today), *right(1, "digits", at=today)])
    names = [row.objective for row in smtp.progress().rows()]
    assert names[0] == "order"
    assert set(names[1:3]) == {"client", "digits"}
    assert names[3:] == [name for name in objectives() if name not in names[:3]]


def test_days_are_said_in_words(each_language: str) -> None:
    store().add(right(1, at=format_time(datetime.now(UTC))))
    assert {"en": "in 2 days", "ar": "خلال يومين"}[each_language] in str(smtp.progress())


def test_right_answers_to_generated_questions_count_and_drafts_do_not() -> None:
    ids = [f"generated:moved:{n}" for n in range(40)]
    able = [name for name in ids if "moved-must-551" in item(name).misconceptions][:4]
    wrong = {"right": False, "misconceptions": ("moved-must-551",)}
    right = {"right": True, "score": 1.0, "misconceptions": ()}
    kinds = [wrong, right, wrong, right]
    store().add(
        replace(ONE, id=name, item=name, **said) for name, said in zip(able, kinds, strict=True)
    )
    [found] = smtp.progress().beliefs()
    assert (found.status, found.signs, found.chances) == ("suspected", 2, 4)
    drafts = [replace(DRAFT, id=f"draft-{n}", item=able[n % 4]) for n in range(9)]
    store().add(drafts)
    assert smtp.progress().beliefs() == current_beliefs(store().attempts()) == [found]


def test_a_belief_is_marked_at_each_objective_whose_answer_showed_it() -> None:
    later = replace(ONE, id="two", objective="client")
    store().add([ONE, later, replace(later, id="three", objective="order", guessed=True)])
    [found] = smtp.progress().beliefs()
    assert (found.name, found.objectives) == ("551-relay-denied", (ONE.objective, "client"))
    rows = str(smtp.progress()).split(f"✗ {text('report.misconceptions')}")[0].splitlines()
    marked = [row for row in rows if "✗" in row]
    assert len(marked) == 2
    assert sum("program" in row for row in marked) == 1


def test_report_does_not_show_the_machines_path(each_language: str) -> None:
    for attempts in ([], [ONE]):
        store().add(attempts)
        bundle = smtp.progress()._repr_mimebundle_()
        assert str(store().path.parent) not in json.dumps(bundle)
        assert str(store().path.parent) not in repr(smtp.progress())


def test_report_shows_what_happened_to_a_damaged_file() -> None:
    store().path.parent.mkdir()
    store().path.write_text("damaged")
    found = smtp.progress()
    assert "older answers are in the file that was kept under another name" in found.notice
    said = re.sub(r"\s+", " ", str(found))
    assert said.count("older answers are in the file that was kept under another name") == 1
    assert smtp.progress().notice == found.notice  # as long as this Python runs


@pytest.fixture(params=["a file for a folder", "a folder for the file"])
def unusable(request: pytest.FixtureRequest) -> Path:
    path = store().path
    if request.param == "a file for a folder":
        path.parent.parent.mkdir(exist_ok=True)
        path.parent.touch()
    else:
        path.mkdir(parents=True)
    return path


@pytest.mark.usefixtures("each_language")
def test_report_says_first_that_the_file_cannot_be_used(unusable: Path) -> None:
    found = smtp.progress()
    heading, said = found.blocks()
    assert isinstance(heading, Heading)
    assert said == Paragraph(found.trouble)
    assert f"`{unusable}`" in found.trouble
    assert "`SMTPEDU_PROGRESS`" in found.trouble


def test_frames_and_chart_of_a_file_that_cannot_be_read_are_its_error() -> None:
    store().path.mkdir(parents=True)
    found = smtp.progress()
    for use in (
        lambda: found.attempts,
        lambda: found.mastery,
        lambda: found.misconceptions,
        found.plot,
        lambda: found.delete(confirm=True),
    ):
        with pytest.raises(StoreError, match="cannot be used"):
            use()


def test_chart_of_a_file_that_cannot_be_made_says_why() -> None:
    store().path.parent.parent.mkdir(exist_ok=True)
    store().path.parent.touch()
    said = str(smtp.progress().plot())
    assert "cannot be used" in said
    assert "No answers yet" not in said


def test_report_of_a_file_that_can_only_be_read_shows_the_answers_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store().add([ONE])
    monkeypatch.setattr(os, "access", lambda path, mode: path != store().path)
    said = re.sub(r"\s+", " ", str(smtp.progress()))
    assert said.index("cannot be opened or written here") < said.index("0/11")


def test_report_explains_mastery_and_says_what_to_do_next() -> None:
    store().add([ONE])
    said = re.sub(r"\s+", " ", str(smtp.progress()))
    assert "A bar of 11 cells is mastery: 11 right first answers in a row" in said
    assert "run `smtp.review()` in a cell." in said


def test_each_source_of_a_belief_is_a_run_of_its_own(each_language: str) -> None:
    name = next(name for name, one in misconceptions().items() if one.source.count(";") == 1)
    store().add([replace(ONE, misconceptions=(name,))])
    sources = misconceptions()[name].source.split("; ")
    between = {"en": ", ", "ar": "، "}[each_language]
    isolated = between.join(f'<bdi dir="ltr">{source}</bdi>' for source in sources)
    assert f"({isolated})" in smtp.progress().to_html()


def test_hostile_names_are_text() -> None:
    name = "<script>alert(1)</script>"
    store().add([replace(ONE, objective=name, item=name, misconceptions=(name,))])
    found = smtp.progress()
    for html in (found.to_html(), found.plot().to_html()):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_report_is_in_the_current_language(each_language: str) -> None:
    store().add([ONE])
    assert ("تقدُّمك" in str(smtp.progress())) == (each_language == "ar")


# ---- the chart ----


def test_chart_has_a_point_for_each_answer_and_brings_its_own_data() -> None:
    store().add([*right(3), replace(ONE, objective="")])
    bundle = smtp.progress().plot()._repr_mimebundle_()
    assert set(bundle) == {VEGA_LITE, "text/plain"}
    spec = bundle[VEGA_LITE]
    rows = spec["data"]["values"]
    assert [row["objective"] for row in rows] == [
        objectives()["moved"].title().replace("`", "")
    ] * 3
    assert [row["mastery"] for row in rows] == sorted(row["mastery"] for row in rows)
    assert all(row["right"] for row in rows)
    encoding = spec["encoding"]
    assert encoding["y"]["scale"]["domain"] == [
        one.title().replace("`", "") for one in objectives().values()
    ]
    assert encoding["fill"]["condition"]["test"] == "datum.right"
    assert {encoding["x"]["field"], encoding["y"]["field"]} < set(rows[0])
    assert "url" not in json.dumps(spec)


def test_chart_falls_back_to_a_table_of_days() -> None:
    first = right(2)
    later = [replace(one, id=f"later {one.id}", at="2026-02-03T00:00:00Z") for one in right(1)]
    store().add([*first, *later])
    said = str(smtp.progress().plot())
    assert said.count("2026-01-24") == said.count("2026-02-03") == 1


def test_chart_without_answers_is_a_sentence() -> None:
    bundle = smtp.progress().plot()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "No answers yet" in bundle["text/plain"]


def test_chart_shows_what_would_turn_a_page_and_has_none_of_it() -> None:
    assert smtp.progress().plot().spec["data"]["values"] == []
    store().add([replace(ONE, objective="a\u202eb")])
    chart = json.dumps(smtp.progress().plot().spec, ensure_ascii=False)
    assert "\u202e" not in chart
    assert json.dumps("a\\u202eb") in chart


def test_chart_runs_forward_whatever_the_clock_did() -> None:
    times = ["2026-03-01", "1970-01-01", "8000-01-01", "2026-03-04"]
    store().add([replace(ONE, id=str(n), at=f"{day}T00:00:00Z") for n, day in enumerate(times)])
    rows = smtp.progress().plot().spec["data"]["values"]
    found = [row["at"] for row in rows]
    assert found == sorted(found)
    assert found[-1] < format_time(datetime.now(UTC) + timedelta(days=1))


def axis_of(*times: str) -> dict[str, Any]:
    store().add([replace(ONE, id=time, at=time) for time in times])
    x: dict[str, Any] = smtp.progress().plot().spec["encoding"]["x"]
    store().erase()
    return x


@pytest.mark.parametrize(
    ("last", "written", "day"),
    [
        ("2026-01-24T09:31:00Z", "%H:%M:%S", True),
        ("2026-01-24T12:00:00Z", "%H:%M", True),
        ("2026-01-25T03:00:00Z", "%H:%M", True),
        ("2026-01-26T12:00:00Z", "%m-%d %H:%M", False),
        ("2026-03-24T12:00:00Z", "%Y-%m-%d", False),
    ],
)
def test_labels_of_time_are_few_and_tell_moments_apart(last: str, written: str, day: bool) -> None:
    first = "2026-01-24T09:30:00Z"
    x = axis_of(first, last)
    assert x["axis"] == {
        **x["axis"],
        "format": written,
        "tickCount": 3,
        "labelOverlap": "greedy",
    }
    days = [f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d}" for at in (first, last)]
    assert x["title"] == (" – ".join(dict.fromkeys(days)) if day else None)


@pytest.mark.parametrize("others", [[], ["2026-01-24T09:30:00Z"]])
def test_chart_of_one_moment_has_room_around_its_point(others: list[str]) -> None:
    x = axis_of("2026-01-24T09:30:00.000Z", *others)
    assert x["scale"]["domain"] == ["2026-01-24T09:00:00.000Z", "2026-01-24T10:00:00.000Z"]


def test_jupyterlab_brings_what_draws_the_chart() -> None:
    """Its core bundle knows the type of our chart, so no plotting library is needed."""
    from jupyterlab.commands import get_app_dir

    static = Path(get_app_dir()) / "static"
    assert any(VEGA_LITE in path.read_text("utf-8") for path in static.glob("jlab_core.*.js"))


# ---- path, export, delete ----


def test_looking_at_another_file_moves_nobodys_answers(tmp_path: Path) -> None:
    other = Store(tmp_path / "student5.sqlite3")
    other.add([replace(ONE, id="theirs")])
    usual = store().path
    found = smtp.progress(other.path)
    assert (list(found.attempts["id"]), found.path) == (["theirs"], other.path)
    store().add([ONE])
    assert (store().path, smtp.progress().path) == (usual, usual)
    assert list(smtp.progress().attempts["id"]) == ["one"]
    assert [attempt.id for attempt in other.attempts()] == ["theirs"]


def test_file_of_somebody_else_need_not_be_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Store(tmp_path / "student5.sqlite3")
    other.add([ONE])
    monkeypatch.setattr(os, "access", lambda path, mode: path != other.path)
    found = smtp.progress(other.path)
    assert (found.trouble, len(found.attempts)) == ("", 1)


def test_file_that_is_not_there_is_told(tmp_path: Path, each_language: str) -> None:
    found = smtp.progress(tmp_path / "misspelt.sqlite3")
    assert str(tmp_path / "misspelt.sqlite3") in found.trouble
    assert ("لا يوجد" in found.trouble) == (each_language == "ar")
    assert found.trouble.split()[0] in str(found)
    assert found.attempts.empty
    assert smtp.progress().trouble == ""


def test_export_and_its_error(tmp_path: Path) -> None:
    store().add([ONE])
    target = smtp.progress().export(tmp_path / "out.csv")
    assert pd.read_csv(target)["id"].tolist() == ["one"]
    with pytest.raises(Exception, match="not overwritten"):
        smtp.progress().export(target)


def test_delete_wants_to_be_sure() -> None:
    store().add([ONE])
    found = smtp.progress()
    with pytest.raises(ValueError, match=r"permanently.* \(1 now\).*delete\(confirm=True\)"):
        found.delete()
    assert len(store().attempts()) == 1
    found.delete(confirm=True)
    assert store().attempts() == []
    assert found.attempts.empty


# ---- the command line ----


def test_command_shows_path_report_and_export(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    store().add([ONE])
    assert cli.main(["progress", "--path"]) == 0
    assert capsys.readouterr().out == f"{store().path}\n"
    assert cli.main(["progress", "--language", "ar"]) == 0
    assert "تقدُّمك" in capsys.readouterr().out
    smtp.language("en")
    assert cli.main(["progress", "--export", str(tmp_path / "out.jsonl")]) == 0
    assert cli.main(["progress", "--export", str(tmp_path / "out.jsonl")]) == 1
    said = capsys.readouterr()
    assert "not overwritten" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(("said", "left"), [("yes", 0), ("no", 1), ("", 1), (None, 1)])
def test_command_deletes_only_after_a_yes(
    said: str | None, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(question: str) -> str:
        assert str(store().path) in question
        if said is None:
            raise EOFError
        return said

    store().add([ONE])
    monkeypatch.setattr("builtins.input", answer)
    assert cli.main(["progress", "--delete"]) == left
    assert len(store().attempts()) == left


def test_command_deletes_without_a_question_where_told() -> None:
    store().add([ONE])
    assert cli.main(["progress", "--delete", "--yes"]) == 0
    assert store().attempts() == []


def test_command_says_in_one_line_that_the_file_cannot_be_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    store().path.mkdir(parents=True)
    assert cli.main(["progress"]) == 1
    error = capsys.readouterr().err
    assert str(store().path) in error
    assert error.count("\n") == 1
