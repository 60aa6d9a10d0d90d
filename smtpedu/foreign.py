"""Foreign text is only text: what stands in for the characters that would act on what is around.

One rule for each medium. A terminal and a page show such a character by its number (`visible`; in
the browser `visible` of `widgets/shared/base.js`, with the same table). A cell of CSV is never a
formula (`cell`).
"""

from __future__ import annotations

import re
from typing import TypeVar

_T = TypeVar("_T")

# Controls but the tab and the line feed; what ends a line or a paragraph, opens or closes an
# embedding, override or isolate (Unicode's UAX 9); half a character. The marks U+061C, U+200E and
# U+200F stay: they act as a letter does, no further than it, and Arabic is written with them.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# OWASP, CSV Injection: what begins a formula in a spreadsheet, wide forms included.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def visible(text: str) -> str:
    r"""Text in which nothing steers a terminal or turns a page: `\x1b`, `\u202e`."""
    return _ACTING.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def cell(value: _T) -> _T | str:
    """A value as a spreadsheet may have it: an apostrophe before text that begins a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
