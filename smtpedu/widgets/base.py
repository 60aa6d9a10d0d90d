"""What every widget shares: its files, the language, an honest repr, the fallback in HTML.

The law of this folder: Python computes and validates, JavaScript draws. A widget is a trio of
files with one stem; `assets` finds its JavaScript and CSS and puts what `base.*` shares in.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from smtpedu import language as _language
from smtpedu.language import LANGUAGES, strings, text
from smtpedu.markup import Block, Paragraph, Shown, to_html, to_text

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<stem>\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function|const|class)", re.MULTILINE)
_ROOT = re.compile(r"\.smtpedu(?![\w.-])")


def assets(stem: str) -> tuple[str, str]:
    """The ES module and the style sheet of a widget.

    A widget's module reaches the browser as text and cannot import its neighbours, so they
    are put in its place here; on disk each file stays a module that Node can test.
    Every sheet holds for the whole page: rules that widgets share are narrowed to this widget,
    and weigh no more for that.
    """
    used: list[str] = []
    module = _inlined(stem, used)
    paths = (_HERE / f"{name}.css" for name in used)
    styles = "".join(path.read_text("utf-8") for path in paths if path.exists())
    return module, _ROOT.sub(rf"\g<0>:where(.smtpedu-{stem})", styles)


def _inlined(stem: str, used: list[str]) -> str:
    """The module with what it imports before it; `used` gathers the stems in that order."""
    source = (_HERE / f"{stem}.js").read_text("utf-8")
    before = ""
    for wanted in _IMPORT.finditer(source):
        if wanted["stem"] not in used:
            before += _EXPORT.sub("", _inlined(wanted["stem"], used))
    used.append(stem)
    return before + _IMPORT.sub("", source)


def packed(content: object) -> bytes:
    """JSON for a trait that is large as text; the browser unpacks it."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(data, mtime=0)


def run_me(key: str) -> list[Block]:
    """How a fallback begins in which nothing can be done, and what it means if it stays."""
    return [Paragraph(f"{text(key)} {text('fallback.missing')}")] if key else []


class Widget(anywidget.AnyWidget):
    """Base of the widgets: made for a `Shown` object, in the language that is current."""

    language = traitlets.Enum(list(LANGUAGES)).tag(sync=True)
    _strings = traitlets.Dict().tag(sync=True)

    #: Beginnings of the keys of the strings that the widget takes along.
    string_keys: tuple[str, ...] = ()

    def __init__(self, shown: Shown, **traits: Any) -> None:
        self.shown = shown
        super().__init__(
            language=_language(), _strings=strings("widget.", *self.string_keys), **traits
        )

    def fallback(self) -> list[Block]:
        """What is seen where no widget can be: before the cell is run, or in print."""
        return [*run_me(self.shown.run_me), *self.shown.blocks()]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.shown!r}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        blocks = self.fallback()
        return {**data, "text/plain": to_text(blocks), "text/html": to_html(blocks)}, metadata
