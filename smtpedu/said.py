"""What all ways of reading a transcript share: a line and its speaker, what lines look like.

The law of this file: a line by itself. Whose it is, is for `notations` and `terminal` to find.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from smtpedu.language import text as translated

#: The longest protocol line read. RFC 5321 §4.5.3.1.6 allows 1,000 octets; tools log longer ones.
LINE_LIMIT = 65_536


class TranscriptError(ValueError):
    """Text that is not an SMTP dialogue; `line` (from 1) says where that shows first."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(translated("error.transcript", line=line, problem=problem))
        self.line, self.problem = line, problem


class Said(NamedTuple):
    """One line of the dialogue: who said it, the line without its end, where it stood."""

    server: bool
    text: str
    line: int


Row = tuple[int, str]  #: a line's number and its text

CODE = r"(?=[2-5][0-9]{2}(?:[ -]|$))"
REPLY_LINE = re.compile(CODE + r"...(?P<last> |$)?")
VERB = re.compile(
    r"(?:[EL]HLO|HELO|MAIL|RCPT|DATA|RSET|VRFY|EXPN|HELP|NOOP|QUIT|AUTH|STARTTLS|BDAT|ETRN|ATRN"
    r"|XCLIENT|XFORWARD)"
    r"(?![^\s])",
    re.I,
)
CHUNK = re.compile(r"BDAT +(?P<size>[0-9]{1,20})(?: +LAST)? *$", re.I)  # RFC 3030 §2
