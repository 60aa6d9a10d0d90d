"""Text is escaped, protocol text is set apart, lines fit, and the result is always the same."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from for_each import for_each
from hypothesis import example, given
from hypothesis import strategies as st

import smtpedu as smtp
from smtpedu.display import (
    WIDTH,
    Beside,
    Bullets,
    Code,
    Displayable,
    English,
    Heading,
    Paragraph,
    ProtocolText,
    Table,
    for_terminal,
    inline,
    to_html,
    to_text,
)
from smtpedu.i18n import language

HOSTILE = """<script>alert("1")</script> & <img src=x onerror='alert(2)'> ` </code></bdi> &lt;"""
BLOCKS = [
    Heading(HOSTILE, 2),
    Paragraph(HOSTILE),
    Bullets([HOSTILE, f"`{HOSTILE}`"]),
    Table((HOSTILE, "b"), [(HOSTILE, f"`{HOSTILE}`"), ("1", HOSTILE)]),
    Code(HOSTILE),
]
KNOWN_TAGS = {
    *("section", "h2", "p", "ul", "li", "table", "thead", "tbody", "pre"),
    *("tr", "th", "td", "bdi", "code", "br"),
}
words = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=80)


class Reader(HTMLParser):
    """Gathers tags, attributes and text, and holds that every tag is closed in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], set(), set(), ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_hostile_text_brings_in_no_markup():
    read = Reader(to_html(BLOCKS))
    assert read.tags <= KNOWN_TAGS
    assert read.attributes == {"lang", "dir", "scope", "style"}
    assert read.text.count("<script>alert(\"1\")</script> & <img src=x onerror='alert(2)'>") == 9


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("\"double\" 'single'", "&quot;double&quot; &#x27;single&#x27;"),
        ("say `250 <ok>` now", 'say <bdi dir="ltr"><code>250 &lt;ok&gt;</code></bdi> now'),
        ("one ` alone", "one ` alone"),
        ("``", '<bdi dir="ltr"><code></code></bdi>'),
        ("two\nlines", "two<br>lines"),
        ("see RFC 5321 §3.4.", 'see <bdi dir="ltr">RFC 5321 §3.4</bdi>.'),
        ("(RFC 821)", '(<bdi dir="ltr">RFC 821</bdi>)'),
        ("`RFC 821`", '<bdi dir="ltr"><code>RFC 821</code></bdi>'),
        ("no RFC says", "no RFC says"),
    ],
)
def test_inline(text, html):
    assert inline(text) == html


def test_what_is_only_in_english_is_set_apart_elsewhere():
    said = English("Moved, no `551` (RFC 3463 §3.2)")
    plain = inline(str(said))
    assert inline(said) == plain
    language("ar")
    assert inline(said) == f'<bdi lang="en" dir="ltr">{plain}</bdi>'


@given(words)
def test_inline_keeps_the_text_and_adds_no_markup(text):
    read = Reader(inline(text))
    assert read.tags <= {"bdi", "code", "br"}
    assert read.attributes <= {"dir"}
    lost = re.sub(r"`([^`]*)`", r"\1", text)
    assert read.text.replace("\n", "") == lost.replace("\n", "")


def test_section_says_language_and_direction():
    assert to_html([]) == '<section lang="en" dir="ltr"></section>'
    language("ar")
    assert to_html([]) == '<section lang="ar" dir="rtl"></section>'


@for_each("said", ["$x$", r"\(x\)", r"\[x\]", r"\begin{equation}x\end{equation}", "$$x$$"])
def test_what_looks_like_mathematics_stays_as_it_is_written(said):
    """By classes of MathJax 3 and 4 (JupyterLab), and 2 (nbconvert)."""
    kind = ' class="mathjax_ignore tex2jax_ignore"'
    for block in (Heading(said), Paragraph(said), Bullets([said]), Table([said], [[said]])):
        assert to_html([block]).startswith(f'<section lang="en" dir="ltr"{kind}><')
        assert said in to_html([block])


LEFT = ' style="text-align:left"'


def test_table_cells_are_flush_with_the_start_of_the_text():
    language("ar")
    assert to_html([Table(["a"], [])]).count("text-align:right") == 1


def test_paragraphs_are_flush_right_where_text_runs_so_and_bare_elsewhere():
    assert "<p>p</p>" in to_html([Paragraph("p")])
    language("ar")
    assert '<p style="text-align:right">p</p>' in to_html([Paragraph("p")])


def test_protocol_lines_keep_their_backticks():
    line = ProtocolText("250 `a`\n250 <b>")
    assert "`a`" in to_text([Table(["h"], [[line]])])
    assert to_html([Table(["h"], [["x", line]])]).count('<bdi dir="ltr"><code>250 ') == 2


def test_html_of_each_block():
    table = Table(("code", "name"), [("250", "OK")])
    body = to_html([Heading("h", 2), Heading("i"), Paragraph("p"), Bullets(["a", "b"]), table])
    assert body.removeprefix('<section lang="en" dir="ltr">').removesuffix("</section>") == (
        "<h2>h</h2><h3>i</h3><p>p</p><ul><li>a</li><li>b</li></ul><table><thead><tr>"
        f'<th scope="col"{LEFT}>code</th><th scope="col"{LEFT}>name</th></tr></thead><tbody>'
        f'<tr><th scope="row"{LEFT}>250</th><td{LEFT}>OK</td></tr></tbody></table>'
    )


def test_a_program_is_shown_as_it_is_and_left_to_right(each_language):
    program = "if a < `b`:\n\n    return  1  # \u202e"
    shown = '<pre dir="ltr"><code>if a &lt; `b`:\n\n    return  1  # \\u202e</code></pre>'
    assert shown in to_html([Code(program)])
    assert to_text([Code(program)]) == program.replace("\u202e", r"\u202e")


def test_text_of_each_block():
    table = Table(("code", "name", "means"), [("250", "OK", "`a`\nb"), ("5", "", "no")])
    blocks = [Heading("h", 2), Heading("head"), Paragraph("p"), Bullets(["a", "b"]), table]
    lines = to_text(blocks).splitlines()
    assert lines[:9] == ["h", "=", "", "head", "----", "", "p", "", "- a"]
    assert [line.split() for line in lines[9:]] == [
        ["-", "b"],
        [],
        ["code", "name", "means"],
        ["-" * len(lines[12])],
        ["250", "OK", "a"],
        ["b"],
        ["5", "no"],
    ]


@given(st.lists(words, min_size=3, max_size=3))
@example(["\x0c\x85"] * 3)
@example([" \x85 " + "x" * 86, "x" + " \x85" * 90, "\x85 \x85"])
def test_lines_fit_and_have_no_trailing_space(cells):
    blocks = [Paragraph(cells[0]), Bullets(cells), Table(("n", "a", "b"), [("1", *cells[1:])])]
    for line in to_text(blocks).split("\n"):
        assert len(line) <= WIDTH
        assert line == line.rstrip()


def test_long_text_is_wrapped_at_spaces_and_continued_under_its_bullet():
    lines = to_text([Bullets(["word " * 60])]).splitlines()
    assert [line[:3] for line in lines] == ["- w"] + ["  w"] * (len(lines) - 1)
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines).split()[1:] == ["word"] * 60


def test_columns_stay_aligned_when_cells_wrap():
    rows = [("250", "one " * 60, "two " * 60), ("5", "three", "four")]
    lines = to_text([Table(("code", "a", "b"), rows)]).splitlines()
    starts = {line.find(word) for line in lines for word in ("two", "four") if word in line}
    assert len(lines) > 6
    assert len(starts) == 1


def test_shown_is_the_same_at_every_call_and_in_both_forms():
    class Sample(Displayable):
        def blocks(self):
            yield from BLOCKS

    sample = Sample()
    assert [sample.to_html(), sample.to_html()] == [to_html(BLOCKS)] * 2
    assert [str(sample), str(sample)] == [to_text(BLOCKS)] * 2
    bundle = sample._repr_mimebundle_()
    assert bundle == {"text/plain": str(sample), "text/html": sample.to_html()}


# ---- side by side, and in a terminal ----

PAIR = Beside([[Heading("a"), Paragraph("one")], [Heading("a"), Paragraph("two")]])
INSTEAD = Beside([[Paragraph("one")], [Paragraph("two")]], instead=[Bullets(["one", "two"])])
ISOLATES = re.compile("[\u2066-\u2069]")


def test_where_there_is_no_terminal_columns_come_one_after_the_other():
    assert to_text([PAIR]) == to_text([block for column in PAIR.columns for block in column])
    assert to_text([INSTEAD]) == to_text(INSTEAD.instead)
    assert to_html([INSTEAD]) == to_html(INSTEAD.instead)
    assert for_terminal([PAIR]) == to_text([PAIR])


@pytest.fixture
def terminal(monkeypatch):
    """Makes a terminal of standard output, of so many columns."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return lambda columns: monkeypatch.setenv("COLUMNS", str(columns))


@pytest.mark.parametrize("blocks", [[PAIR], [INSTEAD]], ids=["pair", "instead"])
def test_in_a_terminal_columns_stand_side_by_side_if_there_is_room(terminal, blocks):
    terminal(79)
    assert for_terminal(blocks) == to_text(blocks)
    terminal(80)
    assert for_terminal(blocks).splitlines()[-1] == f"{'one':<38} | two"


def test_what_all_columns_say_is_said_once(terminal):
    terminal(80)
    assert for_terminal([PAIR]).splitlines()[:3] == ["a", "-", ""]


@for_each(
    "said, coloured",
    [
        ("250", "<32>250<>"),
        ("421 451, 551.", "<33>421<> <33>451<>, <31>551<>."),
        ("`551 5.7.1` 250-SIZE (554)", "`<31>551<> 5.7.1` <32>250<>-SIZE (<31>554<>)"),
        ("354 587 465 250.1 1250 2505 x551 551x", "354 587 465 250.1 1250 2505 x551 551x"),
        ("RFC 521 §551 5.5.1 mail-551 user.551", "RFC 521 §551 5.5.1 mail-551 user.551"),
        ("و551 ٥٥١", "و<31>551<> ٥٥١"),
    ],
)
def test_codes_are_coloured_by_their_first_digit(terminal, said, coloured):
    terminal(80)
    shown = for_terminal([Paragraph(said)])
    assert re.sub("\x1b\\[(\\d*)m", r"<\1>", shown) == coloured


@for_each("name, value", [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_none_is_wanted(terminal, monkeypatch, name, value):
    terminal(80)
    with monkeypatch.context() as setting:
        setting.setenv(name, value)
        assert for_terminal([Paragraph("551"), PAIR]).startswith("551\n")
    assert for_terminal([Paragraph("551")]) == "\x1b[31m551\x1b[m"


@for_each("columns", [10, 40, 60, 80, 100, 200])
def test_text_is_as_wide_as_the_terminal_within_bounds(terminal, monkeypatch, columns):
    terminal(columns)
    monkeypatch.setenv("NO_COLOR", "1")
    long = "some words " * 40
    blocks = [Heading(long), Paragraph(long), Bullets([long]), PAIR]
    blocks.append(Table(("n", "a", "b"), [("1", long, long)]))
    widest = max(map(len, for_terminal(blocks).splitlines()))
    wide = max(40, min(columns, 100) - 1)
    assert wide - 10 <= widest <= wide


CONTROLS = "\x1b[31m \x9b2J \x07 \x08 \u202e \u2066 \u2028 \x00 \x7f"


@pytest.mark.parametrize("code", ["en", "ar"])
def test_nothing_that_steers_a_terminal_is_shown(terminal, monkeypatch, code):
    """Wherever it stands; what stays is visible, and columns do not move."""
    language(code)
    row = [ProtocolText(CONTROLS), CONTROLS]
    blocks = [Heading(CONTROLS), Paragraph(CONTROLS), Bullets([CONTROLS]), Table(row, [row])]
    terminal(100)
    monkeypatch.setenv("NO_COLOR", "1")
    inside = for_terminal([*blocks, Beside([blocks[:3], blocks[:3]])])
    assert len(re.findall("[\u2066\u2067]", inside)) == inside.count("\u2069")
    assert ("\u2069" in inside) == (code == "ar")  # our own, around cells
    for shown in (to_text(blocks), ISOLATES.sub("", inside)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", shown)
        assert shown.count(r"\x1b[31m") >= 7


def test_vowel_signs_take_no_room_in_columns():
    said = to_text([Table(["أ", "ب"], [["نُفِّذ", "x"], ["نفذ", "x"]])])
    seen = [re.sub("[\u064b-\u0652]", "", line) for line in said.splitlines()]
    assert seen[2] == seen[3]


def test_arabic_cells_are_kept_apart_and_go_their_own_way(terminal):
    language("ar")
    terminal(80)
    rows = [("قد يجيب", ProtocolText("250 OK")), ("RCPT نعم", "21:28")]
    said = for_terminal([Table(("أ", "ب"), rows)]).splitlines()
    ways = [re.findall("[\u2066\u2067]", line) for line in said]
    right, left = "\u2067", "\u2066"
    assert ways == [[right, right], [], [right, left], [right, left]]
    assert all(line.count("\u2069") in (0, 2) for line in said)
    assert not ISOLATES.search(to_text([Table(("أ", "ب"), rows)]))


# ---- as a user sees it ----


def in_terminal(*arguments, **environ):
    """What the command line writes to a real terminal."""
    pty = pytest.importorskip("pty")
    mine, its = pty.openpty()
    known = {key: said for key, said in os.environ.items() if key != "NO_COLOR"}
    environ = known | {"TERM": "xterm", "SMTPEDU_LANGUAGE": "en"} | environ
    command = [sys.executable, "-m", "smtpedu", *arguments]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environ) as running:
        os.close(its)
        written = b""
        while more := _read(mine):
            written += more
    os.close(mine)
    assert running.returncode == 0, written
    return written.decode().replace("\r\n", "\n")


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so at the end
        return b""


@pytest.mark.parametrize("code", ["en", "ar"])
def test_compare_in_a_terminal_has_a_card_in_each_column(code):
    said = in_terminal("compare", "250", "551", "--language", code, COLUMNS="80", NO_COLOR="1")
    assert "\x1b" not in said
    language(code)
    found = [f"{line} " for line in ISOLATES.sub("", said).splitlines()]
    rows = [line.partition(" | ") for line in found if " | " in line]
    frame = smtp.compare(250, 551).to_frame()
    for n, column in ((0, "250"), (2, "551")):
        told = "".join("".join(row[n].split()) for row in rows)
        for part in ("title", "description", "when", "fix"):
            assert "".join(frame.loc[("card", part), column].split()) in told
        assert "".join(frame.loc[("use", "use"), column].split()) in told
    assert {len(re.sub("[\u064b-\u0652]", "", left)) for left, *_ in rows} == {38}


def test_compare_in_a_terminal_is_in_colour_and_the_same_without():
    plain = in_terminal("compare", "250", "551", COLUMNS="100", NO_COLOR="1")
    coloured = in_terminal("compare", "250", "551", COLUMNS="100")
    assert "\x1b[32m250\x1b[m OK" in coloured and "\x1b[31m551\x1b[m User" in coloured
    assert re.sub("\x1b\\[\\d*m", "", coloured) == plain
    assert in_terminal("compare", "250", "551", COLUMNS="60", NO_COLOR="1").count(" | ") == 0


@pytest.mark.parametrize("code", ["en", "ar"])
def test_a_pipe_gets_plain_text_whatever_the_terminal(code):
    command = [sys.executable, "-m", "smtpedu", "compare", "250", "551", "--language", code]
    environ = os.environ | {"COLUMNS": "100", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    piped = subprocess.run(command, capture_output=True, check=True, env=environ)
    language(code)
    assert piped.stdout.decode() == f"{smtp.compare(250, 551)}\n"


def test_shown_in_ipythons_terminal_as_on_the_command_line(terminal):
    terminal(100)
    compared = smtp.compare(250, 551)
    assert compared._repr_mimebundle_()["text/plain"] == for_terminal(compared.blocks())
    assert "\x1b" not in str(compared) and " | " not in str(compared)
    session = smtp.session("moved-refused")
    assert session._repr_mimebundle_()["text/plain"] == str(session)


@pytest.mark.parametrize(
    ("foreign", "seen"),
    [("a\u202eb\u2066", r"a\u202eb\u2066"), ("\x1b[2J\x07", r"\x1b[2J\x07"), ("$x$", "$x$")],
)
def test_what_would_turn_or_steer_the_page_is_shown_by_its_number(foreign, seen):
    """An unclosed isolate would turn the rest of the page; in `code` a dollar is no mathematics."""
    block = Paragraph(f"A `{foreign}` and {foreign}")
    assert to_html([block]).count(seen) == 2
    assert f"<code>{seen}</code>" in to_html([block])
