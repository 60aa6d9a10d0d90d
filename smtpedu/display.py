"""What can be shown: as text in a terminal, as plain HTML anywhere, as a widget in a notebook.

All text is escaped, and protocol text (in backticks) is left-to-right in any language. The widget
of a `Displayable` is found by name and late, so that nothing below `widgets` imports ipywidgets.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from itertools import chain, zip_longest
from typing import Any, ClassVar
from unicodedata import category

from smtpedu.foreign import visible
from smtpedu.i18n import direction, language

WIDTH = 88  # of text, in characters; a terminal's text is as wide as that is


class ProtocolText(str):
    """Protocol lines as they are: left-to-right, and backticks mean nothing in them."""

    __slots__ = ()


class English(str):
    """A sentence that has no translation, such as one of a registry: set apart elsewhere."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 2 is that of the whole."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list in no order."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of each row is its header."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a program, as they are."""

    text: str


Stacked = Heading | Paragraph | Bullets | Table | Code


@dataclass(frozen=True, slots=True)
class Beside:
    """Columns of as many blocks each; elsewhere than in a terminal, they or `instead` in a row."""

    columns: Sequence[Sequence[Stacked]]
    instead: Sequence[Stacked] = ()


Block = Stacked | Beside


class Displayable:
    """Base of what a cell can show: give it `blocks()`.

    Where it has a widget, `_widget` is the folder of that in `widgets`, and `run_me_key` the key
    of what asks to run the cell, if nothing can be done without the widget.
    """

    _widget: ClassVar[str] = ""
    run_me_key: ClassVar[str] = ""

    def blocks(self) -> Iterable[Block]:
        """What there is to show, in the current language."""
        raise NotImplementedError

    def to_html(self) -> str:
        """Plain HTML without scripts or styles, the same at every call."""
        return to_html(self.blocks())

    def __str__(self) -> str:
        return to_text(self.blocks())

    def widget(self, **options: Any) -> Any:
        """The widget that shows this; `options` are its traits."""
        return widget_of(self._widget, self, **options)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._widget and _in_notebook():
            return self.widget()._repr_mimebundle_(**kwargs)
        plain = type(self).__str__ is Displayable.__str__
        shown = for_terminal(self.blocks()) if plain else str(self)
        return {"text/plain": shown, "text/html": self.to_html()}


def widget_of(folder: str, shown: object, **options: Any) -> Any:
    """The widget in this folder of `widgets`, made for what it shows.

    It is found by name and late: the one way up, so that nothing below the widgets needs them.
    """
    return import_module(f"smtpedu.widgets.{folder}").make(shown, **options)


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this; a terminal needs no widget."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def to_text(blocks: Iterable[Block]) -> str:
    """Blocks as plain text, `WIDTH` characters wide at most: the same wherever it goes."""
    return "\n\n".join(_text(block, WIDTH) for block in _stacked(blocks))


def for_terminal(blocks: Iterable[Block]) -> str:
    """Blocks as text for standard output: where that is a terminal, in its width and in colour."""
    if not sys.stdout.isatty():
        return to_text(blocks)
    columns, apart = shutil.get_terminal_size().columns, direction() == "rtl"
    width = max(40, min(columns, 100) - 1)  # some terminals break after a line that fills them
    fitting = blocks if columns >= 80 else _stacked(blocks)
    shown = "\n\n".join(_text(block, width, apart) for block in fitting)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or os.name == "nt":
        return shown
    return _CODE.sub(lambda code: f"\033[{_COLOURS[code[1]]}{code[0]}\033[m", shown)


#: A reply code (RFC 5321 §4.2: its second digit is 0 to 5) that stands alone, or before a hyphen.
_CODE = re.compile(r"(?<![\w.§-])(?<!RFC )([245])[0-5]\d(?!\w|\.\d)", re.ASCII)
_COLOURS = {"2": "32m", "4": "33m", "5": "31m"}
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _END = "\u2066\u2067\u2069"  # the isolates of Unicode's UAX 9


def _stacked(blocks: Iterable[Block]) -> Iterator[Stacked]:
    for block in blocks:
        if isinstance(block, Beside):
            yield from block.instead or chain.from_iterable(block.columns)
        else:
            yield block


def _text(block: Block, width: int, apart: bool = False) -> str:
    """`apart`: as `_padded` sets cells apart."""
    match block:
        case Heading(text, level):
            lines = _fill(text, width)
            rule = "=" if level == 2 else "-"
            return lines + "\n" + rule * max(map(_seen, lines.split("\n")))
        case Paragraph(text):
            return _fill(text, width)
        case Bullets(items):
            return "\n".join(
                ("- " + _fill(item, width - 2).replace("\n", "\n  ")).rstrip() for item in items
            )
        case Table(head, rows):
            return _columns([head, *rows], width, apart)
        case Code(text):
            return visible(text)
        case Beside(columns):
            return "\n\n".join(_beside(row, width, apart) for row in zip(*columns, strict=True))


def _beside(row: Sequence[Stacked], width: int, apart: bool) -> str:
    """A block of each column, or the one that they all have."""
    if all(block == row[0] for block in row):
        return _text(row[0], width)
    each = (width - 3 * len(row) + 3) // len(row)
    cells = [_text(block, each).split("\n") for block in row]
    return "\n".join(_lines(cells, [each] * len(row), " | ", apart))


def _lines(cells: list[list[str]], widths: list[int], gap: str, apart: bool) -> Iterator[str]:
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (_padded(part, width, apart) for part, width in zip(parts, widths, strict=True))
        yield gap.join(padded).rstrip()


def _padded(part: str, width: int, apart: bool) -> str:
    """A cell's line; `apart`, so that right-to-left columns do not run into each other."""
    padded = part + " " * (width - _seen(part))
    if not apart:
        return padded
    leftwards = re.search(r"[\u0590-\u08ff]|^\W*$", part)
    return f"{_RIGHT_TO_LEFT if leftwards else _LEFT_TO_RIGHT}{padded}{_END}"


def _seen(part: str) -> int:
    """How many places a line takes: the vowel signs of Arabic take none."""
    return len(part) if part.isascii() else sum(category(c) != "Mn" for c in part)


def _columns(rows: Sequence[Sequence[str]], width: int, apart: bool) -> str:
    """Cells wrapped into columns that share the width, a rule below the head."""
    wanted = [max(_longest(cell) for cell in column) for column in zip(*rows, strict=True)]
    widths = _widths(wanted, width)
    lines: list[str] = []
    for row in rows:
        cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        lines += _lines(cells, widths, "  ", apart)
        if row is rows[0]:
            lines.append("-" * (sum(widths) + 2 * len(widths) - 2))
    return "\n".join(lines)


def _longest(cell: str) -> int:
    return max(map(len, _plain_text(cell).split("\n")))


def _widths(wanted: list[int], width: int) -> list[int]:
    """What each column gets: the narrow ones all they want, the others an equal share."""
    left, columns = width - 2 * len(wanted) + 2, len(wanted)
    widths = [0] * columns
    for n in sorted(range(columns), key=lambda n: wanted[n]):
        widths[n] = min(wanted[n], left // columns)
        left, columns = left - widths[n], columns - 1
    return widths


def _wrapped(cell: str, width: int) -> list[str]:
    lines = _plain_text(cell).split("\n")
    return [part for line in lines for part in _fill(line, width).split("\n")]


def _fill(line: str, width: int) -> str:
    # textwrap drops one blank at a line's end; several of different kinds may stand there.
    lines = map(str.rstrip, textwrap.wrap(visible(line), width, break_on_hyphens=False))
    return "\n".join(filter(None, lines))


def _plain_text(cell: str) -> str:
    return visible(cell if isinstance(cell, ProtocolText) else cell.replace("`", ""))


def to_html(blocks: Iterable[Block]) -> str:
    """Blocks as one HTML section in the current language and direction."""
    body = "".join(_html(block) for block in _stacked(blocks))
    # Else JupyterLab would set a sum in dollars as mathematics, as nbconvert's MathJax 2 would.
    kind = ' class="mathjax_ignore tex2jax_ignore"' if re.search(r"[$\\]", body) else ""
    return f'<section lang="{language()}" dir="{direction()}"{kind}>{body}</section>'


def _html(block: Stacked) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{_seen_inline(text)}</h{level}>"
        case Paragraph(text):
            return f"<p{_side()}>{_seen_inline(text)}</p>"
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{_seen_inline(item)}</li>" for item in items) + "</ul>"
        case Table(head, rows):
            titles = "".join(_cell("th", cell, ' scope="col"') for cell in head)
            body = "".join(_row(row) for row in rows)
            return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
        case Code(text):
            return f'<pre dir="ltr"><code>{escape(visible(text))}</code></pre>'


def _side() -> str:
    # JupyterLab sets paragraphs flush left in any direction; what is so anyway needs no style.
    return ' style="text-align:right"' if direction() == "rtl" else ""


def _row(row: Sequence[str]) -> str:
    header = _cell("th", row[0], ' scope="row"')
    return f"<tr>{header}{''.join(_cell('td', cell) for cell in row[1:])}</tr>"


def _cell(tag: str, cell: str, attributes: str = "") -> str:
    # JupyterLab sets tables flush right, and lets only such a style through.
    side = "right" if direction() == "rtl" else "left"
    return f'<{tag}{attributes} style="text-align:{side}">{_seen_inline(cell)}</{tag}>'


def _seen_inline(text: str) -> str:
    """On a page, what would turn it is shown by its number; a file for others keeps it."""
    return inline(type(text)(visible(text)))


def inline(text: str) -> str:
    """Escaped text; its `backticked` parts and RFC references are isolated left-to-right."""
    if isinstance(text, ProtocolText):
        return "<br>".join(map(_code, text.split("\n")))
    if isinstance(text, English) and language() != "en":
        return f'<bdi lang="en" dir="ltr">{inline(str(text))}</bdi>'
    parts = re.split(r"`([^`]*)`", text)
    return "".join(_code(part) if n % 2 else _plain(part) for n, part in enumerate(parts))


def _code(part: str) -> str:
    return f'<bdi dir="ltr"><code>{escape(part)}</code></bdi>'


def _plain(part: str) -> str:
    lines = escape(part).replace("\n", "<br>")
    return RFC_REFERENCE.sub(lambda found: f'<bdi dir="ltr">{found[0]}</bdi>', lines)


RFC_REFERENCE = re.compile(r"RFC (\d+)(?: §([\d.]*\d))?")


def unescape(text: str) -> str:
    """`html.unescape` for numbers of any length: U+FFFD for those beyond Unicode, as in HTML."""
    return html.unescape(_REFERENCE.sub(r"&#\1", text))


_REFERENCE = re.compile("&#0*([0-9]{1,9})[0-9]*")  # nine digits are beyond Unicode, as more are
