"""What every widget shares: its files, the language, an honest repr, the fallback in HTML.

Python computes and validates, JavaScript draws. A widget is a folder of the same name as its
`.js` and `.css`, which `assets` finds, with what they import. Its module has `make`, which
`Displayable.widget` calls with the object to be shown.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from smtpedu.display import Block, Displayable, Paragraph, to_html, to_text
from smtpedu.i18n import LANGUAGES, language, strings, text
from smtpedu.reference import registry, texts
from smtpedu.reference.compare import ASPECTS, commands, facts, sources
from smtpedu.reference.registry import Code

_WIDGETS = Path(__file__).parents[1]
_IMPORT = re.compile(r'^import \{[^}]*\} from "(?P<path>[./\w]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function|const|class)", re.MULTILINE)
_ROOT = re.compile(r"\.smtpedu(?![\w.-])")


def assets(name: str) -> tuple[str, str]:
    """The ES module and the style sheet of a widget.

    A widget's module reaches the browser as text and cannot import its neighbours, so they
    are put in its place here; on disk each file stays a module that Node can test.
    Every sheet holds for the whole page: rules that widgets share are narrowed to this widget,
    and weigh no more for that.
    """
    used: list[Path] = []
    module = _inlined(_WIDGETS / name / f"{name}.js", used)
    sheets = (path.with_suffix(".css") for path in used)
    styles = "".join(path.read_text("utf-8") for path in sheets if path.exists())
    return module, _ROOT.sub(rf"\g<0>:where(.smtpedu-{name})", styles)


def _inlined(path: Path, used: list[Path]) -> str:
    """The module with what it imports before it; `used` gathers the files in that order."""
    source = path.read_text("utf-8")
    before = ""
    for found in _IMPORT.finditer(source):
        wanted = (path.parent / found["path"]).resolve()
        if wanted not in used:
            before += _EXPORT.sub("", _inlined(wanted, used))
    used.append(path)
    return before + _IMPORT.sub("", source)


def packed(content: object) -> bytes:
    """JSON for a trait that is large as text; the browser unpacks it."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(data, mtime=0)


def run_me_blocks(key: str) -> list[Block]:
    """How a fallback begins in which nothing can be done, and what it means if it stays."""
    return [Paragraph(f"{text(key)} {text('fallback.missing')}")] if key else []


class Widget(anywidget.AnyWidget):
    """Base of the widgets: made for a `Displayable` object, in the language that is current."""

    language = traitlets.Enum(list(LANGUAGES)).tag(sync=True)
    _strings = traitlets.Dict().tag(sync=True)

    #: Beginnings of the keys of the strings that the widget takes along.
    string_keys: tuple[str, ...] = ()

    def __init__(self, shown: Displayable, **traits: Any) -> None:
        self.shown = shown
        known = strings("widget.", *self.string_keys)
        super().__init__(language=language(), _strings=known, **traits)

    def fallback(self) -> list[Block]:
        """What is seen where no widget can be: before the cell is run, or in print."""
        return [*run_me_blocks(self.shown.run_me_key), *self.shown.blocks()]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.shown!r}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        blocks = self.fallback()
        return {**data, "text/plain": to_text(blocks), "text/html": to_html(blocks)}, metadata


# ---- the codes, which a widget takes along to work alone ----


@cache
def packed_codes(*, pairs: bool) -> bytes:
    """Packed: language → codes, each with card and facts.

    With `pairs` the hand-written comparisons too, else what to say about unofficial codes.
    """
    return packed({name: _codes_in(name, pairs) for name in LANGUAGES})


def _codes_in(name: str, pairs: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"codes": [_code(code, name) for code in registry.table().values()]}
    if not pairs:
        titled = ((code, texts.unofficial(code, name)) for code in registry.unofficial())
        content["unofficial"] = {code: said for code, (_, said) in titled}
    else:
        written = ((a, b, texts.pair(a, b, name)) for a, b in texts.pairs())
        content["pairs"] = {f"{a}-{b}": asdict(pair) for a, b, pair in written if pair}
    return content


def _code(code: Code, name: str) -> dict[str, Any]:
    of_code = facts(code, name)
    return {
        "code": code.code,
        "text": code.text,
        "texts": asdict(texts.card(code.code, name)),
        "facts": [[aspect, of_code[aspect]] for aspect in ASPECTS],
        "commands": commands(code.code),
        "sources": sources(code, code, name),
    }
