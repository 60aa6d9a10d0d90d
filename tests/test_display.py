"""Text is escaped, protocol text is set apart, lines fit, and the result is always the same."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpedu.display import (
    WIDTH,
    Bullets,
    Displayable,
    English,
    Heading,
    Paragraph,
    ProtocolText,
    Table,
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
]
KNOWN_TAGS = {
    *("section", "h2", "p", "ul", "li", "table", "thead", "tbody"),
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
    assert read.text.count("<script>alert(\"1\")</script> & <img src=x onerror='alert(2)'>") == 8


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
