"""The current language, its direction, and the interface strings in it.

Strings live in gettext catalogues (`data/locale`), looked up by key: English is a translation
like any other. Texts about codes live in `prose`.
"""

from __future__ import annotations

import os
from functools import cache

from smtpedu.files import DataError, folder

#: Language → writing direction.
LANGUAGES = {"en": "ltr", "ar": "rtl"}

_current: str | None = None


def language(name: str | None = None) -> str:
    """Set the language when one is given, and return the current one.

    `"en"` and `"ar"` are known. It starts as the environment's `SMTPEDU_LANGUAGE`, else
    English. Raises `ValueError` for any other name.
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
    return LANGUAGES[name or language()]


def text(key: str, *, in_language: str | None = None, **values: object) -> str:
    """The interface string of this key, with `{name}` places filled in."""
    found = _catalogue(in_language or language())[key]
    return found.format(**values) if values else found


def strings(*prefixes: str) -> dict[str, dict[str, str]]:
    """Language → key → string, of every key that begins so: what a widget takes along."""
    return {
        name: {key: said for key, said in _catalogue(name).items() if key.startswith(prefixes)}
        for name in LANGUAGES
    }


@cache
def _catalogue(name: str) -> dict[str, str]:
    """Read the `.po` itself, so that no compiled file can fall behind it."""
    from babel.messages.pofile import PoFileError, read_po

    path = folder("data") / "locale" / name / "LC_MESSAGES" / "smtpedu.po"
    with path.open("rb") as file:
        try:
            entries = read_po(file, locale=name, abort_invalid=True)
        except PoFileError as error:
            raise DataError(path, error.lineno + 1, str(error)) from None
    return {str(entry.id): str(entry.string) for entry in entries if entry.id}
