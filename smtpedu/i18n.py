"""The languages, the current one, and the interface strings in it.

A language is a gettext catalogue in `data/locale`, whose strings are looked up by key: English is
a translation like any other. What another language lacks is given in English. Texts about codes
are in `reference.texts`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from smtpedu.files import DataError, check_fields, folder
from smtpedu.foreign import visible

_CATALOGUES = folder("data") / "locale"
_found = sorted(path.parts[-3] for path in _CATALOGUES.glob("*/LC_MESSAGES/smtpedu.po"))

#: The names of the languages that have a catalogue, English first.
LANGUAGES = ("en", *(name for name in _found if name != "en"))

_T = TypeVar("_T")

_current: str | None = None


def language(name: str | None = None) -> str:
    """Set the language when one is given, and return the current one.

    Known are the folders of `data/locale`, such as `"en"` and `"ar"`. It starts as the
    environment's `SMTPEDU_LANGUAGE`, else English. Raises `ValueError` for any other name.
    """
    global _current
    if name is not None:
        if name not in LANGUAGES:
            raise ValueError(text("error.language", name=name, known=", ".join(LANGUAGES)))
        _current = name
    if _current is None:
        start = os.environ.get("SMTPEDU_LANGUAGE", "en")
        _current = start if start in LANGUAGES else "en"
    return _current


def direction(name: str | None = None) -> str:
    """`"ltr"` or `"rtl"`, for this language or the current one."""
    return text("widget.direction", in_language=name)


def in_language(texts: Mapping[str, _T], name: str | None = None) -> _T:
    """The entry of this language, or of the current one; where there is none, of English."""
    wanted = name or language()
    return texts[wanted if wanted in texts else "en"]


def in_each_language(texts: Mapping[str, _T]) -> dict[str, _T]:
    """Every language with its entry, else that of English: what a widget takes along."""
    return {name: in_language(texts, name) for name in LANGUAGES}


def languages_of(path: Path, header: str, table: object, fields: tuple[str, ...]) -> list[str]:
    """The languages of `[header]` in a TOML file, each of which is a field of it.

    Raises `DataError` where English is missing, or the fields beside are not exactly `fields`.
    """
    there = table if isinstance(table, Mapping) else {}
    found = [name for name in LANGUAGES if name == "en" or name in there]
    check_fields(path, header, table, (*fields, *found))
    return found


def text(key: str, *, in_language: str | None = None, **values: object) -> str:
    """The interface string of this key, with `{name}` places filled in, by foreign text too."""
    found = _catalogue(in_language or language())[key]
    return visible(found.format(**values)) if values else found


def check_type(name: str, value: object, *kinds: type) -> None:
    """Raises a `TypeError` that names the argument, for one that is of none of these types."""
    if not isinstance(value, kinds):
        known = ", ".join(kind.__name__ for kind in kinds)
        found = type(value).__name__
        raise TypeError(text("error.type", name=name, known=known, found=found))


def strings(*prefixes: str) -> dict[str, dict[str, str]]:
    """Language → key → string, of every key that begins so: what a widget takes along."""
    return {
        name: {key: said for key, said in _catalogue(name).items() if key.startswith(prefixes)}
        for name in LANGUAGES
    }


@cache
def _catalogue(name: str) -> dict[str, str]:
    """Every key with its string, English where this language has none.

    Reads the `.po` itself, so that no compiled file can fall behind it.
    """
    from babel.messages.pofile import PoFileError, read_po

    path = _CATALOGUES / name / "LC_MESSAGES" / "smtpedu.po"
    with path.open("rb") as file:
        try:
            entries = read_po(file, locale=name, abort_invalid=True)
        except PoFileError as error:
            raise DataError(path, error.lineno + 1, str(error)) from None
    own = {str(entry.id): str(entry.string) for entry in entries if entry.id and entry.string}
    return own if name == "en" else {**_catalogue("en"), **own}
