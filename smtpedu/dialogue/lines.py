"""The lines of a dialogue, and how a reply and a command show where they begin.

RFC 5321 §4.2 gives a reply three digits and a blank or hyphen, §4.1.1 a command its verb: signs
strong enough to be found in a row that a tool has put words of its own before.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from smtpedu.i18n import text as translated
from smtpedu.protocol.states import Speaker

#: The longest protocol line read. RFC 5321 §4.5.3.1.6 allows 1,000 octets; tools log longer ones.
LINE_LIMIT = 65_536


class TranscriptError(ValueError):
    """Text that is not an SMTP dialogue; `line` (from 1) says where that shows first."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(translated("error.transcript", line=line, problem=problem))
        self.line, self.problem = line, problem


class Line(NamedTuple):
    """One line of the dialogue, without its end; `number` is its row in the transcript."""

    speaker: Speaker
    text: str
    number: int


Row = tuple[int, str]  #: a row of the transcript as it stands: its number and its text

CODE = r"[2-5][0-9]{2}"
REPLY_LINE = re.compile(rf"(?={CODE}(?:[ -]|$))...(?P<last> |$)?")
VERB = re.compile(
    r"(?:[EL]HLO|HELO|MAIL|RCPT|DATA|RSET|VRFY|EXPN|HELP|NOOP|QUIT|AUTH|STARTTLS|BDAT|ETRN|ATRN"
    r"|XCLIENT|XFORWARD)"
    r"(?![^\s])",
    re.I,
)
CHUNK = re.compile(r"BDAT +(?P<size>[0-9]{1,20})(?: +LAST)? *$", re.I)  # RFC 3030 §2


def is_reply(line: Line) -> bool:
    """Whether a line of the server is one of a reply."""
    return line.speaker is Speaker.SERVER and bool(REPLY_LINE.match(line.text))
