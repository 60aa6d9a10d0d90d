"""Debug output that tells what went over the wire as a programming language's literals.

The law of this file: a literal becomes lines again, and its mark a speaker. Logs that show the
lines themselves are for `notations`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from smtpedu.language import text as translated
from smtpedu.said import Row, Said, TranscriptError

# Ruby's arrows are seen from the server.
_SMTPLIB = re.compile(r"(?:[\d:.]+ )?(?P<who>send:|reply:|<-|->) (?P<literal>b?(['\"]).*\3)\s*$")
# What Python's `repr` writes, and Ruby's `inspect`: evaluating it gives one string, no warning.
_LITERAL = re.compile(
    r"b?(?:'(?:[^'\\]|ESCAPE)*+'|\"(?:[^\"\\]|ESCAPE)*+\")".replace(
        "ESCAPE", r"\\(?:[\\'\"nrt]|x[0-9a-fA-F]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
    )
)


def literal_rows(rows: list[Row]) -> int:
    """How many rows are in the notation of Python's smtplib, or Ruby's Net::SMTP."""
    return sum(bool(_SMTPLIB.match(row)) for _, row in rows)


def literals(rows: list[Row]) -> Iterator[Said]:
    """What `smtplib.SMTP.set_debuglevel(1)` prints, or Ruby's `set_debug_output`.

    Raises `TranscriptError` for a literal that is cut.
    """
    for number, row in rows:
        if not (found := _SMTPLIB.match(row)):
            continue
        try:
            if not _LITERAL.fullmatch(found["literal"]):
                raise ValueError
            sent = ast.literal_eval(found["literal"])
        except (SyntaxError, ValueError):
            raise TranscriptError(number, translated("error.literal")) from None
        server = found["who"] in ("reply:", "->")
        content = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
        for line in content.removesuffix("\r\n").split("\r\n"):
            # A bare line feed in what was sent would be a line of its own in any transcript.
            yield from (Said(server, part, number) for part in line.split("\n"))
