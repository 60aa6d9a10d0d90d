"""What every widget shares in Python: its data, what a page and Python tell each other.

Python computes and validates, JavaScript draws. A widget is a folder of the same name as its
`.js` and `.css`. Its module has `make`, which `Displayable.widget` calls with the object to be
shown. What draws it, and all that the package ships, is on the page (`widgets.page`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import anywidget
import traitlets

from smtpedu.display import Block, Displayable, Paragraph, to_html, to_text
from smtpedu.i18n import LANGUAGES, language, text
from smtpedu.widgets.page import content

#: What a cell's output holds of a widget.
MIME = "application/vnd.smtpedu.v1+json"

Send = Callable[[dict[str, Any]], object]


def run_me_blocks(key: str) -> list[Block]:
    """How a fallback begins in which nothing can be done, and what it means if it stays."""
    return [Paragraph(f"{text(key)} {text('fallback.missing')}")] if key else []


class Widget(anywidget.AnyWidget):
    """Base of the widgets: made for a `Displayable` object, in the language that is current.

    Traits that are tagged `page=True` are the same here and on each page that shows the widget.
    """

    _esm = content.WIDGETS / "page" / "loader.js"
    _data = traitlets.Dict().tag(sync=True)
    _silent = traitlets.Unicode().tag(sync=True)

    language = traitlets.Enum(list(LANGUAGES)).tag(page=True)

    def __init__(self, shown: Displayable, **traits: Any) -> None:
        self.shown = shown
        super().__init__(language=language(), **traits)
