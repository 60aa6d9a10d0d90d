"""Captured sessions: found by name, as a frame, side by side, as the server matrix."""

import re

import pandas as pd
import pytest
import traitlets

import smtpedu as smtp
from smtpedu.dialogue import captures
from smtpedu.dialogue.session import Session, annotate
from smtpedu.dialogue.transcript import front_matter
from smtpedu.files import DataError, folder
from smtpedu.foreign import visible
from smtpedu.i18n import LANGUAGES
from smtpedu.widgets.page.servers import LIMIT, captured

REAL = folder("data")
EVIL = "<script>alert(1)</script>"
RTL = "\u202e\u2067مرحبا"
SCENARIO = """[{name}]
verb = "{verb}"
[{name}.en]
title = "{name} `X`"
asks = "What?"
[{name}.ar]
title = "سؤال {name}"
asks = "ماذا؟"
"""
HEAD = """---
server: {server}
version: 1.0
scenario: {scenario}
client: a client
captured: 2026-11-24
configuration: first = {evil}
  second =
    deeper: yes
  ---
repeat: a command
note: note {evil}{rtl} `code`
---
"""
OPENING = "S: 220 mail.example.test\nC: EHLO x.example\nS: 250-mail.example.test\nS: 250 SIZE\n"
MOVED = "C: MAIL FROM:<a@x.example>\nS: 250 OK\nC: RCPT TO:<bob@example.test>\nS: {}\n"
QUIT = "C: QUIT\nS: 221 Bye\n"
ONE, TWO = "551 5.1.6 please try <bob@new.example>", f"550 {EVIL}{RTL}"


def write(home, name, dialogue, server):
    path = home / "sessions" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(server=server, scenario=path.stem, evil=EVIL, rtl=RTL)
    path.write_text(head + dialogue, "utf-8")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Three servers, two scenarios; Exim has no session of one, Postfix ends one early."""
    monkeypatch.setattr(captures, "folder", lambda name: tmp_path)
    asked = [SCENARIO.format(name="moved", verb="RCPT"), SCENARIO.format(name="late", verb="DATA")]
    (tmp_path / "scenarios.toml").write_text("\n".join(asked), "utf-8")
    write(tmp_path, "exim/moved", OPENING + MOVED.format(TWO) + QUIT, "Exim")
    write(tmp_path, "postfix/late", OPENING + MOVED.format("421 closing"), "Postfix")
    write(tmp_path, "postfix/moved", OPENING + MOVED.format(ONE) + QUIT, "Postfix")
    write(tmp_path, "another/late", OPENING + MOVED.format(ONE) + QUIT, "Another")
    write(tmp_path, "own", OPENING + QUIT, "smtpedu.Lab")
    return tmp_path


# ---- front matter of several lines ----


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a: one\n  two\n", "one\ntwo"),
        ("a: one\n  \n    two: x \n  ---\n", "one\n\n  two: x \n---"),
        ("a:\n  two\n", "\ntwo"),
        ("a: x:\n  y: \n", "x:\ny: "),
    ],
)
def test_indented_lines_go_on_with_a_value_and_are_written_back(written, value):
    whole = f"---\n{written}b: c\n---\nC: QUIT\nS: 221 Bye\n"
    assert front_matter(whole) == {"a": value, "b": "c"}
    assert annotate(whole).format() == whole


def test_indented_line_before_any_field_is_a_field():
    assert front_matter("---\n  a: b\n---\nS: 220 x") == {"a": "b"}


# ---- one session ----


def test_session_of_a_server_is_found_by_folder_and_scenario(home):
    found = smtp.session("postfix/moved")
    assert (found.name, found.codes) == ("postfix/moved", [220, 250, 250, 551, 221])
    lines = found.provenance["configuration"].split("\n")
    assert lines == [f"first = {EVIL}", "second =", "  deeper: yes", "---"]
    assert found.format() == (home / "sessions" / "postfix" / "moved.txt").read_text("utf-8")


def test_session_is_fresh_at_every_call(home):
    smtp.session("own").provenance.clear()
    assert smtp.session("own").provenance["server"]


def test_unknown_session_is_an_error_that_names_those_like_it():
    with pytest.raises(LookupError, match="mixed-recipients") as caught:
        smtp.session("mixed-recipient")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["nonsense", "postfix", "", None, 551, "own.txt", "own/"])
def test_unknown_session_is_a_lookup_error_in_each_language(home, name, each_language):
    with pytest.raises(LookupError, match="own"):
        smtp.session(name)


@pytest.mark.parametrize(
    "name", ["../scenarios", "postfix/../own", "./own", "/etc/passwd", "postfix//moved", "*"]
)
def test_name_is_no_path(home, name):
    with pytest.raises(LookupError):
        smtp.session(name)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("---\nserver: x\ncaptured: y\n---\nS: 220 x\nS: 2x0\n", 6, "reply"),
        ("---\nserver: x\n---\nS: 220 x\n", 1, "'captured'"),
        ("---\nserver:\ncaptured: y\n---\nS: 220 x\n", 1, "'server'"),
        ("", 1, "empty"),
    ],
)
def test_broken_capture_is_an_error_with_file_and_line(home, text, line, problem):
    path = home / "sessions" / "postfix" / "moved.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=problem) as caught:
        smtp.session("postfix/moved")
    assert (caught.value.path, caught.value.line) == (path, line)


def test_capture_of_no_known_scenario_is_an_error(home):
    write(home, "exim/other", OPENING + QUIT, "Exim")
    with pytest.raises(DataError, match="'other'"):
        smtp.sessions()


# ---- the frame ----


def test_frame_has_one_typed_row_per_session(home):
    frame = smtp.sessions()
    assert list(frame.index) == [
        "postfix/moved",
        "postfix/late",
        "exim/moved",
        "another/late",
        "own",
    ]
    assert (frame.index.name, frame.index.dtype) == ("name", "string")
    kinds = {"server": "string", "version": "string", "codes": "string", "captured": "string"}
    kinds |= {"turns": "Int64", "scenario": "category"}
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == kinds
    assert list(frame.columns) == ["server", "version", "scenario", "codes", "turns", "captured"]
    first = frame.loc["postfix/moved"]
    assert list(first) == ["Postfix", "1.0", "moved", "220 250 250 551 221", 9, "2026-11-24"]
    assert frame.loc["own", "server"] == "smtpedu.Lab"
    assert list(frame["scenario"].cat.categories) == ["moved", "late", "own"]


def test_frame_is_fresh_at_every_call(home):
    frame = smtp.sessions()
    frame["codes"] = "changed"
    assert smtp.sessions().loc["own", "codes"] == "220 250 221"


@pytest.mark.parametrize("server", ["postfix", "Postfix", "POSTFIX", ["postfix"]])
def test_server_is_found_in_any_case(home, server):
    assert list(smtp.sessions(server=server).index) == ["postfix/moved", "postfix/late"]


@pytest.mark.parametrize("server", ["lab", "smtpedu.Lab", ("LAB", "lab")])
def test_lab_is_found_by_either_name(home, server):
    assert list(smtp.sessions(server=server).index) == ["own"]


def test_several_servers(home):
    assert len(smtp.sessions(server=["exim", "Postfix"])) == 3
    assert len(smtp.sessions(server=[])) == 0


@pytest.mark.parametrize("asked", [{"server": "qmail"}, {"scenario": "x"}, {"scenario": "own"}])
def test_unknown_server_or_scenario_is_an_error_that_names_the_known(home, asked):
    known = "Postfix, Exim, Another" if "server" in asked else "moved, late"
    with pytest.raises(LookupError, match=known):
        smtp.sessions(**asked)
    smtp.language("ar")
    with pytest.raises(LookupError, match=f"[\u0621-\u064a].*{known}"):
        smtp.sessions(**asked)


@pytest.mark.parametrize("name", [None, 551, ["a"], "*"])
def test_whatever_is_no_name_of_a_server_is_a_lookup_error(home, name):
    with pytest.raises(LookupError):
        smtp.sessions(server=[name])


# ---- side by side ----


def test_scenario_stands_side_by_side(home):
    frame = smtp.sessions(scenario="moved")
    assert (frame.index.name, frame.columns.name) == ("scenario", "server")
    assert frame.loc["moved"].to_dict() == {"Postfix": ONE, "Exim": visible(TWO), "Another": ""}
    assert set(map(str, frame.dtypes)) == {"string"}


def test_session_that_ended_early_shows_its_last_reply_but_that_to_quit(home):
    frame = smtp.sessions(scenario=["late", "moved"])
    assert list(frame.index) == ["late", "moved"]
    assert frame.loc["late"].to_dict() == {"Postfix": "421 closing", "Exim": "", "Another": ONE}


def test_several_replies_are_joined_by_newlines(home):
    twice = MOVED.format("250 OK") + "C: RCPT TO:<c@example.test>\nS: 451-wait\nS: 451 4.7.1 now\n"
    write(home, "exim/moved", OPENING + twice + QUIT, "Exim")
    frame = smtp.sessions(server="exim", scenario="moved")
    assert frame.loc["moved", "Exim"] == "250 OK\n451-wait\n451 4.7.1 now"
    assert list(frame.columns) == ["Exim"]


def test_replies_are_text_below_each_server_that_was_asked(home):
    assert smtp.replies("moved") == f"Postfix\n  {ONE}\nExim\n  {visible(TWO)}"
    both = "Postfix\n  421 closing\n  551 5.1.6 please try <bob@new.example>"
    assert smtp.replies(["late", "moved"], server="postfix") == both


def test_replies_to_what_nobody_was_asked_are_an_error(home):
    with pytest.raises(LookupError, match="late"):
        smtp.replies("never")


# ---- scenarios ----


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ('verb = "RCPT"', "", 1, "'verb'"),
        ('verb = "RCPT"', 'verb = "RPCT"', 1, "'RPCT'"),
        ('verb = "DATA"', 'verb = "DATA"\nvreb = 1', 10, "unknown field 'vreb'"),
        ('asks = "What?"', 'asks = ""', 3, "missing or empty field 'asks'"),
        ("[moved.en]", "[moved.fr]", 1, "missing or empty field 'en', unknown field 'fr'"),
        ("[moved]", "other = 1\n[moved]", 1, "not a table"),
        ("[moved]", "[moved", 1, "line 1"),
    ],
)
def test_wrong_scenario_is_an_error_with_file_line_and_field(home, old, new, line, problem):
    path = home / "scenarios.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=problem) as caught:
        captures.load_scenarios(path)
    assert (caught.value.path, caught.value.line) == (path, line)


# ---- the matrix ----


def test_matrix_as_a_frame_has_every_scenario_and_server(home):
    pd.testing.assert_frame_equal(
        smtp.servers("moved").to_frame(), smtp.sessions(scenario=["moved", "late"])
    )


def test_matrix_knows_no_other_scenario(home):
    with pytest.raises(LookupError, match="moved, late"):
        smtp.servers("own")


def test_matrix_says_which_scenario_is_chosen(home):
    assert [repr(smtp.servers()), repr(smtp.servers(scenario="late"))] == [
        "Matrix()",
        "Matrix('late')",
    ]
    assert smtp.servers().widget().chosen == []
    assert smtp.servers("late").widget().chosen == ["postfix/late", "another/late"]


def test_matrix_as_text_has_codes_and_what_is_missing(home):
    rows = [line.split() for line in str(smtp.servers()).splitlines()]
    assert ["moved", "X", "551", "550", "—"] in rows
    assert ["late", "X", "421", "—", "551"] in rows
    assert ONE not in str(smtp.servers())
    assert ONE in str(smtp.servers("moved"))


def test_matrix_keeps_hostile_text_text(home):
    html = smtp.servers("moved").to_html()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    known = {"section", "h3", "p", "br", "table", "thead", "tbody", "tr", "th", "td", "bdi", "code"}
    assert set(re.findall(r"</?(\w+)", html)) <= known


def test_page_has_what_was_said_and_where_it_comes_from(home):
    found = captured()
    assert found["limit"] == LIMIT
    names = {"postfix": "Postfix", "exim": "Exim", "another": "Another"}
    assert dict(found["servers"]) == names
    assert [asked["name"] for asked in found["scenarios"]] == ["moved", "late"]
    assert all(set(asked["texts"]) == set(LANGUAGES) for asked in found["scenarios"])
    moved = found["sessions"]["postfix/moved"]
    assert moved["decides"] == [[551, "5.1.6"]]
    assert [one["verb"] for one in moved["said"]] == ["connect", "EHLO", "MAIL", "RCPT", "QUIT"]
    assert moved["said"][3]["reply"] == [ONE]
    assert moved["about"]["configuration"].startswith(f"first = {EVIL}\n")
    assert set(found["sessions"]) == set(captures.captures()) - {"own"}


def test_page_has_mail_data_and_what_nobody_asked_for(home):
    data = (
        MOVED.format("250 OK") + "C: DATA\nS: 354 go\nC: Hello\nC: .\nS: 250 taken\nS: 421 late\n"
    )
    write(home, "exim/moved", OPENING + data, "Exim")
    said = captured()["sessions"]["exim/moved"]["said"]
    assert said[-2:] == [
        {"verb": "message", "sent": ["Hello"], "lines": 1, "code": 250, "reply": ["250 taken"]},
        {"verb": "any", "sent": [], "code": 421, "reply": ["421 late"]},
    ]


def test_widget_keeps_only_sessions_that_there_are_each_once(home):
    widget = smtp.servers().widget()
    widget.chosen = ["exim/moved", "own", "exim/moved", "postfix/late"]
    assert widget.chosen == ["exim/moved", "postfix/late"]
    with pytest.raises(traitlets.TraitError):
        widget.chosen = ["exim/moved"] * (LIMIT + 1)
    with pytest.raises(traitlets.TraitError):
        widget.step = -1


# ---- the stored ones ----


@pytest.fixture(scope="module")
def stored():
    return [one for one in captures.captures().values() if one.compared]


def test_every_server_has_sessions_and_every_scenario_a_server(stored):
    assert {one.server for one in stored} == set(captures.SERVERS)
    assert {one.scenario for one in stored} == set(captures.scenarios())


def test_stored_sessions_say_who_when_and_how(stored):
    wanted = ["server", "version", "scenario", "client", "captured", "configuration", "repeat"]
    for one in stored:
        about = one.session.provenance
        assert [key for key in about if key not in ("source", "note")] == wanted, one.session.name
        assert all(about[key].strip() for key in about), one.session.name
        assert about["scenario"] == one.scenario
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["captured"])


def test_stored_sessions_are_read_and_written_unchanged(stored):
    for one in stored:
        path = REAL / "sessions" / f"{one.session.name}.txt"
        assert smtp.session(one.session.name).format() == path.read_text("utf-8"), path


def test_each_server_has_one_name_and_one_version(stored):
    for key in captures.SERVERS:
        of_server = [one for one in stored if one.server == key]
        assert len({one.server_name for one in of_server}) == 1
        assert len({one.session.provenance["version"] for one in of_server}) == 1


def test_every_stored_session_has_a_reply_that_decides(stored):
    assert [one.session.name for one in stored if not one.deciding] == []


def test_fallback_is_small_and_the_same_each_time(each_language):
    for name in (None, *captures.scenarios()):
        html = smtp.servers(name).to_html()
        assert html == smtp.servers(name).to_html()
        assert len(html.encode()) < 8_000, name


def test_state_that_a_notebook_saves_is_small():
    state = smtp.servers("moved").widget().get_state()
    sizes = [
        len(value) * 4 / 3 if isinstance(value, bytes) else len(str(value))
        for value in state.values()
    ]
    assert sum(sizes) < 60_000


def test_session_is_a_session():
    assert isinstance(smtp.session("mixed-recipients"), Session)
