"""What every widget shares in Python: its data, what a page and Python tell each other.

Python computes and validates, JavaScript draws. A widget is a folder of the same name as its
`.js` and `.css`. Its module has `make`, which `Displayable.widget` calls with the object to be
shown. What draws it, and all that the package ships, is on the page (`widgets.page`): the output
holds a name for that, and data for what is the learner's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

import anywidget
import comm
import traitlets

from smtpedu.display import Block, Displayable, Paragraph, to_html
from smtpedu.i18n import LANGUAGES, language, text
from smtpedu.widgets.page import content

#: What a cell's output holds of a widget.
MIME = "application/vnd.smtpedu.v1+json"
_TARGET = "smtpedu"  # of the comms that pages open

Send = Callable[[dict[str, Any]], object]

# Every living widget by the id that its view has in the notebook.
_living: WeakValueDictionary[str, Widget] = WeakValueDictionary()
# The page that is setting values: it knows what it said.
_speaker: ContextVar[Send | None] = ContextVar("speaker", default=None)


def run_me_blocks(key: str) -> list[Block]:
    """How a fallback begins in which nothing can be done, and what it means if it stays."""
    return [Paragraph(f"{text(key)} {text('fallback.missing')}")] if key else []


class Widget(anywidget.AnyWidget):
    """Base of the widgets: made for a `Displayable` object, in the language that is current.

    Traits tagged `page="both"` are the same here and on every page that shows the widget; those
    tagged `page="told"` no page can set.
    """

    _esm = content.WIDGETS / "page" / "loader.js"
    data = traitlets.Dict().tag(sync=True)
    _silent = traitlets.Unicode().tag(sync=True)

    language = traitlets.Enum(list(LANGUAGES)).tag(page="both")

    def __init__(self, shown: Displayable, data: dict[str, Any], **traits: Any) -> None:
        self.shown = shown
        self._pages: list[Send] = []
        self._gathered: dict[str, Any] | None = None
        kind = type(self).__module__.rpartition(".")[2]
        fixed = {"data": {"language": language(), kind: data}, "_silent": text("fallback.silent")}
        super().__init__(language=language(), **fixed, **traits)
        _living[self.model_id] = self
        self.observe(self._trait_changed, list(self.traits(page=_is_shared)))
        self.on_msg(lambda _, said, __: self.heard(said, self.send))
        comm.get_comm_manager().register_target(_TARGET, _opened)

    # ---- with pages ----

    def asked(self, said: dict[str, Any], send: Send) -> None:
        """A page asks for something that only this widget can do; `send` answers it."""

    def put(self, **values: Any) -> None:
        """Set traits, and tell the pages in one message."""
        with self._gathering():
            for name, value in values.items():
                self.set_trait(name, value)

    @contextmanager
    def _gathering(self) -> Iterator[None]:
        self._gathered = {}
        try:
            yield
        finally:
            gathered, self._gathered = self._gathered, None
            if gathered:
                self._tell_pages(gathered)

    def _trait_changed(self, change: Any) -> None:
        if self._gathered is not None:
            self._gathered[change["name"]] = change["new"]
        else:
            self._tell_pages({change["name"]: change["new"]}, but=_speaker.get())

    def _tell_pages(self, state: dict[str, Any], but: Send | None = None) -> None:
        for send in self._pages[:]:
            if send != but:
                send({"state": state})

    def heard(self, said: object, send: Send) -> None:
        """A page says something; `send` answers it."""
        match said:
            case {"do": "open"}:
                if send not in self._pages:
                    self._pages.append(send)
                names = self.traits(page=_is_shared)
                send({"state": {name: getattr(self, name) for name in names}})
            case {"set": {**values}}:
                self._set(values, send)
            case {"load": str(name)} if name == "code" or name in content.PARTS:
                send({"loaded": name, "text": content.packet(name)})
            case dict():
                self.asked(said, send)

    def _set(self, values: dict[Any, Any], send: Send) -> None:
        """A page has set these; it is not told what it said itself."""
        token = _speaker.set(send)
        try:
            for name in values.keys() & self.traits(page="both").keys():
                with suppress(traitlets.TraitError):  # of no worth: it stays as it was
                    self.set_trait(name, values[name])
        finally:
            _speaker.reset(token)

    def _left(self, send: Send) -> None:
        with suppress(ValueError):
            self._pages.remove(send)

    # ---- in an output ----

    def fallback(self) -> list[Block]:
        """What is seen where no widget can be: before the cell is run, or in print."""
        return [*run_me_blocks(self.shown.run_me_key), *self.shown.blocks()]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.shown!r}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        # `print` gives the whole text: in a notebook the page in HTML is enough.
        said = {"text/plain": repr(self), "text/html": to_html(self.fallback())}
        return {MIME: self.data, **data, **said}, metadata


def _is_shared(tag: object) -> bool:
    return tag is not None


def _opened(channel: Any, message: Any) -> None:
    """A page has opened a comm: it names the widget that it shows."""
    widget = _living.get(message["content"]["data"].get("id"))
    if widget is None:
        channel.close()
        return
    channel.on_msg(lambda said: widget.heard(said["content"]["data"], channel.send))
    channel.on_close(lambda _: widget._left(channel.send))
    widget.heard({"do": "open"}, channel.send)
