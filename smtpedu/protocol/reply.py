"""One SMTP reply and one SMTP command: parse and format (RFC 5321 §4.1.1, §4.2).

Text in, values out. What a reply *does* to a session is in `states`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

# RFC 5321 §4.2: a client deals with codes it does not know by their first digit, so a second
# digit above 5 is read; the ABNF's %x30-35 binds the server, and `strict=True` holds it to that.
_LINE = re.compile(r"(?P<code>[2-5][0-9]{2})(?:(?P<sep>[ -])(?P<text>.*))?", re.DOTALL)
_LINE_END = re.compile(r"[\r\n]")
_TEXT = re.compile(r"[\t\x20-\x7e]*")
# RFC 2034 §4: the enhanced code opens the text; RFC 3463 §2: class "." subject "." detail.
# Some servers write a colon after it.
_ENHANCED = re.compile(r"\A([245])\.([0-9]{1,3})\.([0-9]{1,3})(?::?\s+|:?\Z)")
_LATER = re.compile(r"(?<![\w.])[2-5][0-9]{2}[ -](?=\S)")
# RFC 5321 §4.2.2 words 251 "will forward to" and 551 "please try"; Postfix's 550 5.1.6 says "has
# moved to"; brackets are often left out.
# §4.5.3.1.3 allows a path of 256 octets, and §4.1.2 a local-part in quotes.
_FORWARD = re.compile(
    r"\b(?:try|forward(?:ing|ed)? to|moved to|new address(?: is)?)\W{1,3}?[<(]?"
    r"((?:\"(?:\\.|[^\"\\]){0,256}\"|[^\s<>@\"]{1,256})@[^\s<>]+)",
    re.I,
)
_PATH = re.compile(
    r"\s*\S+\s+(?:FROM|TO)\s*:\s*(?:<((?:\"(?:\\.|[^\"\\])*\"|[^<>\"])*)>|(\S+))", re.I
)
# A mailbox (§4.1.2, RFC 6531 §3.3), generous as servers are: dots anywhere in a local-part.
_ATOMS = r"[^\s()<>@,:;\\\"\[\]]+"
_DOMAIN = r"[^\s()<>@,:;\\\"\[\].]+(?:\.[^\s()<>@,:;\\\"\[\].]+)*|\[[^\s\[\]\\]*\]"
_MAILBOX = rf"(?:{_ATOMS}|\"(?:[^\"\\]|\\.)*\")(?:@(?:{_DOMAIN}))?"
# Brackets may be missing, and a source route may be there, which is ignored (§4.1.1.3, App. C).
_ROUTE = rf"@{_ATOMS}(?:,@{_ATOMS})*:"
_WRITTEN = re.compile(
    rf"\s*(?:<(?:\s*(?:{_ROUTE})?(?P<path>{_MAILBOX})\s*)?>|(?P<bare>{_MAILBOX})(?!\S))"
)
_NEEDLESS = re.compile(rf"\"({_ATOMS})\"(?=@)")

STRICT_LINE_OCTETS = 512  # RFC 5321 §4.5.3.1.5, code and <CRLF> included

#: Every reason a `ReplySyntaxError` can give, in English; translations use the same keys.
REASONS = {
    "empty": "there is no reply here",
    "code": "a reply line starts with three digits, the first of them 2, 3, 4 or 5",
    "separator": "a space or a hyphen follows the three digits",
    "mixed": "every line of a multiline reply carries the same code",
    "unfinished": "the last line of a reply has a space after its code, not a hyphen",
    "trailing": "the reply ended on the line before this one",
    "characters": "a reply's text is printable US-ASCII, spaces and tabs",
    "grammar": "the second digit of a reply code is 0 to 5",
    "length": f"a reply line is at most {STRICT_LINE_OCTETS} octets long",
    "line-end": "a reply line ends in <CRLF> and has no other carriage return or line feed",
}


class ReplySyntaxError(ValueError):
    """Text that is no SMTP reply.

    `reason` is a key of `REASONS`; `line` and `column` count from 1 and say where. `begins` is the
    column where a reply may begin in that line, if one does, else 0.
    """

    def __init__(self, reason: str, line: int = 1, column: int = 1, begins: int = 0) -> None:
        later = f"; a reply may begin at column {begins}" if begins else ""
        super().__init__(f"line {line}, column {column}: {REASONS[reason]}{later}")
        self.reason, self.line, self.column, self.begins = reason, line, column, begins

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.line, self.column, self.begins)


@dataclass(frozen=True, slots=True, order=True)
class EnhancedCode:
    """An enhanced status code such as 5.1.6 (RFC 3463 §2): class, subject, detail."""

    class_: int
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.class_}.{self.subject}.{self.detail}"


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply: its code and the text of each line, enhanced code included.

    >>> Reply(551, ("5.1.6 User not local; please try <bob@new.example>",)).forward_path
    'bob@new.example'
    """

    code: int
    lines: tuple[str, ...] = ("",)

    @property
    def severity(self) -> int:
        """First digit: 2 done, 3 go on, 4 not now, 5 no (RFC 5321 §4.2.1)."""
        return self.code // 100

    @property
    def category(self) -> int:
        """Second digit: 0 syntax, 1 information, 2 connection, 5 mail system (§4.2.1)."""
        return self.code // 10 % 10

    @property
    def enhanced(self) -> EnhancedCode | None:
        """The enhanced status code, when the text opens with one of the reply's own class."""
        found = _ENHANCED.match(self.lines[0])
        if not found or int(found[1]) != self.severity:
            return None
        return EnhancedCode(*map(int, found.groups()))

    @property
    def text(self) -> str:
        """The human-readable text of all lines, without enhanced codes, joined by newlines."""
        if self.enhanced is None:
            return "\n".join(self.lines)
        return "\n".join(_ENHANCED.sub("", line) for line in self.lines)

    @property
    def new_address(self) -> str | None:
        """The address that the text names as the one to use instead, without brackets; else None.

        Under any code: some servers name one with `550 5.1.6`, for people to read.
        """
        found = _FORWARD.search(" ".join(self.text.split()))
        return found[1].rstrip(".,;:!?)'\"") if found else None

    @property
    def forward_path(self) -> str | None:
        """The address a 251 or 551 gives, without brackets (RFC 5321 §3.4); else None."""
        return self.new_address if self.code in (251, 551) else None

    def format(self) -> str:
        """The reply as a server sends it: one CRLF-ended line per text line (§4.2.1)."""
        *first, last = self.lines
        return "".join(f"{self.code}-{text}\r\n" for text in first) + f"{self.code} {last}\r\n"

    def __str__(self) -> str:
        return "\n".join(map(printable, self.format().split("\r\n"))).rstrip()


class ReplyReader:
    """Collects reply lines, as a client must: feed lines, get a `Reply` when one is whole.

    With `strict`, what RFC 5321 §4.2 asks of a server is enforced too (second digit,
    printable US-ASCII, 512 octets); without it, what §4.2 asks a client to bear is borne:
    a missing text or space, unknown codes.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._code: int | None = None
        self._lines: list[str] = []

    @property
    def unfinished(self) -> bool:
        """Whether a multiline reply has begun and not ended."""
        return self._code is not None

    def feed(self, line: str, number: int = 1) -> Reply | None:
        """Take one line without its line end; `number` is used in errors.

        Raises `ReplySyntaxError`; the reader then still holds the lines before this one.
        """
        found = _LINE.fullmatch(line)
        if not found:
            raise _line_error(line, number)
        code = int(found["code"])
        if self._code not in (None, code):
            raise ReplySyntaxError("mixed", number)
        # A line end inside a line would turn one reply into two.
        if broken := _LINE_END.search(line):
            raise ReplySyntaxError("line-end", number, broken.start() + 1)
        if self._strict:
            _check_strictly(line, number)
        self._code = code
        self._lines.append(found["text"] or "")
        if found["sep"] == "-":
            return None
        reply = Reply(code, tuple(self._lines))
        self._code, self._lines = None, []
        return reply


def _line_error(line: str, number: int) -> ReplySyntaxError:
    """Say which of the first four characters is wrong."""
    if not line.strip():
        return ReplySyntaxError("empty", number)
    digits = ("2345", "0123456789", "0123456789")
    for column, (character, allowed) in enumerate(zip(line, digits, strict=False), 1):
        if character not in allowed:
            later = _LATER.search(line, 0, STRICT_LINE_OCTETS * 2)
            return ReplySyntaxError("code", number, column, later.start() + 1 if later else 0)
    return ReplySyntaxError("separator" if len(line) > 3 else "code", number, min(len(line), 3) + 1)


def _check_strictly(line: str, number: int) -> None:
    if line[1] > "5":
        raise ReplySyntaxError("grammar", number, 2)
    clean = _TEXT.match(line)
    if clean and clean.end() != len(line):
        raise ReplySyntaxError("characters", number, clean.end() + 1)
    if len(line) + 2 > STRICT_LINE_OCTETS:
        raise ReplySyntaxError("length", number, STRICT_LINE_OCTETS - 1)


def parse_reply(text: str | bytes, *, strict: bool = False) -> Reply:
    r"""Parse exactly one reply, single or multiline (RFC 5321 §4.2, §4.2.1).

    Line ends may be CRLF or LF and the last may be missing, so that a pasted line works;
    with `strict`, each line ends in CRLF. Raises `ReplySyntaxError` with line and column.

    >>> parse_reply("551 5.1.6 User not local; please try <bob@new.example>").enhanced
    EnhancedCode(class_=5, subject=1, detail=6)
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not isinstance(text, str):
        raise TypeError(f"a reply is text or bytes, not {type(text).__name__}")
    reader = ReplyReader(strict=strict)
    lines = text.split("\n")
    if len(lines) > 1 and lines[-1] == "":
        lines.pop()
    elif strict:
        raise ReplySyntaxError("line-end", len(lines), len(lines[-1]) + 1)
    for number, line in enumerate(lines, 1):
        if strict and not line.endswith("\r"):
            raise ReplySyntaxError("line-end", number, len(line) + 1)
        reply = reader.feed(line.removesuffix("\r"), number)
        if reply is not None and number < len(lines):
            raise ReplySyntaxError("trailing", number + 1)
    if reply is None:
        raise ReplySyntaxError("unfinished", len(lines), 4)
    return reply


def printable(line: bytes | str) -> str:
    r"""A line as text of which each character shows: what is not UTF-8 becomes `\xff`."""
    text = line.decode("utf-8", "backslashreplace") if isinstance(line, bytes) else line
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in text)


class Command(NamedTuple):
    """One command line as the client sent it, without its line end (RFC 5321 §4.1.1).

    `verb` is upper case. A line that continues an AUTH exchange has the verb AUTH.
    """

    line: str
    verb: str

    @classmethod
    def parse(cls, line: str) -> Command:
        """Split off the verb; any line is a command, a senseless one earns a 500."""
        words = line.split(maxsplit=1)
        return cls(line, words[0].upper() if words else "")

    @property
    def argument(self) -> str:
        """What follows the verb; the whole line for an AUTH continuation."""
        verb, *rest = self.line.split(maxsplit=1) or [""]
        return "".join(rest).strip() if verb.upper() == self.verb else self.line.strip()

    @property
    def path(self) -> str | None:
        """MAIL's reverse-path or RCPT's forward-path without brackets; "" is the null path."""
        return _path_of(self.line) if self.verb in ("MAIL", "RCPT") else None


# Servers hear and say the same few lines again and again.


@lru_cache(256)
def read_command(line: bytes) -> Command:
    """The command on a line that ends in CRLF, with what cannot be shown escaped."""
    return Command.parse(printable(line.removesuffix(b"\r\n")))


@lru_cache(1024)
def encode_reply(reply: Reply) -> bytes:
    """The octets of `Reply.format`."""
    return reply.format().encode()


@lru_cache(256)
def _path_of(line: str) -> str | None:
    found = _PATH.match(line)
    return found and (found[2] if found[1] is None else found[1])


@lru_cache(256)
def parse_path(text: str) -> tuple[str, str] | None:
    """The mailbox of the path that opens the text, and what follows; None where none does.

    The null path's mailbox is empty. Quotes that a local-part does not need are left out (§4.1.2).

    >>> parse_path("<@relay.example:bob@example.test> SIZE=9")
    ('bob@example.test', ' SIZE=9')
    """
    found = _WRITTEN.match(text)
    if not found:
        return None
    mailbox = found["path"] or found["bare"] or ""
    return _NEEDLESS.sub(r"\1", mailbox) if mailbox[:1] == '"' else mailbox, text[found.end() :]
