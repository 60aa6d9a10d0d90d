"""What all formats share: items as HTML, in the forms that others know; their HTML as plain text.

What is escaped cannot be executed. What the form of a question in these programs has no place for
stands in `Shape.after`, which every format shows when the question is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from smtpedu.display import ProtocolText, inline, unescape
from smtpedu.i18n import direction, text
from smtpedu.questions.items import Item
from smtpedu.questions.kinds import Form, kind_of

# XML 1.0 §2.2 has no place for these, nor has any program a use for half a surrogate pair.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates, with which a text can look like another.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def cleaned(said: str) -> str:
    """The text without characters that cannot stand in a file of another program."""
    return _UNFIT.sub("\ufffd", said.replace("\r\n", "\n").replace("\r", "\n"))


def span(said: str, language: str) -> str:
    """A phrase as HTML, in its language and direction; protocol text is left-to-right."""
    return f'<span lang="{language}" dir="{direction(language)}">{inline(cleaned(said))}</span>'


def paragraphs(said: Iterable[str], language: str) -> str:
    """Paragraphs as HTML; empty ones are left out."""
    opened = f'<p lang="{language}" dir="{direction(language)}">'
    return "".join(f"{opened}{inline(cleaned(part))}</p>" for part in said if part)


def dialogue(lines: Iterable[tuple[int, str]]) -> str:
    """A dialogue as HTML, each line with its number; nothing where there is none."""
    rows = [f"{number:>3}  {escape(cleaned(line))}" for number, line in lines]
    return '<pre dir="ltr">' + "\n".join(rows) + "</pre>" if rows else ""


def plain(said: str) -> str:
    """The text where HTML cannot stand."""
    return " ".join(cleaned(said).replace("`", "").split())


# ---- an item as other programs know it ----


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be chosen, as HTML; `share` is its part of the mark, in percent."""

    html: str
    share: float
    feedback: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A question as others know it; the forms "single" and "multiple" have `answers`.

    `after` are texts said once it is answered, `tags` what it is about, for programs that can
    search by it.
    """

    item: Item
    form: Form
    answers: tuple[Answer, ...]
    after: tuple[str, ...]
    tags: tuple[str, ...]


def shape(item: Item) -> Shape:
    """What an item becomes."""
    form = kind_of(item).form
    after = [item.why]
    if form in ("order", "match"):  # no program says something about each of these
        after += [f"{option.text} — {option.feedback}" for option in item.options]
    if item.source:
        after.append(text("interchange.source", in_language=item.language, source=item.source))
    named = [f"misconception:{name}" for name in sorted(item.misconceptions)]
    tags = (item.objective, item.level, item.kind, *named)
    return Shape(item, form, _answers(item), *(tuple(filter(None, one)) for one in (after, tags)))


def _answers(item: Item) -> tuple[Answer, ...]:
    kind = kind_of(item)
    if kind.form not in ("single", "multiple"):
        return ()
    options = list(kind.alternatives(item))
    share, wrong = 100.0, 0.0
    if kind.form == "multiple":  # a wrong tick takes away what a right one gives, as in our grading
        share = 100 / sum(option.right for option in options)
        wrong = -share
    found = []
    for one in options:
        is_line = kind.option_field == "line"
        html = inline(ProtocolText(cleaned(one.text))) if is_line else span(one.text, item.language)
        found.append(Answer(html, share if one.right else wrong, one.feedback))
    return tuple(found)


# ---- their HTML as plain text ----

_BLOCKS = {
    *("p", "div", "br", "li", "tr", "pre", "ul", "ol", "dl", "dt", "dd", "table", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr"),
}
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "del", "dfn", "em", "font", "i", "ins"),
    *("kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
    *("tbody", "td", "th", "thead", "tt", "u", "var", "wbr"),
}
_UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "title", "head"}
_PICTURES = {"img", "svg", "video", "audio", "canvas", "picture", "embed", "math"}


# `<bob@x.example>` is no tag. A `>` within an attribute ends it: that leaves text, never a tag.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<![A-Za-z\[][^<>]*>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>]*>",
    re.DOTALL,
)


class _Reader:
    """Collects what a reader would see; what only looks like a tag is text."""

    def __init__(self, said: str) -> None:
        self.parts: list[str] = []
        self.unseen = ""  # the element whose content nobody sees
        self.pictures = False
        end = 0
        for found in _TAG.finditer(said):
            self.text(said[end : found.start()])
            end = found.end()
            if found["name"]:
                self.tag(found["name"].casefold(), bool(found["end"]), found[0])
        self.text(said[end:])

    def text(self, said: str) -> None:
        if not self.unseen:
            self.parts.append(unescape(said))

    def tag(self, name: str, end: bool, written: str) -> None:
        if self.unseen:
            self.unseen = "" if end and name == self.unseen else self.unseen
        elif name in _UNSEEN:
            self.unseen = "" if end else name
        elif name in _PICTURES:
            self.pictures = True
        elif name in _BLOCKS:
            self.parts.append("\n")
        elif name == "code":
            self.parts.append("`")
        elif name not in _INLINE:
            self.parts.append(written)


def from_html(said: str, *, code: bool = False) -> tuple[str, bool]:
    """HTML as plain text, `code` in backticks; and whether there was a picture.

    The spaces in what is `code` as a whole are kept.
    """
    reader = _Reader(cleaned(said))
    # An entity, too, can be a character that turns the text.
    rows = _TURNING.sub("", cleaned("".join(reader.parts))).split("\n")
    clean = [row.rstrip() if code else " ".join(row.split()) for row in rows]
    return "\n".join(row for row in clean if row), reader.pictures
