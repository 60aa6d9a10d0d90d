"""The file of answers: nothing acknowledged is lost, nothing is overwritten."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.learner import database
from smtpedu.learner.attempt import RESPONSE_LIMIT, Attempt, AttemptError, Role
from smtpedu.learner.schema import SCHEMA
from smtpedu.learner.store import Run, Store, StoreError, store

ONE = Attempt(
    id="one",
    run="run",
    quiz="250-vs-551",
    role=Role.PRACTICE,
    item="moved-1",
    objective="moved",
    level="recall",
    kind="choice",
    number=1,
    response=2,
    right=False,
    score=0.0,
    misconceptions=("251-is-551",),
    guessed=False,
    hints=0,
    options=4,
    at="2026-11-24T09:30:00.000Z",
)
HOSTILE = [
    "'; DROP TABLE attempts; --",
    'a "quoted" \\ name',
    "before\0after",
    "\u202eright to left\u2066",
    "<script>alert(1)</script>",
    "{path} %s \n\r\t",
    "😀 نص",
]


# The tests may run as root, whom nothing stops. Texts are read while the checkout can be.
AS_NOBODY = """
import os
if os.geteuid() == 0:
    from smtpedu.i18n import text
    text("store.full")
    os.setgid(65534); os.setuid(65534)
"""


def several(count: int, prefix: str = "a") -> list[Attempt]:
    return [replace(ONE, id=f"{prefix}{n}") for n in range(count)]


OWN = "tests.learner.test_store"  # as a process begun at the top of the checkout finds this


def ids(kept: Store) -> list[str]:
    return [attempt.id for attempt in kept.attempts()]


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own, in which `ONE` and the store of `argv[1]` are there."""
    head = f"import sys; from dataclasses import replace; from {OWN} import ONE, Store, ids\n"
    command = [sys.executable, "-c", f"{head}kept = Store(sys.argv[1])\n{code}"]
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def said(process: subprocess.Popen[str]) -> str:
    """What it printed up to its end."""
    return process.communicate(timeout=120)[0]


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "folder" / "progress.sqlite3")


# ---- what is kept ----


def test_answers_come_back_as_they_were_and_in_their_order(kept: Store) -> None:
    attempts = [*several(3), replace(ONE, response=[1, {"a": None}], right=True, score=0.5)]
    assert kept.add(attempts) == ["a0", "a1", "a2", "one"]
    assert Store(kept.path).attempts() == attempts


def test_an_answer_that_comes_twice_is_kept_once_and_as_it_was(kept: Store) -> None:
    kept.add([ONE])
    assert kept.add([replace(ONE, right=True), replace(ONE, id="two")]) == ["one", "two"]
    assert kept.attempts() == [ONE, replace(ONE, id="two")]


def test_order_is_that_of_keeping_whatever_the_clock_says(kept: Store) -> None:
    kept.add([replace(ONE, id="new", at="2027-01-01T00:00:00Z")])
    kept.add([replace(ONE, id="old", at="1970-01-01T00:00:00Z")])
    assert ids(kept) == ["new", "old"]


def test_answers_of_one_run_can_be_had(kept: Store) -> None:
    kept.add([ONE, replace(ONE, id="two", run="other")])
    assert [attempt.id for attempt in kept.attempts("other")] == ["two"]


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_text_is_kept_as_data(kept: Store, said: str) -> None:
    attempt = replace(ONE, id=said, quiz=said, item=said, response=said, misconceptions=(said,))
    kept.add([attempt])
    kept.run(said, 1, [said])
    assert kept.attempts() == [attempt]
    assert kept.runs()[0].items == (said,)


@given(st.text(min_size=1, max_size=50).filter(lambda s: s.isprintable() or "\0" in s))
def test_any_text_is_kept_as_data(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    kept = Store(tmp_path_factory.mktemp("any") / "p.sqlite3")
    kept.add([replace(ONE, item=said, response={said: [said]})])
    assert kept.attempts()[0].response == {said: [said]}


def nested() -> list[object]:
    found: list[object] = []
    for _ in range(100_000):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", 5),
        ("id", "x" * 101),
        ("item", "\ud800"),
        ("quiz", None),
        ("number", 0),
        ("number", True),
        ("number", "1"),
        ("number", 2**70),
        ("options", 1.5),
        ("right", 1),
        ("guessed", "yes"),
        ("score", float("nan")),
        ("score", 1.01),
        ("score", True),
        ("misconceptions", ["a"]),
        ("misconceptions", ("",)),
        ("misconceptions", ("x",) * 51),
        ("response", {1, 2}),
        ("response", float("inf")),
        ("response", "x" * 1_000_000),
        ("response", nested()),
        ("at", "yesterday"),
        ("at", 5),
        ("at", "1969-01-01T00:00:00Z"),
        ("at", "9999-12-31T23:59:59-23:00"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str | int | float) else "",
)
def test_an_unsound_answer_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(AttemptError, match=f"an answer cannot be kept: {field}: ") as caught:
        replace(ONE, **{field: value})
    assert caught.value.field == field
    assert len(str(caught.value)) < 200


def test_the_longest_response_is_kept(kept: Store) -> None:
    longest = "x" * (RESPONSE_LIMIT - 2)
    kept.add([replace(ONE, response=longest)])
    assert kept.attempts()[0].response == longest
    with pytest.raises(AttemptError, match="at most 10000 characters"):
        replace(ONE, response=longest + "x")


@pytest.mark.parametrize(
    "at", ["2026-11-24T09:30:00Z", "2026-11-24T10:30:00.000+01:00", "2026-11-24T09:30:00.0001Z"]
)
def test_time_is_kept_in_utc_with_milliseconds(at: str) -> None:
    assert replace(ONE, at=at).at == "2026-11-24T09:30:00.000Z"


# ---- runs ----


def test_a_quiz_is_taken_up_where_it_was_left(kept: Store) -> None:
    run = kept.run("a", 5, ["x", "y"])
    assert Store(kept.path).run("a", 7, ["z"]) == run
    assert (run.seed, run.items, run.finished_at) == (5, ("x", "y"), None)
    assert kept.run("b", 7, ["z"]).id != run.id


def test_a_finished_quiz_begins_anew(kept: Store) -> None:
    run = kept.run("a", 2**80, ["x"])
    kept.finish(run.id)
    kept.finish("nobody")
    again = kept.run("a", 6, ["z"])
    assert (again.items, again.seed) == (("z",), 6)
    ended, running = kept.runs()
    assert (ended.id, ended.seed, running) == (run.id, 2**80, again)
    assert ended.finished_at is not None


def test_draft_that_is_handed_in_is_the_answer_and_nothing_else_changes(kept: Store) -> None:
    draft = replace(ONE, role=Role.DRAFT, objective="", right=False)
    exam = replace(ONE, role=Role.EXAM, right=True)
    other = replace(draft, id="two")
    kept.add([draft, other])
    kept.add([exam])
    assert kept.attempts() == [other, exam], "in the order in which they were handed in"
    kept.add([draft, replace(exam, right=False), replace(exam, role=Role.PRACTICE)])
    assert kept.attempts() == [other, exam]


def test_draft_that_comes_with_what_was_handed_in_does_not_take_its_place(kept: Store) -> None:
    """A page whose answers Python never confirmed sends them all, drafts first."""
    draft = replace(ONE, role=Role.DRAFT, objective="", right=False)
    exam = replace(ONE, role=Role.EXAM, right=True)
    other = replace(draft, id="two")
    for sent in ([draft, other, exam], [other, exam, draft]):
        assert kept.add([draft]) == [draft.id]
        assert set(kept.add(sent)) == {draft.id, other.id}
        assert {one.id: one for one in kept.attempts()} == {exam.id: exam, other.id: other}
        kept.erase()


def test_run_that_could_not_be_kept_is_kept_with_its_first_answer(kept: Store) -> None:
    run = Run("r", "q", "q exam", Role.EXAM, 3, ("x", "y"), BEGUN)
    kept.add([replace(ONE, run="r", item="x", role=Role.EXAM)], run=run, handed_in={"r": ENDED})
    assert kept.runs() == [replace(run, finished_at=ENDED)]
    kept.add([replace(ONE, id="late", run="r")], run=run)
    assert kept.runs() == [replace(run, finished_at=ENDED)]
    practice = kept.run("q", 0, ["x"])
    kept.add([replace(ONE, id="p", run=practice.id)], handed_in={practice.id: ENDED})
    assert kept.runs()[-1].finished_at is None, "only an exam can be handed in"


def test_exam_goes_on_as_its_result_until_another_is_begun(kept: Store) -> None:
    run = kept.run("q", 0, ["x"], key="q exam", role=Role.EXAM)
    kept.add([replace(ONE, run=run.id, role=Role.EXAM)], handed_in={run.id: ENDED})
    assert kept.run("q", 1, ["y"], key="q exam", role=Role.EXAM) == replace(run, finished_at=ENDED)
    assert kept.run("q", 1, ["y"]).id != run.id, "a practice is another thing"
    new = kept.run("q", 1, ["y"], key="q exam", role=Role.EXAM, after=run.id)
    assert new.items == ("y",)
    assert kept.run("q", 2, ["z"], key="q exam", role=Role.EXAM, after=run.id) == new


# ---- a file of version 1 ----

VERSION_1 = (
    """CREATE TABLE attempts (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, run TEXT NOT NULL, quiz TEXT NOT NULL, item TEXT NOT NULL,
        objective TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL,
        number INTEGER NOT NULL, response TEXT NOT NULL CHECK (json_valid(response)),
        right INTEGER NOT NULL, score REAL NOT NULL,
        misconceptions TEXT NOT NULL CHECK (json_valid(misconceptions)),
        guessed INTEGER NOT NULL, hints INTEGER NOT NULL, options INTEGER NOT NULL,
        at TEXT NOT NULL)""",
    "CREATE INDEX attempts_of_run ON attempts (run)",
    """CREATE TABLE runs (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, quiz TEXT NOT NULL, seed TEXT NOT NULL,
        items TEXT NOT NULL CHECK (json_valid(items)),
        started_at TEXT NOT NULL, finished_at TEXT)""",
    f"PRAGMA application_id = {database.APPLICATION}",
    "PRAGMA user_version = 1",
    "PRAGMA journal_mode = WAL",
)
BEGUN, ANSWERED, ENDED = (f"2026-11-24T09:3{n}:00.000Z" for n in range(3))
OLD_RUNS = {  # id → key, finished
    "p": ("250-vs-551 10 0", ENDED),
    "e": ("250-vs-551 10 0 exam", None),
    "again": ("my exam.toml 5 -3 exam 0123456789abcdef", ENDED),
    "open": ("250-vs-551 10 7 exam", None),
    "named": ("an exam 4 12 0123456789abcdef", None),
}
OLD_ATTEMPTS = [  # id, run, item, graded
    ("one", "p", "x", True),
    ("own", "p", "y", False),  # a teacher's question may have no objective
    ("d1", "e", "x", False),
    ("d2", "e", "x", False),
    ("d2-final", "e", "x", True),
    ("d3", "again", "x", False),
    ("d3-final", "again", "x", True),
    ("d4", "open", "x", False),
    ("d5", "unknown", "x", False),  # its run could not be kept
    ("lost-final", "unknown", "x", True),
]


@pytest.fixture
def old(kept: Store) -> Store:
    """A file as version 0.1 has left it."""
    kept.path.parent.mkdir()
    connection = sqlite3.connect(kept.path, isolation_level=None)
    for statement in VERSION_1:
        connection.execute(statement)
    for name, (key, finished) in OLD_RUNS.items():
        row = (name, key, "0", '["x", "y"]', BEGUN, finished)
        connection.execute(
            "INSERT INTO runs (id, quiz, seed, items, started_at, finished_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
    columns = "id, run, quiz, item, objective, level, kind, number, response, right, score, "
    columns += "misconceptions, guessed, hints, options, at"
    for name, run, item, graded in OLD_ATTEMPTS:
        said = ("moved", "recall") if graded else ("", "")
        row = (name, run, "q", item, *said, "choice", 1, "2", graded, float(graded))
        row += ('["251-is-551"]' if graded else "[]", False, 0, 4, ANSWERED)
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO attempts ({columns}) VALUES ({places})", row)  # noqa: S608
    connection.close()
    return kept


CARRIED = [
    ("one", "practice", "moved"),
    ("own", "practice", ""),
    ("d1", "draft", ""),
    ("d2", "exam", "moved"),
    ("d3", "exam", "moved"),
    ("d4", "draft", ""),
    ("d5", "draft", ""),
    ("lost", "exam", "moved"),
]


def carried(kept: Store) -> list[tuple[str, str, str]]:
    return [(one.id, one.role, one.objective) for one in kept.attempts()]


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return found


def test_older_file_is_read_as_it_is_and_stays_so(old: Store, tmp_path: Path) -> None:
    content = old.path.read_bytes()
    old.check()
    assert carried(old) == CARRIED
    assert [run.role for run in old.runs()] == ["practice", *["exam"] * 3, "practice"]
    assert '"role": "exam"' in old.export(tmp_path / "out.jsonl").read_text("utf-8")
    assert (version(old.path), old.path.read_bytes()) == (1, content)


def test_older_file_is_carried_over_when_the_next_answer_is_kept(old: Store) -> None:
    old.add([replace(ONE, id="new")])
    assert version(old.path) == SCHEMA.version
    again = Store(old.path)
    assert carried(again) == [*CARRIED, ("new", "practice", "moved")]
    runs = {run.id: (run.quiz, run.key, run.role, run.finished_at) for run in again.runs()}
    assert runs == {
        "p": ("250-vs-551", "250-vs-551 10 0", "practice", ENDED),
        "e": ("250-vs-551", "250-vs-551 10 0 exam", "exam", ANSWERED),
        "again": ("my exam.toml", "my exam.toml 5 -3 exam 0123456789abcdef", "exam", ANSWERED),
        "open": ("250-vs-551", "250-vs-551 10 7 exam", "exam", None),
        "named": ("an exam", "an exam 4 12 0123456789abcdef", "practice", None),
    }
    assert again.file_ids() == old.file_ids()
    assert again.notice == "" and not again._file.damaged_files()
    # A journal that still holds what was handed in brings no second answer.
    again.add([replace(ONE, id="d2", role=Role.EXAM), replace(ONE, id="d4", role=Role.EXAM)])
    assert [one.role for one in again.attempts() if one.id in ("d2", "d4")] == ["exam", "exam"]
    assert len(again.attempts()) == len(CARRIED) + 1


def test_processes_that_meet_an_older_file_at_once_carry_it_over_once(old: Store) -> None:
    code = "kept.add([replace(ONE, id=sys.argv[2])]); print(kept.file_ids()[0])"
    processes = [python(code, old.path, name) for name in "abc"]
    assert {said(process).strip() for process in processes} == {old.file_ids()[0]}
    assert carried(old)[: len(CARRIED)] == CARRIED
    assert sorted(ids(old)[len(CARRIED) :]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET quiz = CAST(x'71ff20312031' AS TEXT) WHERE id = 'p'",
        "UPDATE runs SET quiz = x'71ff20312031' WHERE id = 'p'",
        "UPDATE attempts SET misconceptions = '7', kind = x'ff' WHERE id = 'own'",
        "INSERT INTO attempts SELECT 99, 'one-final', run, quiz, item, objective, level, kind, "
        "number, response, right, score, misconceptions, guessed, hints, options, at "
        "FROM attempts WHERE id = 'one'",
        "UPDATE attempts SET id = 'd2-FINAL' WHERE id = 'd1'",
        "UPDATE attempts SET run = 'e' WHERE id = 'one'",
        "UPDATE attempts SET id = 'own-final' WHERE id = 'd2-final'",
    ],
)
def test_older_file_with_an_odd_row_is_carried_over_all_the_same(old: Store, damage: str) -> None:
    made(old.path, damage)
    before = ids(old)
    assert len(before) >= len(CARRIED) - 1 and len(set(before)) == len(before)
    old.add([replace(ONE, id="new")])
    assert ids(old) == [*before, "new"] and version(old.path) == SCHEMA.version
    assert len(old.runs()) == len(OLD_RUNS)


def test_file_that_was_carried_over_is_as_one_that_is_new(old: Store, tmp_path: Path) -> None:
    new = Store(tmp_path / "new.sqlite3")
    for one in (old, new):
        one.add([replace(ONE, id="new")])

    def tables(kept: Store) -> list[tuple[str, str]]:
        query = "SELECT name, sql FROM sqlite_master ORDER BY name"
        found: list[tuple[str, str]] = kept._file.read(lambda f: f.execute(query).fetchall(), [])
        return found

    assert tables(old) == tables(new)


def test_exam_of_an_older_file_that_nobody_handed_in_is_not_exported_as_empty(
    old: Store, tmp_path: Path
) -> None:
    made(old.path, "UPDATE runs SET finished_at = started_at WHERE id = 'open'")
    with old.export(tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert "open" not in {row["run"] for row in csv.DictReader(file)}


def test_file_that_is_carried_over_meanwhile_can_be_read(
    old: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process does it between the reader's two looks at the version."""
    look = database._pragma

    def late(connection: sqlite3.Connection, name: str) -> object:
        found = look(connection, name)
        if name == "user_version" and found == 1:
            monkeypatch.undo()
            Store(old.path).add([replace(ONE, id="new")])
        return found

    old.check()
    monkeypatch.setattr(database, "_pragma", late)
    assert carried(old) == [*CARRIED, ("new", "practice", "moved")]


# ---- whose it is ----


def test_each_file_has_an_id_of_its_own_that_stays(kept: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other.sqlite3")
    for one in (kept, other):
        one.add([ONE])
    mine, theirs = kept.file_ids(), other.file_ids()
    assert re.fullmatch("[0-9a-f]{32}", mine[0])
    assert not set(mine) & set(theirs)
    assert Store(kept.path).file_ids() == mine
    kept.erase()
    assert kept.file_ids() == mine


def test_file_that_was_damaged_goes_on_taking_what_was_given_to_it(kept: Store) -> None:
    kept.add([ONE])
    before = list(kept.file_ids())
    kept.path.write_bytes(b"damaged" * 99)
    after = kept.file_ids()
    assert (len(after), after[1:]) == (2, before)


def test_looking_at_a_damaged_file_neither_renames_nor_replaces_it(kept: Store) -> None:
    kept.path.parent.mkdir()
    looking = Store(kept.path, read_only=True)
    assert looking.attempts() == []
    kept.path.touch()
    assert looking.attempts() == [] and kept.path.stat().st_size == 0
    kept.path.write_bytes(b"damaged" * 99)
    with pytest.raises(StoreError, match=r"progress.sqlite3` is damaged and cannot be read"):
        looking.attempts()
    assert [path.name for path in kept.path.parent.iterdir()] == [kept.path.name]
    assert kept.path.read_bytes() == b"damaged" * 99


@pytest.mark.parametrize("named", [True, False])
def test_voila_keeps_nothing_unless_it_is_told_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: bool, each_language: str
) -> None:
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if not named:
        monkeypatch.delenv("SMTPEDU_PROGRESS")
    own = store()
    run = own.run("a", 1, ["x"])
    own.add([ONE])
    assert (own.run("a", 2, ["y"]), ids(own)) == (run, ["one"])
    assert own.path.exists() == named
    assert ("SMTPEDU_PROGRESS" in own.notice, own.file_ids() == [""]) == (not named, not named)
    assert ("زوار" in own.notice) == (not named and each_language == "ar")
    own.erase()
    assert ids(own) == own.runs() == []
    assert not list(tmp_path.iterdir())


# ---- the file ----


def test_nothing_is_made_before_the_first_answer(kept: Store) -> None:
    assert kept.attempts() == kept.runs() == []
    kept.add([])
    kept.erase()
    assert not kept.path.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_the_file_is_its_owners_alone(kept: Store) -> None:
    kept.add([ONE])
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_the_file_is_marked_and_logs_ahead(kept: Store) -> None:
    kept.add([ONE])
    connection = sqlite3.connect(kept.path)
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version", "journal_mode")
    ]
    connection.close()
    assert found == [database.APPLICATION, SCHEMA.version, "wal"]


def test_each_commit_waits_for_the_disk(kept: Store) -> None:
    kept.add([ONE])
    found = kept._file.read(lambda at: at.execute("PRAGMA synchronous").fetchone()[0], 0)
    assert found == 2  # FULL


def test_where_the_file_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SMTPEDU_PROGRESS", str(tmp_path / "mine.db"))
    assert store().path == tmp_path / "mine.db"
    assert store() is store()
    monkeypatch.setenv("SMTPEDU_PROGRESS", "~/mine.db")
    assert store().path == Path.home() / "mine.db"
    monkeypatch.delenv("SMTPEDU_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert store().path == tmp_path / "smtpedu" / "progress.sqlite3"


# ---- several at once, and killed ----


def test_two_processes_that_write_at_once_lose_nothing(kept: Store) -> None:
    code = "for n in range(60): kept.add([replace(ONE, id=f'{sys.argv[2]}{n}')])"
    processes = [python(code, kept.path, name) for name in ("a", "b", "c")]
    assert [(said(process), process.returncode) for process in processes] == [("", 0)] * 3
    found = ids(kept)
    assert sorted(found) == sorted(f"{name}{n}" for name in "abc" for n in range(60))
    assert [name for name in found if name[0] == "a"] == [f"a{n}" for n in range(60)]
    assert list(kept.path.parent.glob("*damaged*")) == []


def test_of_processes_that_write_without_a_pause_none_is_told_to_wait(kept: Store) -> None:
    """Not even for the short time that a kernel waits for the file."""
    code = "[kept.add([replace(ONE, id=sys.argv[2] + str(n))]) for n in range(40)]"
    processes = [python(code, kept.path, name) for name in "abcd"]
    assert [(said(process), process.returncode) for process in processes] == [("", 0)] * 4
    assert len(ids(kept)) == 160


def test_two_threads_that_write_at_once_lose_nothing(kept: Store) -> None:
    def write(name: str) -> None:
        for attempt in several(40, name):
            kept.add([attempt])

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids(kept)) == 80


def test_two_processes_that_open_one_quiz_share_its_run(kept: Store) -> None:
    code = "print(kept.run('quiz', 1, [sys.argv[2]]).id)"
    processes = [python(code, kept.path, name) for name in "abcd"]
    assert len({said(process) for process in processes}) == len(kept.runs()) == 1


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize("after", [1, 5, 30])
def test_kill_9_loses_no_acknowledged_answer(kept: Store, after: int) -> None:
    code = """
for n in range(100_000):
    kept.add([replace(ONE, id=f"a{n}")])
    print(f"a{n}", flush=True)
"""
    process = python(code, kept.path)
    assert process.stdout
    acknowledged = [process.stdout.readline().strip() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    found = ids(Store(kept.path))
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) <= len(acknowledged) + 1
    assert list(kept.path.parent.glob("*damaged*")) == []


# ---- damaged ----


def flip_application(content: bytearray) -> bytearray:
    content[68:72] = b"\1\2\3\4"
    return content


def zero_middle(content: bytearray) -> bytearray:
    content[4096 : 3 * 4096] = bytes(2 * 4096)
    return content


DAMAGE = {
    "not SQLite": lambda content: bytearray(b"once this was a file of answers\n" * 9),
    "short": lambda content: content[:50],
    "truncated": lambda content: content[: len(content) // 2],
    "cut in a page": lambda content: content[:-1000],
    "another application": flip_application,
    "a page lost": zero_middle,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("work", ["add", "read"])
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(
    kept: Store, damage: str, work: str
) -> None:
    kept.add(several(300))
    content = bytes(DAMAGE[damage](bytearray(kept.path.read_bytes())))
    kept.path.write_bytes(content)
    later = Store(kept.path)
    if work == "add":
        later.add([ONE])
    assert later.attempts() == [ONE] * (work == "add")
    (aside,) = kept.path.parent.glob("progress.damaged-*Z.sqlite3")
    assert aside.read_bytes() == content
    assert later.notice == (
        f"The file `{kept.path}` was damaged, so a new one was begun. "
        f"Your older answers are in the file that was kept under another name, `{aside}`."
    )
    assert Store(kept.path).notice == ""


def test_damage_while_the_store_is_in_use_is_found_too(kept: Store) -> None:
    kept.add(several(300))
    kept.path.write_bytes(bytes(zero_middle(bytearray(kept.path.read_bytes()))))
    for n in range(3):
        kept.add([replace(ONE, id=f"b{n}", item="x" * 200)])
    assert {f"b{n}" for n in range(3)} <= set(ids(kept))
    assert len(kept._file.renamed) == 1


def test_a_log_without_its_file_is_kept_aside(kept: Store) -> None:
    """SQLite itself would delete it."""
    kept.add([ONE])
    log = Path(f"{kept.path}-wal")
    log.write_bytes(b"answers that nobody has seen")
    kept.path.write_bytes(b"")
    kept.add([replace(ONE, id="two")])
    assert ids(kept) == ["two"]
    (aside,) = kept.path.parent.glob("progress.damaged-*Z.sqlite3-wal")
    assert aside.read_bytes() == b"answers that nobody has seen"


def test_damaged_twice_in_a_second_is_kept_twice(kept: Store) -> None:
    for n in range(3):
        kept.add([ONE])
        kept.path.write_bytes(b"damage %d" % n * 20)
    kept.add([ONE])
    found = [p.read_bytes()[:8] for p in kept.path.parent.glob("*damaged*sqlite3")]
    assert sorted(found) == [b"damage 0", b"damage 1", b"damage 2"]


def test_processes_that_meet_damage_at_once_keep_one_file_aside(kept: Store) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(b"no database" * 100)
    code = "kept.add([replace(ONE, id=sys.argv[2])])"
    processes = [python(code, kept.path, n) for n in range(6)]
    assert [(said(process), process.returncode) for process in processes] == [("", 0)] * 6
    assert sorted(ids(kept)) == list("012345")
    assert len(list(kept.path.parent.glob("*damaged*sqlite3"))) == 1


SCHEMA_TEXTS = {
    b"id TEXT NOT NULL": b"id TEXT NOT N\xb4LL",
    b"CREATE TABLE runs": b"CREATE TABLE ru\x00s",
    b"CREATE INDEX": b"CREATE IN\x80EX",
    b"run TEXT NOT NULL": b"rum TEXT NOT NULL",
    b"hints INTEGER NOT NULL": b"hints INTEGER NOT  ULL",
}


@pytest.mark.parametrize("there", SCHEMA_TEXTS)
def test_a_file_whose_tables_the_disk_has_changed_is_kept_aside(kept: Store, there: bytes) -> None:
    kept.add([ONE])
    content = kept.path.read_bytes()
    assert there in content
    kept.path.write_bytes(content.replace(there, SCHEMA_TEXTS[there]))
    later = Store(kept.path)
    assert later.attempts() == [] and "was damaged" in later.notice
    later.add([ONE])
    assert ids(later) == ["one"]


@pytest.mark.parametrize("version", [1, 0, -5])
def test_a_file_that_calls_itself_older_than_it_is_is_kept_aside(kept: Store, version: int) -> None:
    kept.add([ONE])
    made(kept.path, f"PRAGMA user_version = {version}")
    assert kept.attempts() == [] and "was damaged" in kept.notice
    kept.add([replace(ONE, id="two")])
    assert ids(kept) == ["two"]


@pytest.mark.parametrize(
    "change",
    [
        "seed = 'x'",
        "seed = 1e400",
        "items = '7'",
        "items = '[1, 2]'",
        f"items = '{'[' * 1500}{']' * 1500}'",
        """items = '{"a": 1}'""",
        "role = 'none'",
        "quiz = ''",
        "id = x'00ff'",
        "started_at = 'never'",
        "finished_at = 7",
        "finished_at = x''",
        "started_at = x''",
    ],
)
def test_a_run_that_the_disk_has_changed_is_told_and_another_begun(
    kept: Store, change: str
) -> None:
    kept.run("a", 1, ["x"])
    other = kept.run("b", 2, ["y"])
    made(kept.path, f"UPDATE runs SET {change} WHERE quiz = 'a'")  # noqa: S608
    later = Store(kept.path)
    assert later.runs() == [other]
    assert later.notice == f"Entries in `{kept.path}` that cannot be read: 1."
    begun = later.run("a", 5, ["z"])
    assert (begun.seed, begun.items) == (5, ("z",))
    assert later.run("a", 6, ["w"]) == begun


def test_a_run_with_a_name_that_no_answer_can_have_is_none(kept: Store) -> None:
    kept.run("a", 1, ["x"])
    made(kept.path, f"UPDATE runs SET id = '{'x' * 101}'")  # noqa: S608
    begun = kept.run("a", 2, ["y"])
    assert kept.runs() == [begun] and len(begun.id) <= 100


@pytest.mark.parametrize("change", ["DROP TABLE attempts", "ALTER TABLE attempts DROP COLUMN at"])
def test_tables_that_are_changed_while_the_store_is_in_use_are_damage(
    kept: Store, change: str
) -> None:
    kept.add([ONE])
    made(kept.path, change)
    assert kept.attempts() == [] and "was damaged" in kept.notice


HOURS = "length(hex(zeroblob(300000000 + a))) > 0"  # of a value; each takes seconds
OWN_DOINGS = {
    "a trigger": ["CREATE TRIGGER own AFTER INSERT ON attempts BEGIN DELETE FROM attempts; END"],
    "a check that takes hours": [
        "PRAGMA ignore_check_constraints = ON",
        f"CREATE TABLE own (a CHECK ({HOURS}))",
        f"INSERT INTO own VALUES {', '.join(f'({n})' for n in range(9999))}",  # noqa: S608
    ],
    "an index that takes seconds": ["CREATE INDEX own ON runs (hex(zeroblob(300000000 + place)))"],
}


@pytest.mark.parametrize("doing", OWN_DOINGS)
def test_a_file_that_does_something_of_its_own_is_kept_aside(kept: Store, doing: str) -> None:
    """What that takes is not waited for."""
    kept.add([ONE])
    made(kept.path, *OWN_DOINGS[doing])
    later = Store(kept.path)
    later.add([replace(ONE, id="two")])
    assert ids(later) == ["two"] and "was damaged" in later.notice


def left_log(kept: Store) -> Path:
    """Leave 20 answers in a log: the process was killed while another had the file open."""
    kept.add([ONE])
    code = """
import os, sqlite3
other = sqlite3.connect(kept.path)
other.execute("SELECT * FROM meta").fetchall()
for n in range(20):
    kept.add([replace(ONE, id=f"a{n}")])
os._exit(9)"""
    said(python(code, kept.path))
    Path(f"{kept.path}-shm").unlink()
    return Path(f"{kept.path}-wal")


@pytest.mark.parametrize("at", [0, 17, 32 + 9, 32 + 24 + 100], ids=str)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_damaged_log_is_kept_aside_before_it_is_deleted(
    kept: Store, at: int, read_only: bool
) -> None:
    """In its head, in the first frame's, or in what that holds."""
    log = left_log(kept)
    content = bytearray(log.read_bytes())
    content[at] ^= 0xFF
    log.write_bytes(content)
    later = Store(kept.path, read_only=read_only)
    assert ids(later) == ["one"]
    (aside,) = kept.path.parent.glob("*damaged*")
    assert aside.read_bytes() == content and aside.stat().st_mode & 0o077 == 0
    assert "answers that were kept last may be missing" in later.notice
    assert f"`{aside}`" in later.notice
    kept.erase()
    assert not aside.exists()


def test_a_log_that_was_left_behind_is_read(kept: Store) -> None:
    log = left_log(kept)
    assert log.stat().st_size > 0
    later = Store(kept.path)
    assert ids(later) == ["one", *(f"a{n}" for n in range(20))]
    assert later.notice == "" and list(kept.path.parent.glob("*damaged*")) == []


def test_a_file_without_its_id_gets_one(kept: Store) -> None:
    kept.add([ONE])
    made(kept.path, "DELETE FROM meta")
    (found,) = kept.file_ids()
    assert len(found) == 32 and Store(kept.path).file_ids() == [found]


def test_an_answer_that_the_disk_has_changed_hides_no_other(kept: Store) -> None:
    kept.add(several(4))
    connection = sqlite3.connect(kept.path)
    connection.execute("UPDATE attempts SET number = 'x' WHERE id = 'a1'")
    deep = ("[" * 1500 + "]" * 1500,)  # as deep as SQLite takes for JSON
    connection.execute("UPDATE attempts SET response = ? WHERE id = 'a2'", deep)
    connection.commit()
    connection.close()
    found = ids(kept)
    assert [one for one in found if one != "a2"] == ["a0", "a3"]
    unread = 4 - len(found)  # some Pythons can read the deep one
    assert kept.notice == f"Entries in `{kept.path}` that cannot be read: {unread}."


def test_an_empty_file_is_a_new_one(kept: Store) -> None:
    kept.path.parent.mkdir()
    kept.path.touch()
    assert kept.attempts() == []
    kept.add([ONE])
    assert (ids(kept), kept.notice) == (["one"], "")


def test_a_disk_without_links_will_do(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    kept.add([ONE])
    kept.path.write_bytes(b"damaged" * 99)
    kept.add([replace(ONE, id="two")])
    assert ids(kept) == ["two"]
    assert [path for path in kept.path.parent.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_was_deleted_meanwhile_is_made_again(kept: Store) -> None:
    kept.add([ONE])
    kept.path.unlink()
    assert kept.attempts() == []
    kept.add([ONE])
    assert ids(kept) == ["one"]


# ---- newer, somebody else's, full, read-only ----


def made(path: Path, *statements: str) -> bytes:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def refused(kept: Store, said: str) -> None:
    """Every method gives the one error that names the file, and the file stays as it is."""
    content = kept.path.read_bytes()
    for work in (
        lambda: kept.add([ONE]),
        kept.attempts,
        kept.runs,
        lambda: kept.run("a", 1, []),
        lambda: kept.finish("a"),
        kept.erase,
        lambda: kept.export(kept.path.parent / "out"),
    ):
        with pytest.raises(StoreError, match=said) as caught:
            work()
        assert str(kept.path) in str(caught.value)
    assert kept.path.read_bytes() == content
    assert [path.name for path in kept.path.parent.iterdir()] == [kept.path.name]


def test_a_newer_file_is_not_touched(kept: Store) -> None:
    kept.add([ONE])
    made(kept.path, "PRAGMA user_version = 3")
    refused(kept, r"newer smtpedu \(its version is 3, .* knows 2\).*Upgrade.*SMTPEDU_PROGRESS")


def test_another_programs_database_is_not_touched(kept: Store) -> None:
    kept.path.parent.mkdir()
    made(kept.path, "CREATE TABLE places (url TEXT)", "PRAGMA application_id = 5")
    refused(kept, "another program and was not touched")


def test_a_folder_in_place_of_the_file(kept: Store) -> None:
    kept.path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"progress\.sqlite3`, cannot be used"):
        kept.add([ONE])
    assert kept.path.is_dir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a special file")
def test_what_is_no_plain_file_is_not_replaced(kept: Store) -> None:
    """A pipe stands for `/dev/null`, which is as empty, and would be replaced as well."""
    kept.path.parent.mkdir()
    os.mkfifo(kept.path)
    for use in (kept.attempts, lambda: kept.add([ONE])):
        with pytest.raises(StoreError, match=r"progress\.sqlite3`, cannot be used"):
            use()
    assert kept.path.is_fifo()
    assert [path.name for path in kept.path.parent.iterdir()] == [kept.path.name]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a special file")
def test_what_is_no_plain_file_beside_it_is_not_waited_for(kept: Store) -> None:
    kept.add([ONE])
    os.mkfifo(f"{kept.path}-journal")
    Path(f"{kept.path}-wal").symlink_to("/dev/zero")
    for name in ("-journal", "-wal"):
        refuses(kept)
        Path(f"{kept.path}{name}").unlink()
    assert ids(kept) == ["one"]


def refuses(kept: Store) -> None:
    for work in (kept.attempts, lambda: kept.add([ONE])):
        with pytest.raises(StoreError, match="cannot be opened or written here"):
            work()


def test_a_name_that_no_file_can_have_is_said() -> None:
    kept = Store("x" * 5000)
    for work in (kept.attempts, lambda: kept.add([ONE])):
        with pytest.raises(StoreError, match="cannot be used"):
            work()


def test_what_another_program_goes_on_reading_is_not_said_to_be_erased(kept: Store) -> None:
    kept.add([replace(ONE, response="a word")])
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM attempts").fetchall()
        with pytest.raises(StoreError, match="another program holds it"):
            kept.erase()
        other.execute("COMMIT")
    kept.erase()
    assert all(b"a word" not in one.read_bytes() for one in kept.path.parent.iterdir())


def test_a_link_that_leads_to_itself_is_not_said_to_be_erased(kept: Store) -> None:
    kept.path.parent.mkdir()
    kept.path.symlink_to(kept.path.name)
    with pytest.raises(StoreError):
        kept.erase()


def test_a_link_leads_to_the_file_and_stays(kept: Store, tmp_path: Path) -> None:
    kept.path.parent.mkdir()
    there = tmp_path / "elsewhere.sqlite3"
    kept.path.symlink_to(there)
    linked = Store(kept.path)
    linked.add([ONE])
    assert ids(Store(there)) == ["one"]
    there.write_bytes(b"damaged" * 99)
    linked.add([replace(ONE, id="two")])
    assert kept.path.is_symlink()
    assert ids(Store(there)) == ["two"]
    assert list(tmp_path.glob("elsewhere.damaged-*"))


@pytest.mark.parametrize(
    ("uri", "known"),
    [
        ("file:///home/x/a%20b.sqlite3", "file:///home/x/a%20b.sqlite3"),
        ("file:///C:/Users/x.sqlite3", "file:///C:/Users/x.sqlite3"),
        ("file://server/share/x.sqlite3", "file:////server/share/x.sqlite3"),
    ],
)
def test_a_windows_server_is_part_of_the_path(uri: str, known: str) -> None:
    """SQLite takes no authority but `localhost` (sqlite.org/uri.html, "The URI Authority")."""
    assert database.without_authority(uri) == known


def test_a_file_that_cannot_be_made_leaves_nothing(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(path: Path, _: object) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").touch()
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(database, "_build", build)
    with pytest.raises(StoreError, match=r"progress\.sqlite3`, cannot be used"):
        kept.add([ONE])
    assert list(kept.path.parent.iterdir()) == []


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match=r"file/progress.sqlite3`, cannot be used"):
        Store(tmp_path / "file" / "progress.sqlite3").add([ONE])
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_database_is_one_error_and_loses_nothing(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add(several(3))
    connect = database._connect

    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(database, "_connect", small)
    big = [replace(a, response="x" * 9000) for a in several(50, "big")]
    with pytest.raises(StoreError, match=r"progress.sqlite3`, cannot be used: the disk is full"):
        kept.add(big)
    assert ids(kept) == ["a0", "a1", "a2"]
    monkeypatch.undo()
    kept.add(big)
    assert len(ids(kept)) == 53
    assert kept.notice == ""


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_disk_that_takes_no_more_is_one_error_and_loses_nothing(kept: Store) -> None:
    """The system refuses to let any file grow, in a process of its own."""
    kept.add(several(3))
    code = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
from smtpedu.learner.store import StoreError
try:
    kept.add([ONE])
except StoreError as error:
    print(error)
"""
    told = said(python(code, kept.path))
    assert told.startswith(f"The file of your answers, `{kept.path}`, cannot be used: ")
    assert told.count("\n") == 1
    kept.add([ONE])
    assert ids(Store(kept.path)) == ["a0", "a1", "a2", "one"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_read_only_home_is_one_error(kept: Store) -> None:
    """As a user who may not write there."""
    kept.path.parent.mkdir()
    kept.path.parent.chmod(0o555)
    for folder in kept.path.parents[1:4]:
        folder.chmod(0o755)  # pytest's folders are root's alone
    code = """
from smtpedu.learner.store import StoreError
try:
    kept.add([ONE])
except StoreError as error:
    print(error)
"""
    told = said(python(AS_NOBODY + code, kept.path))
    assert told.startswith(f"The file of your answers, `{kept.path}`, cannot be used: it cannot be")
    assert list(kept.path.parent.iterdir()) == []


def test_a_file_that_another_program_holds_is_one_error(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add([ONE])
    monkeypatch.setattr(database, "WAIT", 0.05)
    holder = sqlite3.connect(kept.path)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds it"):
        kept.add([replace(ONE, id="two")])
    assert ids(kept) == ["one"]  # reading goes on
    holder.close()
    kept.add([replace(ONE, id="two")])
    assert ids(kept) == ["one", "two"]


def test_a_file_that_is_held_is_waited_for_once(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that has several things to do with it stands still no longer than for one."""
    kept.add([ONE])
    monkeypatch.setattr(database, "WAIT", 0.05)
    tried = list[int]()
    connect = database._connect

    def noted(path: Path) -> sqlite3.Connection:
        tried[-1] += 1
        return connect(path)

    def tries(count: int) -> list[int]:
        tried.clear()
        for n in range(count):
            tried.append(0)
            with pytest.raises(StoreError, match="another program holds it"):
                kept.add([replace(ONE, id=str(n))])
        return tried

    monkeypatch.setattr(database, "_connect", noted)
    with closing(sqlite3.connect(kept.path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        first, *later = tries(4)
        assert first > 1 and later == [1, 1, 1]
        monkeypatch.setattr(database, "_HURRY", -1.0)
        kept._file._hurried_until = 0.0
        assert min(tries(2)) > 1
    kept.add([replace(ONE, id="two")])


def test_what_another_program_holds_for_itself_alone_can_be_read(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add([ONE])
    monkeypatch.setattr(database, "WAIT", 0.05)
    own = kept.file_ids()
    with closing(sqlite3.connect(kept.path)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN IMMEDIATE")
        holder.execute("UPDATE attempts SET id = 'other'")
        later = Store(kept.path)
        assert ids(later) == ["one"] and later.file_ids() == own
        with pytest.raises(StoreError, match="another program holds it"):
            later.add([replace(ONE, id="two")])


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("logged", [False, True])
@pytest.mark.parametrize("modes", [(0o444, 0o755), (0o644, 0o555), (0o444, 0o555)])
def test_what_cannot_be_written_can_be_read(
    kept: Store, tmp_path: Path, modes: tuple[int, int], logged: bool
) -> None:
    """With `logged`, what was kept last is in SQLite's log alone."""
    kept.add(several(3))
    folder = tmp_path / "other"
    folder.mkdir()
    with closing(sqlite3.connect(kept.path)) as writer:
        writer.execute("UPDATE attempts SET id = 'new' WHERE id = 'a1'")
        writer.commit()
        names = ["", "-wal"] if logged else []
        for end in names:
            shutil.copyfile(f"{kept.path}{end}", folder / f"progress.sqlite3{end}")
    if not logged:
        shutil.copyfile(kept.path, folder / "progress.sqlite3")
    for file in folder.iterdir():
        file.chmod(modes[0])
    folder.chmod(modes[1])
    for above in folder.parents[:4]:
        above.chmod(0o755)  # pytest's folders are root's alone
    told = said(python(f"{AS_NOBODY}print(ids(kept), kept.file_ids())", folder / kept.path.name))
    assert told == f"['a0', 'new', 'a2'] {kept.file_ids()}\n"


def test_a_copy_has_nothing_that_was_not_committed(kept: Store) -> None:
    kept.add(several(300))
    made(kept.path, "PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(kept.path)) as writer:
        writer.execute("PRAGMA cache_size = 1")  # so that it is in the file before it is committed
        writer.execute("UPDATE attempts SET item = hex(randomblob(100))")
        query = "SELECT DISTINCT item FROM attempts"
        assert kept._file._in_copy(lambda copy: copy.execute(query).fetchall()) == [(ONE.item,)]


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_what_is_on_a_full_disk_can_be_read(kept: Store) -> None:
    kept.add(several(3))
    code = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
print(ids(kept), kept.file_ids())
"""
    assert said(python(code, kept.path)) == f"['a0', 'a1', 'a2'] {kept.file_ids()}\n"


def test_threads_take_turns_so_that_a_copy_drops_no_lock(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """POSIX: whoever closes a file drops the locks of all threads of the process on it."""
    kept.add([ONE])
    made(kept.path, "PRAGMA journal_mode = DELETE")
    copied = list[object]()
    monkeypatch.setattr(shutil, "copyfile", lambda *names: copied.append(names))
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE attempts SET id = 'two'")
        connection.execute("PRAGMA cache_spill = 1")
        begun.set()
        go_on.wait(60)

    writer = threading.Thread(target=kept._file.write, args=[slow])
    found = list[str]()
    reader = threading.Thread(target=lambda: found.extend(ids(kept)))
    writer.start()
    begun.wait(60)
    reader.start()
    reader.join(0.2)
    assert (found, copied) == ([], [])
    go_on.set()
    for one in (writer, reader):
        one.join(60)
    assert (found, copied) == (["two"], [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_a_forked_process_can_use_the_file_whatever_threads_did_with_it(kept: Store) -> None:
    kept.add([ONE])
    code = """
import os, threading
stop = threading.Event()
def use():
    while not stop.is_set():
        kept.attempts()
threading.Thread(target=use).start()
for _ in range(20):
    child = os.fork()
    if not child:
        kept.attempts()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
stop.set()
print("done")
"""
    assert said(python(code, kept.path)) == "done\n"


class Copied:
    """A connection whose file is copied just before it is closed, as if there were no room then."""

    def __init__(self, path: Path) -> None:
        self._connection, self._path = CONNECT(path), path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def close(self) -> None:
        shutil.copyfile(self._path, self._path.with_name("copy"))
        self._connection.close()


def test_a_new_file_is_whole_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite does not say that what is in its log alone could not be moved into the file."""
    monkeypatch.setattr(database, "_connect", Copied)
    database._build(tmp_path / "new", SCHEMA)
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT count(*) FROM attempts").fetchone() == (0,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_damaged_file_whose_lock_is_held_is_waited_for_once(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(b"damaged" * 99)
    slept = list[float]()
    monkeypatch.setattr(database.time, "sleep", slept.append)
    monkeypatch.setattr(database, "WAIT", 0.05)
    with closing(sqlite3.connect(f"{kept.path}.renamed-lock")) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        counts = []
        for _ in range(3):
            with pytest.raises(StoreError, match="is damaged and cannot be read"):
                kept.attempts()
            counts.append(len(slept))
    assert counts[0] > 0 and counts == [counts[0]] * 3


class NoSharedMemory:
    """A connection to a file on a disk that maps no file into memory."""

    def __init__(self, path: Path) -> None:
        self._connection, self._alone = CONNECT(path), False

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        self._alone = self._alone or statement == "PRAGMA locking_mode = EXCLUSIVE"
        if not self._alone and ("FROM" in statement or statement.startswith("BEGIN")):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMMAP
            raise error
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


CONNECT = database._connect


def test_a_disk_without_shared_memory_will_do(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_connect", NoSharedMemory)
    kept.add([ONE])
    kept.add([replace(ONE, id="two")])
    assert ids(kept) == ["one", "two"]
    assert database.Database(kept.path, SCHEMA).read(lambda _: True, False)
    monkeypatch.undo()
    assert ids(Store(kept.path)) == ["one", "two"]


def test_what_was_left_half_made_does_not_stay(kept: Store) -> None:
    """Whoever was killed while it made the file; not who is making it now."""
    kept.path.parent.mkdir()
    names = [f".{kept.path.name}.{digit * 32}{end}" for digit in "ab" for end in ("", "-wal")]
    for name in names:
        (kept.path.parent / name).touch()
    for name in names[:2]:
        os.utime(kept.path.parent / name, (0, 0))
    kept.add([ONE])
    left = [path.name for path in kept.path.parent.iterdir() if path.name.startswith(".")]
    assert sorted(left) == names[2:]


def test_errors_are_in_the_current_language(kept: Store, each_language: str) -> None:
    kept.path.mkdir(parents=True)
    with pytest.raises(StoreError) as caught:
        kept.add([ONE])
    assert ("ملف إجاباتك" in str(caught.value)) == (each_language == "ar")


def test_errors_are_whole_sentences_with_one_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Store(tmp_path / "file" / "progress.sqlite3")
    with pytest.raises(StoreError) as caught:
        kept.check()
    assert str(caught.value) == (
        f"The file of your answers, `{kept.path}`, cannot be used: there is a file in the place of "
        "its folder. Set `SMTPEDU_PROGRESS` to another file."
    )
    with pytest.raises(StoreError) as again:
        kept.add([ONE])
    assert str(again.value) == str(caught.value)


def test_what_the_system_says_is_told_as_its_words(kept: Store) -> None:
    kept.path.mkdir(parents=True)
    with pytest.raises(StoreError) as caught:
        kept.check()
    assert "error:" not in str(caught.value)


def test_checking_makes_nothing_and_finds_nothing_wrong_where_all_is_well(kept: Store) -> None:
    kept.check()
    assert not kept.path.parent.exists()
    kept.add([ONE])
    kept.check()
    assert ids(kept) == ["one"]


def test_checking_finds_a_file_that_can_only_be_read(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add([ONE])
    monkeypatch.setattr(os, "access", lambda path, mode: path != kept.path)
    with pytest.raises(StoreError, match="cannot be opened or written here"):
        kept.check()
    assert ids(kept) == ["one"]


# ---- export and erase ----


def test_export_as_json_lines_has_everything(kept: Store, tmp_path: Path) -> None:
    run = kept.run("a", 1, ["x"])
    kept.add([ONE, replace(ONE, id="two", response=HOSTILE)])
    target = kept.export(tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [row.pop("table") for row in rows] == ["run", "attempt", "attempt"]
    assert rows[0]["id"] == run.id
    again = [Attempt(**row | {"misconceptions": tuple(row["misconceptions"])}) for row in rows[1:]]
    assert again == kept.attempts()


def test_export_as_csv_has_every_answer(kept: Store, tmp_path: Path) -> None:
    kept.add([ONE, replace(ONE, id="two", response=HOSTILE)])
    with kept.export(tmp_path / "out.CSV").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["one", "two"]
    assert json.loads(rows[1]["response"]) == HOSTILE


def test_csv_tells_practice_from_exam_and_has_what_was_left_out(
    kept: Store, tmp_path: Path
) -> None:
    practice = kept.run("q", 0, ["x"])
    exam = kept.run("q", 0, ["x", "y", "z"], key="q exam", role=Role.EXAM)
    idle = kept.run("q", 1, ["x"], key="q exam 1", role=Role.EXAM)
    given = replace(ONE, id="d1", run=exam.id, quiz="q", item="y", role=Role.DRAFT, objective="")
    kept.add([replace(ONE, run=practice.id, quiz="q"), given, replace(given, id="d2", item="x")])
    at = "2026-11-24T10:00:00.000Z"
    kept.add([replace(given, role=Role.EXAM, right=True)], handed_in={exam.id: at})
    assert [run.finished_at for run in kept.runs()] == [None, at, None]
    with kept.export(tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["role"], row["item"], row["number"], row["right"]) for row in rows] == [
        ("practice", "moved-1", "1", "False"),
        ("exam", "y", "1", "True"),
        ("exam", "x", "0", "False"),
        ("exam", "z", "0", "False"),
    ]
    assert {(row["quiz"], row["at"]) for row in rows[2:]} == {("q", at)}
    assert idle.id not in {row["run"] for row in rows}, "it is not handed in"


def test_export_overwrites_nothing(kept: Store, tmp_path: Path) -> None:
    kept.add([ONE])
    target = tmp_path / "out.csv"
    target.write_text("mine")
    with pytest.raises(StoreError, match=r"out.csv` exists and is not overwritten"):
        kept.export(target)
    assert target.read_text() == "mine"
    with pytest.raises(StoreError, match=r"no/out.csv` cannot be written: .* Choose another"):
        kept.export(tmp_path / "no" / "out.csv")


@pytest.mark.parametrize("name", ["answers", "my [1] answers.db", "progress.sqlite3"])
def test_erasing_takes_what_was_kept_aside_and_nothing_else(tmp_path: Path, name: str) -> None:
    kept, other = Store(tmp_path / name), tmp_path / "mine.damaged-Z.sqlite3"
    other.write_text("mine")
    kept.path.write_bytes(b"damaged" * 99)
    kept.add([ONE])
    assert list(tmp_path.glob("*.damaged-2*"))
    kept.erase()
    assert list(tmp_path.glob("*.damaged-*")) == [other]
    assert kept.attempts() == []


def test_erasing_takes_nothing_of_another_file_in_the_folder(tmp_path: Path) -> None:
    names = ["ann", "ann.sql", "ann.sqlite3", "ann.damaged-x.sqlite3"]
    for name in names:
        (tmp_path / name).write_bytes(b"damaged" * 99)
        Store(tmp_path / name).add([ONE])
    mine = tmp_path / "ann.damaged-notes of Zoe.sqlite3.txt"
    mine.touch()
    before = set(tmp_path.iterdir())
    Store(tmp_path / "ann.sqlite3").erase()
    gone = before - set(tmp_path.iterdir())
    assert [re.sub(r"\d{8}T\d{6}", "", one.name) for one in gone] == ["ann.damaged-Z.sqlite3"]


def test_erasing_leaves_no_trace_in_any_file(kept: Store) -> None:
    secret = replace(ONE, response="my secret answer", item="secret-item")
    kept.add([secret])
    kept.path.write_bytes(kept.path.read_bytes()[:-100])
    kept = Store(kept.path)
    kept.add([secret])
    kept.run("secret", 1, ["secret"])
    assert any(b"secret" in path.read_bytes() for path in kept.path.parent.glob("*damaged*"))
    kept.erase()
    assert kept.attempts() == kept.runs() == []
    assert kept.notice == ""
    for path in kept.path.parent.iterdir():
        assert b"secret" not in path.read_bytes()
    kept.add([ONE])
    assert ids(kept) == ["one"]
