"""Foreign mail, read at a cost that its size bounds: none of it is an error.

The standard library takes a field apart in time and memory that grow with the square of its
length, and fails at some; parts within parts cost it a look at each line for each; and a part, a
field or a defect that takes two octets costs it hundreds. So all have a bound here.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage, Message
from email.parser import Parser
from email.policy import Compat32, EmailPolicy, Policy
from encodings import normalize_encoding
from typing import Any

_FIELD = 2_000  # characters of a field that are kept; a line has at most 998 (RFC 5322 §2.1.1)
_NAMES_ONLY = ("punycode", "idna")  # for host names; slow where a text is long
_DEPTH = 10  # parts within parts (RFC 2046 §5.1)
_MOST_PARTS = 10_000  # of a mail; a delivery report has one for each recipient (RFC 3464 §2.1)
_MOST_FIELDS = 100_000  # of a mail that are kept
_MOST_DEFECTS = 3  # of a part that are kept


class _Cut(Compat32):
    """For reading: fields stay as they came, but for their length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_FIELD].rstrip()


class _Fields(HeaderRegistry):
    """Fields, taken apart when they are asked for; empty where nothing can be made of one."""

    def __call__(self, name: str, value: Any) -> Any:
        with suppress(Exception):  # the parser fails in many ways
            return super().__call__(name, value)
        return super().__call__(name, "")


class _Few(list[Any]):
    def append(self, one: Any) -> None:
        if len(self) < _MOST_DEFECTS:
            super().append(one)


class _Part(EmailMessage):
    """A mail or a part of one; they share what is left of the parts and fields of the mail."""

    depth = 0

    def __init__(self, policy: Policy | None = None) -> None:
        super().__init__(policy)
        self.defects = _Few()
        self.left = Counter(parts=_MOST_PARTS, fields=_MOST_FIELDS)

    def attach(self, payload: Any) -> None:
        payload.depth, payload.left = self.depth + 1, self.left
        self.left["parts"] -= 1
        if payload.depth > _DEPTH or self.left["parts"] < 0:
            raise RecursionError
        super().attach(payload)

    def set_raw(self, name: str, value: str) -> None:
        self.left["fields"] -= 1
        if self.left["fields"] >= 0:
            super().set_raw(name, value)

    def get_param(self, param: str, failobj: Any = None, *args: Any, **named: Any) -> Any:
        found = failobj
        with suppress(Exception):  # as for fields
            found = super().get_param(param, failobj, *args, **named)
            name = normalize_encoding(str(found[2] if isinstance(found, tuple) else found))
            if param == "charset" and name.lower() in _NAMES_ONLY:
                return failobj
        return found


AS_IT_CAME = _Cut()
DECODED = EmailPolicy(header_factory=_Fields(), refold_source="none")


def parse_mail_anew(mail: Message) -> EmailMessage:
    """Mail that somebody else has parsed; empty where it cannot be written."""
    content = b""
    with suppress(Exception):
        content = mail.as_bytes(policy=AS_IT_CAME.clone(max_line_length=None))
    return parse_mail(content)


def parse_mail(content: bytes | str, policy: Policy = AS_IT_CAME) -> EmailMessage:
    """The mail that octets or a text are; in one part where its parts make no sense."""
    if isinstance(content, bytes):
        content = content.decode("ascii", "surrogateescape")
    parser: Any = Parser(_Part, policy=AS_IT_CAME)
    try:
        mail: EmailMessage = parser.parsestr(content)
    except Exception:  # nested without end, or one more way in which the parser fails
        mail = parser.parsestr(content, headersonly=True)
        del mail["Content-Type"]
    for part in mail.walk():
        part.policy = policy
    return mail
