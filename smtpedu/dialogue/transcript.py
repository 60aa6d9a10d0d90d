"""From pasted text to lines: what is around the dialogue is peeled off, and its format found.

Text that is no dialogue is an error. How each format is read is in `formats`, and in `unmarked`.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from os.path import commonprefix

from smtpedu.dialogue.formats import (
    LINE_LIMIT,
    REPLY_LINE,
    VERB,
    Line,
    Row,
    TranscriptError,
    best_format,
    count_literals,
    read_literals,
    read_marked,
)
from smtpedu.dialogue.unmarked import read_unmarked, without_escapes
from smtpedu.i18n import text as translated
from smtpedu.protocol.states import Speaker

_FRONT_MATTER = re.compile(r"---\n(?P<fields>.*?)\n---\n", re.DOTALL)
_CONTINUED = "  "  # how a further line of a value begins
_QUOTES = 9  # how often a quoted mail may have been quoted again
_MARGIN = 1_000  # characters; a deeper indent is no margin
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_LINE_END = re.compile(r"\r+\n")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


def front_matter(text: str) -> dict[str, str]:
    """The `key: value` lines between two `---` at the top; empty when there are none.

    A line that begins with two spaces continues the value before it.
    """
    found = _FRONT_MATTER.match(text)
    fields: dict[str, str] = {}
    key = ""
    for line in found["fields"].split("\n") if found else []:
        if line.startswith(_CONTINUED) and fields:
            fields[key] += "\n" + line.removeprefix(_CONTINUED)
        elif ":" in line:
            before, _, value = line.partition(":")
            key = before.strip()
            fields[key] = value.strip()
    return fields


def format_front_matter(fields: dict[str, str]) -> str:
    """Fields as `front_matter` reads them; nothing when there are none."""
    head = "".join(_field(key, value) for key, value in fields.items())
    return f"---\n{head}---\n" if head else ""


def _field(key: str, value: str) -> str:
    first, *further = value.split("\n")
    lines = [f"{key}: {first}".rstrip(), *(_CONTINUED + line for line in further)]
    return "".join(f"{line}\n" for line in lines)


def decode(transcript: str | bytes) -> str:
    """Text with LF line ends; raises `TranscriptError` for what is not text at all."""
    if isinstance(transcript, bytes):
        # What Windows PowerShell's `>` writes is UTF-16.
        utf_16 = transcript.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        transcript = transcript.decode("utf-16" if utf_16 else "utf-8", "replace")
    # The recording of a screen ends its lines in CR CR LF.
    text = without_escapes(_LINE_END.sub("\n", transcript.removeprefix("\ufeff")))
    if found := _NOT_TEXT.search(text):
        raise TranscriptError(text.count("\n", 0, found.start()) + 1, translated("error.binary"))
    if not text.strip():
        raise TranscriptError(1, translated("error.no_text"))
    return text


def read(text: str) -> list[Line]:
    """The lines of a transcript in any known format. Raises `TranscriptError`."""
    start = found.end() if (found := _FRONT_MATTER.match(text)) else 0
    offset = text.count("\n", 0, start)
    rows = list(enumerate(text[start:].rstrip("\n").split("\n"), offset + 1))
    lines = _lines(_without_margin(_inside_fences(rows)))
    for line in lines:
        if len(line.text) > LINE_LIMIT:
            problem = translated("error.long_line", length=len(line.text), limit=LINE_LIMIT)
            raise TranscriptError(line.number, problem)
    if not any(line.speaker is Speaker.SERVER for line in lines):
        first = next((number for number, row in rows if row.strip()), offset + 1)
        raise TranscriptError(first, translated("error.no_reply"))
    return lines


def _inside_fences(rows: list[Row]) -> list[Row]:
    """What stands between Markdown's fences, unless the fences are part of a message."""
    fences = [n for n, (_, row) in enumerate(rows) if _FENCE.match(row)]
    if len(fences) < 2 or any(REPLY_LINE.match(row) for _, row in rows[: fences[0]]):
        return rows
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return [row for first, last in pairs for row in rows[first + 1 : last]]


def _without_margin(rows: list[Row]) -> list[Row]:
    """Rows without the quote marks and the indent that all of them have."""
    for _ in range(_QUOTES):
        if not (common := _common_start(rows)).startswith(">"):
            break
        rows = [(number, row[1:].removeprefix(" ")) for number, row in rows]
    margin = len(common) - len(common.lstrip(" \t"))
    return [(number, row[margin:]) for number, row in rows] if margin else rows


def _common_start(rows: list[Row]) -> str:
    # Characters are meant, not parts of a path.
    return commonprefix([row[:_MARGIN] for _, row in rows if row.strip()])  # noqa: RUF071


def _lines(rows: list[Row]) -> list[Line]:
    """Read the rows in the way that explains the most of them; where two do, marks win."""
    if not rows:
        return []
    plain = max(sum(bool(REPLY_LINE.match(row) or VERB.match(row)) for _, row in rows) - 1, 0)
    format, explained = best_format(rows, plain)
    if count_literals(rows) > explained:
        return list(read_literals(rows))
    return read_marked(rows, format) if format else read_unmarked(rows)
