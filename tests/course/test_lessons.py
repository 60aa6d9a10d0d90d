"""The rules of a lesson that nbval does not know, and how lessons reach the learner."""

from __future__ import annotations

import errno
import os
import platform
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import nbformat
import pytest
from for_each import for_each
from nbformat.sign import NotebookNotary
from refresh_lessons import revealed
from table_of_lessons import BETWEEN, README, notebooks, table

from smtpedu.course import lessons
from smtpedu.course.exercises import check
from smtpedu.files import folder, read_toml
from smtpedu.questions.bank import objectives, predictions
from smtpedu.widgets.shared import MIME

FOLDER = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(FOLDER.rglob("*.ipynb"))
MOST_LINES = 5


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_lessons_in_order() -> None:
    numbers = [int(path.name[:2]) for path in sorted(FOLDER.glob("[0-9]*.ipynb"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 4


def test_size_and_length(lesson: Path) -> None:
    """What a person reads and runs in 20 to 25 minutes."""
    assert lesson.stat().st_size < 100_000
    assert len(cells(lesson, "code")) <= 18
    words = sum(len(cell.source.split()) for cell in cells(lesson, "markdown"))
    assert 400 <= words <= 900  # headings, links and exercises included


def test_code_is_short_and_plain(lesson: Path) -> None:
    for cell in cells(lesson, "code"):
        assert 1 <= len(cell.source.splitlines()) <= MOST_LINES, cell.source
        # The one function is the learner's own: a starter that ends in `return ...`.
        banned = r"^[%!]|^\s*def (?!(.|\n)*return \.\.\.$)|set_option|HTML\("
        assert not re.search(banned, cell.source, re.M), cell.source


def test_code_does_not_run_on_without_prose(lesson: Path) -> None:
    kinds = "".join(cell.cell_type[0] for cell in nbformat.read(lesson, 4).cells)
    assert "ccc" not in kinds
    assert kinds[0] == "m"


def test_every_cell_was_run_and_nothing_random_is_stored(lesson: Path) -> None:
    text = lesson.read_text(encoding="utf-8")
    assert "widget-view" not in text
    assert "ignore-output" not in text
    assert "0x" not in re.sub(r"data:[^\"]*", "", text)
    for number, cell in enumerate(cells(lesson, "code"), 1):
        assert cell.execution_count == number
        assert not any(output.output_type == "error" for output in cell.outputs)


# What obstructs who does not know pandas; lessons 7 and 8 are for those who want more.
PANDAS = r"\.(loc|iloc|query|groupby|assign|value_counts|T)\b|~"


def test_a_frame_is_one_call_that_reads_as_english(lesson: Path) -> None:
    if lesson.name[:2] not in ("07", "08"):
        assert [c.source for c in cells(lesson, "code") if re.search(PANDAS, c.source)] == []


# ---- predictions ----

PREDICT = r'smtp\.predict\("([\w-]+)"\)$'
REVEAL = r'smtp\.reveal\("([\w-]+)", '
WITHHELD = "Run the cell of the question above, and answer it. Then run this cell again."
ASKS = re.compile(r"smtp\.(predict|reveal|check|quiz|review|hint)\(")


def test_some_predictions_are_asked_each_from_the_lessons_own_file(lesson: Path) -> None:
    asked = [name for cell in cells(lesson, "code") for name in re.findall(PREDICT, cell.source)]
    number = lesson.name[:2]
    stem = f"lesson-{int(number)}" if number.isdecimal() else lesson.stem
    path = folder("data") / "predictions" / f"{stem}.toml"
    assert 4 <= len(asked) <= 6
    assert asked == [one["id"] for one in read_toml(path)["question"]]


def test_what_happened_is_shown_after_it_was_asked_and_is_not_stored(lesson: Path) -> None:
    asked: list[str] = []
    for cell in cells(lesson, "code"):
        for name in re.findall(REVEAL, cell.source):
            assert asked and name == asked[-1]
            (output,) = cell.outputs
            assert output.data["text/plain"] == WITHHELD
        asked += re.findall(PREDICT, cell.source)


def test_what_follows_a_question_in_prose_answers_nothing(lesson: Path) -> None:
    """A question is followed by what takes an answer, or by what is there to be explored."""
    book = nbformat.read(lesson, 4)
    for cell, following in pairwise(book.cells):
        last = cell.source.rstrip().split("\n\n")[-1]
        if cell.cell_type == "markdown" and "?" in last and following.cell_type == "code":
            shown = [kind for one in following.outputs for kind in one.get("data", {"text": 0})]
            is_asked = ASKS.search(following.source)
            assert is_asked or not shown or MIME in shown, (last, following.source)


def test_prose_near_a_question_does_not_give_it_away(lesson: Path) -> None:
    """What is read with a prediction in view: the Markdown above it, and the next one below."""
    book = nbformat.read(lesson, 4)
    for number, cell in enumerate(book.cells):
        for name in re.findall(PREDICT, cell.source) if cell.cell_type == "code" else ():
            below = (one for one in book.cells[number + 1 :] if one.cell_type == "markdown")
            near = [book.cells[number - 1], next(below)]
            said = " ".join(one.source for one in near if one.cell_type == "markdown")
            for option in predictions()[name].options:
                if option.right and len(option.text.split()) > 2:
                    assert option.text.rstrip(".").casefold() not in said.casefold(), name


def test_what_is_revealed_is_what_happens(lesson: Path) -> None:
    path = Path(__file__).parent / "revealed" / f"{lesson.stem}.txt"
    shown = revealed(lesson)
    assert WITHHELD not in shown
    assert shown == path.read_text("utf-8")


def test_what_is_known_now_stands_above_what_asks_for_it_and_the_quiz_comes_last(
    lesson: Path,
) -> None:
    book = nbformat.read(lesson, 4)
    *_, quiz, links = book.cells
    if "lesson" in book.metadata.smtpedu:
        assert "smtp.quiz(" in quiz.source or lesson.name.startswith("08")
        assert re.fullmatch(r"(\W*(Next: |Back to )?\[[^]]+\]\([^)]+\)\W*)+", links.source)
    heads = re.findall("^## (.*)$", "\n".join(c.source for c in cells(lesson, "markdown")), re.M)
    after = heads[heads.index("What you know now") :]
    assert set(after[1:]) <= {"Glossary", "Exercises", "Check yourself"}


def test_exercises_exist_and_start_unattempted(lesson: Path) -> None:
    checked = [cell for cell in cells(lesson, "code") if "smtp.check(" in cell.source]
    assert 2 <= len(checked) <= 4 or lesson.stem == "classroom"
    for cell in checked:
        name = re.fullmatch(
            r'answer = \.\.\.\nsmtp\.check\("([\w-]+)", answer\)|smtp\.check\("deliver", deliver\)',
            cell.source,
        )
        assert name
        assert check(name[1] or "deliver").outcome == "unattempted"


def test_links_lead_somewhere(lesson: Path) -> None:
    for cell in cells(lesson, "markdown"):
        for target in re.findall(r"\]\(([^)]+)\)", cell.source):
            if target.startswith("http"):
                assert re.match(r"https://www\.rfc-editor\.org/rfc/rfc\d+(#|$)", target), target
            else:
                assert (lesson.parent / target).exists(), target


def test_sources_are_linked_where_they_say(lesson: Path) -> None:
    """`[RFC 5321 §3.4](…rfc5321#section-3.4)`: the text and the address agree."""
    for cell in cells(lesson, "markdown"):
        for number, section, url in re.findall(r"\[RFC (\d+) §([\d.]+)\]\(([^)]+)\)", cell.source):
            assert url == f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"


# ---- what a lesson says of itself, in its metadata ----


def test_the_readme_has_the_table_that_the_lessons_give() -> None:
    (found,) = BETWEEN.findall(README.read_text("utf-8"))
    assert found == table()


def test_every_objective_is_in_the_lesson_that_teaches_it() -> None:
    named = {one.lesson: set(one.objectives) for one in notebooks()}
    for one in objectives().values():
        assert one.name in named[one.lesson], one.name
    assert set().union(*named.values()) <= set(objectives())


def test_lessons_say_their_number_and_take_a_sitting() -> None:
    for one in notebooks():
        if one.path.stem == "classroom":
            assert (one.lesson, one.minutes) == (None, 50)
        else:
            assert (one.lesson, one.title[0]) == (int(one.path.name[:2]), str(one.lesson))
            assert 15 <= one.minutes <= 30


def test_a_term_is_introduced_once_where_it_is_said() -> None:
    before: set[str] = set()
    for one in notebooks():
        said = one.prose.lower()
        for term in one.terms:
            assert re.search(rf"\b{re.escape(term.lower())}", said), (one.title, term)
            # In a class, terms of any lesson may come first.
            assert not one.lesson or term not in before, (one.title, term)
        before |= set(one.terms)


# ---- how lessons reach the learner ----


def test_the_copy_keeps_what_a_lesson_says_of_itself(tmp_path: Path) -> None:
    copied = [nbformat.read(one.path, 4).metadata.smtpedu for one in lessons.copy(tmp_path, "en")]
    assert copied == [nbformat.read(path, 4).metadata.smtpedu for path in lessons.shipped("en")]


def test_lessons_are_known_by_their_numbers() -> None:
    known = lessons.numbered("en")
    assert known == lessons.numbered("ar")
    assert known[3] == "03-user-not-local.ipynb"
    assert list(known) == list(range(1, len(known) + 1))


def saved(path: Path, at: int, *, run: bool = False, said: str = "") -> None:
    """As JupyterLab saves it, at a time; `run`: a cell was; `said`: the learner added that."""
    book = nbformat.read(path, 4)
    code = next(cell for cell in book.cells if cell.cell_type == "code")
    code.execution_count = 1 if run else None
    code.source += said
    nbformat.write(book, path)
    os.utime(path, (at, at))


def test_the_lesson_last_worked_at_was_run_or_changed(tmp_path: Path) -> None:
    first, second, third, *_ = (one.path for one in lessons.copy(tmp_path, "en"))
    assert lessons.last_worked_at(tmp_path, "en") is None
    soon = int(first.stat().st_mtime) + 100
    saved(third, soon + 9)  # only looked at
    assert lessons.last_worked_at(tmp_path, "en") is None
    saved(second, soon, run=True)
    assert lessons.last_worked_at(tmp_path, "en") == second
    saved(first, soon + 1, said="\n1 + 1")
    assert lessons.last_worked_at(tmp_path, "en") == first
    saved(second, soon + 2, run=True)
    assert lessons.last_worked_at(tmp_path, "en") == second


def test_the_lesson_last_worked_at_may_be_a_fresh_copy(tmp_path: Path) -> None:
    first, *_ = (one.path for one in lessons.copy(tmp_path, "en"))
    saved(first, 1_700_000_000, said="mine")
    changed, *_ = lessons.copy(tmp_path, "en", fresh=True)
    assert changed.fresh
    saved(changed.fresh, 1_800_000_000, run=True)
    assert lessons.last_worked_at(tmp_path, "en") == changed.fresh


ODD: list[tuple[str, Callable[[Path], object]]] = [
    ("broken off", lambda path: path.write_text('{"cells": [{"cell_type": "code", "sou')),
    ("null", lambda path: path.write_text("null")),
    ("a list", lambda path: path.write_text("[]")),
    ("cells that are none", lambda path: path.write_text('{"cells": 1}')),
    ("a cell without source", lambda path: path.write_text('{"cells": [{}]}')),
    ("a source of numbers", lambda path: path.write_text('{"cells": [{"source": [1]}]}')),
    ("a source that is a number", lambda path: path.write_text('{"cells": [{"source": 1}]}')),
    ("brackets", lambda path: path.write_text("[" * 100_000)),
    ("nested cells", lambda path: path.write_text('{"cells": ' + "[" * 9000 + "]" * 9000 + "}")),
    ("a number without end", lambda path: path.write_text('{"cells": ' + "1" * 5000 + "}")),
    ("not UTF-8", lambda path: path.write_bytes(b'{"cells": "\xff"}')),
    ("a folder", lambda path: path.mkdir()),
    ("a pipe", lambda path: os.mkfifo(path, 0o600)),
    ("a link to nothing", lambda path: path.symlink_to("nothing")),
    ("a link to itself", lambda path: path.symlink_to(path)),
    ("a link to a device", lambda path: path.symlink_to("/dev/full")),
    ("gigabytes", lambda path: (path.touch(), os.truncate(path, 5 << 30))),
]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files")
@for_each("what, make", ODD)
def test_what_is_no_notebook_is_kept_and_not_worked_at(
    what: str,
    make: Callable[[Path], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped = sorted(FOLDER.glob("*.ipynb"))[:2]
    monkeypatch.setattr(lessons, "shipped", lambda _: shipped)
    first, second = (path.name for path in shipped)
    folder = tmp_path / what.replace(" ", "-")
    folder.mkdir()
    copy_of_it = folder / f"{Path(second).stem}-Copy1.ipynb"
    for path in (folder / first, copy_of_it, folder / f"{Path(first).stem}.fresh.ipynb"):
        make(path)
    before = written(folder / first)
    copied = list(lessons.copy(folder, "en", fresh=True))
    assert [one.path.name for one in copied if one.changed] == [first]
    assert copied[0].broken and copied[0].usable == folder / f"{Path(first).stem}.fresh1.ipynb"
    assert lessons.last_worked_at(folder, "en") is None
    assert written(folder / first) == before
    assert not (folder / "nothing").exists()


def written(path: Path) -> list[int]:
    """What is other once somebody has written to it; to look into it is none of that."""
    found = path.lstat()
    return [found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns]


def test_an_empty_file_is_no_lesson_and_gives_way_to_one(tmp_path: Path) -> None:
    first = tmp_path / lessons.shipped("en")[0].name
    first.touch()
    assert not any(one.changed for one in lessons.copy(tmp_path, "en"))
    assert first.stat().st_size


def test_a_lesson_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk is full nothing stays behind, and once it is not, all is brought."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as changed:
        changed.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            list(lessons.copy(tmp_path, "en"))
    assert list(tmp_path.iterdir()) == []
    assert not any(one.changed for one in lessons.copy(tmp_path, "en"))


def test_lessons_are_brought_once_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(lambda _: list(lessons.copy(tmp_path, "en", fresh=True)), range(4))]
    assert not any(one.changed for copied in found for one in copied)
    names = {path.name for path in lessons.shipped("en")}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_copies_all_lessons(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder"
    copied = list(lessons.copy(target, "en"))
    assert [lesson.path.name for lesson in copied] == [path.name for path in lessons.shipped("en")]
    assert all(lesson.path.read_bytes() for lesson in copied)
    assert not any(lesson.changed for lesson in copied)


def test_never_overwrites_what_the_learner_changed(tmp_path: Path) -> None:
    first, second, *_ = (lesson.path for lesson in lessons.copy(tmp_path, "en"))
    first.write_text("mine")
    again = list(lessons.copy(tmp_path, "en"))
    assert first.read_text() == "mine"
    assert [lesson.path for lesson in again if lesson.changed] == [first]
    assert second.exists()
    assert list(tmp_path.glob("*.fresh.ipynb")) == []


@for_each("error", [OSError("full"), sqlite3.OperationalError("database is locked")])
def test_copies_what_cannot_be_signed(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NotebookNotary, "sign", Mock(side_effect=error))
    copied = list(lessons.copy(tmp_path / type(error).__name__, "en"))
    assert [one.path.name for one in copied] == [one.name for one in lessons.shipped("en")]
    assert not [one for one in copied if one.changed]


def test_puts_a_fresh_copy_beside_on_request(tmp_path: Path) -> None:
    first, *_ = (lesson.path for lesson in lessons.copy(tmp_path, "en"))
    shipped = first.read_bytes()
    first.write_text("mine")
    changed, *others = lessons.copy(tmp_path, "en", fresh=True)
    assert changed.fresh == tmp_path / f"{first.stem}.fresh.ipynb"
    assert changed.fresh.read_bytes() == shipped
    changed.fresh.write_text("mine too")
    again, *_ = lessons.copy(tmp_path, "en", fresh=True)
    assert changed.fresh.read_text() == "mine too"
    assert again.fresh != changed.fresh
    assert first.read_text() == "mine"
    assert not any(lesson.fresh for lesson in others)


def test_running_and_saving_is_no_change(tmp_path: Path) -> None:
    first, *_ = lessons.copy(tmp_path, "en")
    book = nbformat.read(first.path, 4)
    book.metadata["widgets"] = {"any": "state"}
    book.cells[2].outputs = []
    nbformat.write(book, first.path)
    assert not next(lessons.copy(tmp_path, "en")).changed


def test_the_copy_names_this_kernel_and_the_shipped_lesson_names_none(tmp_path: Path) -> None:
    """What JupyterLab would write is there: nothing has changed before the learner acts."""
    (first, *_) = (lesson.path for lesson in lessons.copy(tmp_path / "lessons", "en"))
    metadata = nbformat.read(first, as_version=4).metadata
    assert metadata.language_info.version == platform.python_version()
    assert metadata.kernelspec.display_name != "Python 3"
    for path in LESSONS:
        assert "version" not in nbformat.read(path, as_version=4).metadata.language_info


def test_a_language_without_lessons_gets_the_english_ones() -> None:
    assert lessons.shipped("ar")
