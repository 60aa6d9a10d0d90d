"""What is wrong in a data file is said with file, line and field."""

import errno
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from for_each import for_each

from smtpedu.course import exercises
from smtpedu.files import DataError, content_of, folder, read_all, read_toml, write_whole
from smtpedu.reference import registry as tables
from smtpedu.reference import texts as prose

HEAD = "code,claimed,instead\n"
ROW = "510,Bad recipient address,550\n"
CARD = 'title = "t"\ndescription = "d"\nwhen = "w"\nfix = "f"\nuse = "u"\n'
PROSE = f"[codes.250]\n{CARD}[pairs]\n[meanings]\n[unofficial]\n[situations]\n[why_not]\n"
EXERCISE = """[one]
answer = 0
[one.en]
hint = "h"
why = "w"
[one.ar]
hint = "h"
why = "w"
"""


def failure(load, path, content, *arguments):
    """The line and the message of the `DataError` that loading this content raises."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        list(load(path, *arguments))
    assert str(caught.value).startswith(f"{path}, line {caught.value.line}: ")
    assert caught.value.path == path
    return caught.value.line, str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("content", "line", "named"),
    [
        ("", 1, "missing column 'code', missing column 'claimed', missing column 'instead'"),
        ("code,claimed\n", 1, "missing column 'instead'"),
        (HEAD.replace("claimed", "claimd"), 1, "missing column 'claimed', unknown column 'claimd'"),
        (HEAD.replace("\n", ",extra\n"), 1, "unknown column 'extra'"),
        (HEAD.replace("\n", ",code\n"), 1, "repeated column 'code'"),
        (HEAD + ROW + "511,Short\n", 3, "too few or too many fields at 'instead'"),
        (HEAD + ROW + "511\n", 3, "too few or too many fields at 'claimed'"),
        (HEAD + ROW + ROW.replace("550", "550,551"), 3, "too few or too many fields"),
        (HEAD + ROW + "five,Bad address,550\n", 3, "'code' cannot be 'five'"),
        (HEAD + ROW + ",Bad address,550\n", 3, "'code' cannot be ''"),
        (HEAD + "\n\n" + "five,After empty lines,550\n", 4, "'code' cannot be 'five'"),
        (HEAD + '510,"Two\nlines",550\nfive,x,550\n', 4, "'code' cannot be 'five'"),
        (HEAD + '510,"Bad" quotes,550\n', 2, "expected after"),
        (HEAD + '510,"Never closed,550\n', 2, "unexpected end of data"),
        (HEAD.encode() + b"510,Caf\xe9,550\n", 2, "not UTF-8"),
    ],
)
def test_error_in_a_table_names_file_line_and_field(tmp_path, content, line, named):
    at, said = failure(tables.load, tmp_path / "bad.csv", content, tables.UNOFFICIAL)
    assert at == line
    assert named in said


@pytest.mark.parametrize(
    ("field", "value"),
    [("permanent", "yes"), ("obsolete", "True"), ("severity", "2.0"), ("rfc", "")],
)
def test_error_in_a_typed_cell_names_the_field(tmp_path, field, value):
    cells = dict.fromkeys(tables.CODES, "1") | {"permanent": "true", "obsolete": "false"}
    content = ",".join(cells) + "\n" + ",".join((cells | {field: value}).values()) + "\n"
    expected = (2, f", line 2: {field!r} cannot be {value!r}")
    assert failure(tables.load, tmp_path / "bad.csv", content, tables.CODES) == expected


def test_good_table_is_read_whatever_the_order_of_its_columns(tmp_path):
    path = tmp_path / "good.csv"
    path.write_text('claimed,code,instead\n"A, ""b""",510,550\r\n')
    rows = tables.load(path, tables.UNOFFICIAL)
    assert rows == [{"code": 510, "claimed": 'A, "b"', "instead": "550"}]


@pytest.mark.parametrize(
    ("content", "line", "named"),
    [
        (PROSE.replace('title = "t"', 'title = "t'), 2, "Illegal character"),
        (PROSE + "[codes.250]\n", 12, "twice"),
        (PROSE.encode().replace(b'"d"', b'"\xe9"'), 3, "not UTF-8"),
        (PROSE.replace('when = "w"\n', ""), 1, "[codes.250]: missing or empty field 'when'"),
        (PROSE.replace('"w"', '""'), 1, "[codes.250]: missing or empty field 'when'"),
        (PROSE.replace("when", "wen"), 1, "missing or empty field 'when', unknown field 'wen'"),
        (PROSE.replace("[pairs]", 'more = "m"\n[pairs]'), 1, "unknown field 'more'"),
        (PROSE + '[unofficial.510]\ntitle = "t"\n', 12, "[unofficial.510]: missing or empty"),
        (PROSE.replace("[pairs]", "[pairs.250-551]\nread = []"), 7, "'read'"),
        (PROSE.replace("[codes.250]", "[code.250]"), 1, "'code'"),
        (PROSE + '[why_not.QUIT]\n25 = "w"\n', 12, "[why_not.QUIT]: unknown field '25'"),
        (PROSE + '[why_not.QUIT]\n250 = ""\n', 12, "[why_not.QUIT]: missing or empty field '250'"),
        (PROSE.replace("[meanings]\n", ""), 1, "'meanings'"),
        (
            PROSE.replace("[unofficial]", '[unofficial]\n510 = "title"'),
            1,
            "[unofficial.510]: not a",
        ),
    ],
)
def test_error_in_prose_names_file_line_and_field(tmp_path, content, line, named):
    at, said = failure(prose.load, tmp_path / "bad.toml", content)
    assert at == line
    assert named in said


@pytest.mark.parametrize(
    ("content", "line", "named"),
    [
        (EXERCISE.replace("answer = 0\n", ""), 1, "[one]: missing or empty field 'answer'"),
        (EXERCISE.replace("= 0", '= ""'), 1, "[one]: missing or empty field 'answer'"),
        (EXERCISE.replace("answer", "anser"), 1, "unknown field 'anser'"),
        (EXERCISE.replace('why = "w"', 'wy = "w"', 1), 3, "[one.en]: missing or empty field 'why'"),
        (EXERCISE.replace("one.ar", "one.fr"), 1, "[one]: unknown field 'fr'"),
        (
            "[one]\nanswer = 0\n" + EXERCISE.partition('w"\n')[2],
            1,
            "[one]: missing or empty field 'en'",
        ),
        (EXERCISE.replace('hint = "h"\n', "", 2), 3, "[one.en]: missing or empty field 'hint'"),
        ('one = "h"\n', 1, "[one]: not a table"),
        ('[one]\nanswer = 1\nen = "h"\nar = "h"\n', 1, "[one.en]: not a table"),
    ],
)
def test_error_in_exercises_names_file_line_and_field(tmp_path, content, line, named):
    at, said = failure(exercises.load, tmp_path / "bad.toml", content)
    assert at == line
    assert named in said


def test_good_exercises_are_read_and_0_is_an_answer(tmp_path):
    path = tmp_path / "good.toml"
    path.write_text(EXERCISE)
    assert exercises.load(path)["one"]["answer"] == 0


def test_toml_with_windows_line_ends_is_read(tmp_path):
    path = tmp_path / "good.toml"
    path.write_bytes(PROSE.replace("\n", "\r\n").encode())
    assert read_toml(path) == prose.load(path)


@pytest.mark.parametrize(
    ("content", "line", "column", "reason"),
    [
        ('a = 1\nb = "x\n', 2, 7, r"Illegal character '\n'"),
        ("a = 1\nb = yes\n", 2, 5, "Invalid value"),
        ('a = 1\n\nb = """x\ny\n\n', 4, 0, "Unterminated string"),
    ],
)
def test_place_of_broken_toml_is_told_once(tmp_path, content, line, column, reason):
    at, said = failure(read_toml, tmp_path / "bad.toml", content)
    place = f" (column {column})" if column else ""
    assert (at, said) == (line, f", line {line}: {reason}{place}")


DEEP, LARGE = "more than 100 tables or lists within one another", "a number of more than 64 bits"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        *(
            ("x = 1\n" + before + one * 20_000 + after, 2, DEEP)
            for one, before, after in (
                ("a.", "", "b = 1\n"),
                ('"a" . ', "[", "b]\n"),
                ("''.", "[[", "b]]\n"),
                ("a\t.", "y = {", "b = 1}\n"),
                ('"\\"".', "y = [{", "b = 1}]\n"),
            )
        ),
        *(("x = 1\ny = " + "[" * n + "]" * n + "\n", 2, DEEP) for n in (101, 20_000)),
        *(("x = 1\ny = " + "{a = " * n + "1" + "}" * n + "\n", 2, DEEP) for n in (101, 20_000)),
        *(
            (f"x = 1\ny = {one}\n", 2, LARGE)
            for one in (
                "9" * 5000,
                "-" + "9" * 5000,
                str(2**63),
                "0x" + "f" * 20_000,
                "[1, 0b" + "1" * 20_000 + "]",
            )
        ),
        ("[a]\nx = [\n" + "[\n" * 20_000, 1, DEEP),
    ],
    ids=lambda one: one[:30] if isinstance(one, str) else None,
)
def test_toml_that_nobody_writes_is_refused_with_its_line(tmp_path, content, line, said):
    found = failure(read_toml, tmp_path / "bad.toml", content)
    assert found == (line, f", line {line}: {said}")


def test_toml_that_somebody_may_write_is_read(tmp_path):
    path, rows = tmp_path / "good.toml", "a.b.c.d.\n.....................\n" * 500
    nested = f"{'a.' * 40}b = {'[' * 40}1{']' * 40}\nn = [{2**63 - 1}, {-(2**63)}]\n"
    path.write_text(nested + f'x = """\n{rows}"""\ny = "{"." * 500}"\nz = "{"9" * 5000}"\n')
    assert read_toml(path)["x"] == rows


@pytest.mark.parametrize("name", ["data", "notebooks"])
def test_folder_is_found(name):
    assert folder(name).is_dir()
    assert folder(name).name == name


# ---- a file is written whole, or not at all ----

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files")


def refused(*_):
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


TAKEN = [
    ("a file", lambda path: path.write_text("mine")),
    ("an empty file", lambda path: path.touch()),
    ("a folder", lambda path: path.mkdir()),
    ("a pipe", lambda path: os.mkfifo(path, 0o600)),
    ("a link to nothing", lambda path: path.symlink_to("nothing")),
    ("a link to itself", lambda path: path.symlink_to(path)),
    ("a link to a device", lambda path: path.symlink_to("/dev/full")),
]


@pipes
@for_each("links", [True, False])
@for_each("what, make", TAKEN)
def test_what_has_the_name_already_stays(what, make, links, tmp_path, monkeypatch):
    if not links:
        monkeypatch.setattr(os, "link", refused)
    path = tmp_path / f"{what} {links}"
    make(path)
    before, there = path.lstat(), sorted(tmp_path.iterdir())
    with pytest.raises(FileExistsError) as caught:
        write_whole(path, b"new")
    assert caught.value.filename == str(path)
    assert (path.lstat(), sorted(tmp_path.iterdir())) == (before, there)


def test_what_fails_leaves_nothing_and_names_the_file(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(tmp_path / "no" / "new", b"new")
    assert caught.value.filename == str(tmp_path / "no" / "new")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        write_whole(tmp_path / "new", b"new")
    assert caught.value.filename == str(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_links_is_written_to_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", refused)
    modes, opened = [], os.open
    monkeypatch.setattr(os, "open", lambda *given: modes.append(given[2:]) or opened(*given))
    write_whole(tmp_path / "new", b"new")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"new"]
    assert modes[-1] == (0o666,)


@pipes
def test_over_another_file_but_over_nothing_else(tmp_path):
    (tmp_path / "old").write_text("old")
    (tmp_path / "link").symlink_to("old")
    write_whole(tmp_path / "link", b"new", over=True)
    assert (tmp_path / "old").read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(FileExistsError):
            write_whole(tmp_path / name, b"new", over=True)


@for_each("links", [True, False])
def test_of_many_at_once_one_writes(links, tmp_path, monkeypatch):
    if not links:
        monkeypatch.setattr(os, "link", refused)
    path = tmp_path / str(links)

    def write(number):
        try:
            write_whole(path, bytes([number]) * 100_000)
        except FileExistsError:
            return 0
        return number

    with ThreadPoolExecutor(8) as pool:
        (written,) = filter(None, pool.map(write, range(1, 17)))
    assert path.read_bytes() == bytes([written]) * 100_000
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(os.name == "nt", reason="nothing is killed so")
def test_who_is_killed_leaves_no_half_file(tmp_path):
    script = (
        "import os, pathlib, smtpedu.files as files\n"
        "files.os.link = lambda *_: os.kill(os.getpid(), 9)\n"
        "files.write_whole(pathlib.Path('new.ipynb'), b'x' * 100)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False)
    assert done.returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".smtpedu-")
    assert not list(tmp_path.glob("*.ipynb"))
    write_whole(tmp_path / "new.ipynb", b"whole")


@pipes
def test_a_pipe_is_read_if_somebody_writes_and_not_waited_for(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert content_of(path) == b""
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with path.open("wb") as writer:
        writer.write(b"S: 220 a\n")
        writer.flush()
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(content_of, path)
            writer.write(b"S: 221 b\n")
            writer.close()
            assert found.result(30) == b"S: 220 a\nS: 221 b\n"
    os.close(reader)


@pipes
def test_a_pipe_that_does_not_wait_is_read_to_its_end():
    """As a standard input that another program has set so."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with open(reader, "rb") as file, ThreadPoolExecutor(1) as pool:
        with open(writer, "wb", 0) as end:
            found = pool.submit(read_all, file, "-")
            for part in (b"S: 220 a\n", b"S: 221 b\n"):
                time.sleep(0.1)
                end.write(part)
        assert found.result(30) == b"S: 220 a\nS: 221 b\n"
