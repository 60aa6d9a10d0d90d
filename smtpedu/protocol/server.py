"""An SMTP server without I/O (RFC 5321): bytes in, replies and events out.

Feed it with `receive`, ask it for `next_event` until there is none, and do what the events say. The
tables of `states`, by which dialogues are followed and explained, decide what may come when. Who is
a mailbox here, and who may log in, is asked of a `Host`; every other reply is in `replies`.
"""

from __future__ import annotations

import logging
import re
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from smtpedu.protocol.machine import Machine
from smtpedu.protocol.replies import COMMANDS, LINE, PARAMETERS, SYNTAX, reply
from smtpedu.protocol.reply import Command, Reply, printable
from smtpedu.protocol.states import ANY, CONNECT, LEGAL, MESSAGE, POSTMASTER, State

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # heard by whoever asks

_COMMAND = 512  # §4.5.3.1.4
# What extensions add to MAIL: SIZE (RFC 1870 §3), SMTPUTF8 (RFC 6531 §3.1), AUTH (RFC 4954 §5).
_MAIL, _MAIL_AUTH = 26 + 10, 500
_AUTH = 2 * LINE  # three parts of 255 octets in base64 and more (RFC 4954 §4, RFC 4616 §2)

_BEFORE_TLS = ("EHLO", "NOOP", "STARTTLS", "QUIT")  # RFC 3207 §4
_FOR_USERS = ("MAIL", "RCPT", "DATA", "VRFY")
_BLANK = " \t\r\n"
_BUSY = (State.DATA, State.SENT, State.AUTH)  # within what a command began
_ALONE = ("DATA", "RSET", "QUIT", "STARTTLS")  # these take no argument (§4.3.2: 501)
_NEEDY = ("EHLO", "HELO", "MAIL", "RCPT", "VRFY")
_NOT_WITHIN = {"MAIL": "nested", "STARTTLS": "STARTTLS within", "AUTH": "AUTH within"}
_MECHANISMS = {"PLAIN": (b"",), "LOGIN": (b"User Name\0", b"Password\0")}

_NO_COMMAND = Command("", "")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# A mailbox (§4.1.2, RFC 6531 §3.3), generous as servers are: dots and underscores anywhere.
_ATOMS = r"[^\s()<>@,:;\\\"\[\]]+"
_MAILBOX = rf"(?:{_ATOMS}|\"(?:[^\"\\]|\\.)*\")(?:@(?:{_ATOMS}|\[[^\s\[\]\\]*\]))?"
# Brackets may be missing, and a source route may be there, which is ignored (§4.1.1.3, App. C).
_PATH = re.compile(
    rf"\s*(?:<\s*(?:@{_ATOMS}(?:,@{_ATOMS})*:)?(?P<path>{_MAILBOX}|)\s*>|(?P<bare>{_MAILBOX})(?!\S))"
)
_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_NEEDLESS = re.compile(rf"\"({_ATOMS})\"(?=@)")


class Exchanged(NamedTuple):
    """So many octets of what the client sent were read: one command, or lines of a message.

    `reply` is to be sent as it is; it is empty within a message, and may come without a command.
    """

    octets: int
    reply: bytes


class MessageReceived(NamedTuple):
    """A whole message: the server goes on when `answer` gives it the reply.

    `recipients` are the accepted mailboxes in lower case, each once; `client` is the client's name
    as EHLO or HELO gave it. In `data` dots are single again and every line ends in CRLF.
    """

    reverse_path: str
    recipients: tuple[str, ...]
    data: bytes
    client: str


class TlsBegins(NamedTuple):
    """The client's next octet belongs to the TLS handshake (RFC 3207 §4)."""


class Closed(NamedTuple):
    """Nothing more will be said or heard."""


class _Objection(Exception):  # noqa: N818 (it is a reply, not a mistake)
    """What is wrong with a command, by its name in `REPLIES`."""

    def __init__(self, name: str, **values: str) -> None:
        super().__init__(name)
        self.name, self.values = name, values


Event = Exchanged | MessageReceived | TlsBegins | Closed


class Host(Protocol):
    """What a server cannot know by itself."""

    def recipient(self, mailbox: str, reverse_path: str) -> Reply:
        """The reply to RCPT."""

    def verify(self, mailbox: str) -> Reply | None:
        """The reply to VRFY, None to keep it to oneself (§7.3)."""

    def is_user(self, name: str, password: str) -> bool:
        """Whether these are the name and password of a user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server offers and demands. Sizes in octets.

    With `auth_needs_tls`, AUTH is offered within TLS only. Beyond `message` octets a message gets
    552 (§4.5.3.1.9), beyond `recipients` a recipient 452, after `commands` the connection 421.
    """

    hostname: str
    tls: bool = False
    require_tls: bool = False
    auth: bool = False
    auth_needs_tls: bool = False
    require_auth: bool = False
    message: int = 1_000_000
    recipients: int = 100
    commands: int = 10_000


class Server:
    """One connection. It never raises for what a client sends; a mistake of `host` is a 451."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self.settings, self._host = settings, host
        self.machine = Machine()
        self.tls = self.closed = False
        self.waiting = False  # for the answer to a message
        self._events: deque[Event] = deque()
        self._received = bytearray()
        self._searched = 0  # octets of `_received` without a line's end
        self._cut = 0  # octets of a line that is too long
        self._commands = 0
        self._client = ""
        self._responses: list[bytes] = []
        self._mechanism = ""
        self._forget()

    # ---- what a transport does ----

    def greet(self) -> None:
        """Say the first line."""
        self._say(0, CONNECT, self._reply("greeting"))

    def receive(self, data: bytes) -> None:
        """Take octets that the client sent; `next_event` says what they mean."""
        self._received += data

    def next_event(self) -> Event | None:
        """What to do next; None when it is the client's turn, or that of `answer`."""
        if not self._events and not self.waiting and not self.closed:
            self._read()
        return self._events.popleft() if self._events else None

    def answer(self, reply: Reply) -> None:
        """Reply to the message of `MessageReceived`."""
        if self.waiting:
            self.waiting = False
            self._forget()
            self._say(0, MESSAGE, reply)

    def hang_up(self, why: str) -> None:
        """Say a 421, whatever goes on; `why` is its name in `REPLIES`."""
        if not self.closed:
            if self.waiting and self._events:  # nobody has seen the message yet
                self._events.pop()
            self.waiting = False
            self._say(0, ANY, self._reply(why))

    @property
    def held(self) -> int:
        """How many octets it keeps of what the client sent; at most a message and a line."""
        return len(self._received) + len(self._content)

    # ---- lines ----

    def _read(self) -> None:
        """Read one command line, or what there is of the message, if there is any."""
        received, text = self._received, self.machine.state is State.DATA
        end = self._end_of_text() if text else received.find(b"\n", self._searched) + 1
        if not end:
            if len(received) > 2 * LINE:  # its last octet may be half of the line's end
                self._cut += len(received) - LINE - 2
                received[LINE:-1] = b" "
            self._searched = len(received)
            return
        lines, octets = bytes(received[:end]), end + self._cut
        del received[:end]
        self._searched = self._cut = 0
        if text:
            self._text(lines, octets)
        else:
            self._line(lines, octets)

    def _end_of_text(self) -> int:
        """Where the last whole line ends, at the latest with the lone dot (§4.1.1.4); or 0."""
        if self._received.startswith(b".\r\n"):
            return 3
        dot = self._received.find(b"\r\n.\r\n", max(self._searched - 4, 0))
        last = self._received.rfind(b"\r\n", max(self._searched - 1, 0)) if dot < 0 else dot + 3
        return last + 2 if last >= 0 else 0

    def _line(self, line: bytes, octets: int) -> None:
        """A command line, or a response within AUTH; a mistake of ours is a 451."""
        answer, command = self._reply("mistake"), _NO_COMMAND
        if self.machine.state is State.AUTH:
            verb = "AUTH"
        else:
            self._commands += 1
            command = Command.parse(printable(line.removesuffix(b"\r\n")))
            verb = command.verb
        try:
            if command is _NO_COMMAND:
                answer = self._response(line, octets)
            else:
                answer = self._obey(line, octets)
        except Exception:
            _log.exception("a mistake of ours")
        self._say(octets, verb, answer, command)

    def _say(self, octets: int, key: str, reply: Reply, command: Command = _NO_COMMAND) -> None:
        """Give a reply and let it have its effect; a 221 or 421 is the last (§3.8, §4.1.1.10)."""
        self.machine.reply(key, reply, command)
        self._events.append(Exchanged(octets, _octets(reply)))
        if reply.code in (221, 421):
            self.closed = True
            self._events.append(Closed())
        elif key == "STARTTLS" and reply.code == 220:
            self._events.append(TlsBegins())
        elif self._commands >= self.settings.commands and self.machine.state not in _BUSY:
            self.hang_up("commands")

    def _reply(self, name: str, **values: object) -> Reply:
        return reply(name, host=self.settings.hostname, **values)

    # ---- commands ----

    def _obey(self, line: bytes, octets: int) -> Reply:
        """Do what a command line says, or object to it."""
        problem = self._malformed(line, octets)
        word, _, argument = line.decode(errors="replace").strip(_BLANK).partition(" ")
        verb, argument = word.upper(), argument.strip()
        # Some letters beyond ASCII have an upper case within it.
        if not problem and not (verb in COMMANDS and word.isascii()):
            problem = "unknown"
        if problem := problem or self._untimely(verb):
            return self._reply(problem)
        try:
            if (argument and verb in _ALONE) or (not argument and verb in _NEEDY):
                raise self._syntax(verb)
            return _ACTS[verb](self, argument)
        except _Objection as objection:
            return self._reply(objection.name, **objection.values)

    def _malformed(self, line: bytes, octets: int) -> str:
        """What makes a line no command at all, by its name in `REPLIES`."""
        if octets > _COMMAND and octets > self._longest(line):
            return "long"
        if not line.endswith(b"\r\n"):
            return "bare LF"
        is_utf8 = line.isascii() or line.decode(errors="ignore").encode() == line
        return "" if is_utf8 and not _CONTROL.search(line, 0, len(line) - 2) else "characters"

    def _longest(self, line: bytes) -> int:
        """How long this command may be: extensions lengthen theirs (§4.5.3.1.4)."""
        match line[:5].strip().upper():
            case b"AUTH":
                return _AUTH
            case b"MAIL":
                return _COMMAND + _MAIL + _MAIL_AUTH * self.settings.auth
        return _COMMAND

    def _untimely(self, verb: str) -> str:
        """Why a command cannot come now, by its name in `REPLIES`: `LEGAL` decides."""
        at, machine = self.settings, self.machine
        state, legal = machine.state, verb in LEGAL[machine.state]
        demanding = at.require_tls or at.require_auth or verb in ("STARTTLS", "AUTH")
        if legal and not demanding:
            return ""
        problems = (  # the first that holds
            (at.require_tls and not self.tls and verb not in _BEFORE_TLS, "no TLS"),
            (verb == "STARTTLS" and not at.tls, "no STARTTLS"),
            (verb == "STARTTLS" and self.tls, "TLS is on"),
            (verb == "AUTH" and not at.auth, "no AUTH"),
            (not legal and state is State.CONNECTED, "no EHLO"),
            (at.require_auth and not machine.authenticated and verb in _FOR_USERS, "no user"),
            (not legal and verb in _NOT_WITHIN, _NOT_WITHIN.get(verb, "")),
            (not legal and state is State.READY, "no MAIL"),
            (not legal, "nobody" if machine.envelope.refused else "no RCPT"),
            (verb in ("STARTTLS", "AUTH") and not machine.extended, "HELO only"),
            (verb == "AUTH" and at.auth_needs_tls and not self.tls, "AUTH needs TLS"),
            (verb == "AUTH" and machine.authenticated, "AUTH again"),
        )
        return next((name for holds, name in problems if holds), "")

    def _syntax(self, verb: str) -> _Objection:
        more = PARAMETERS if verb in ("MAIL", "RCPT") and self.machine.extended else ""
        return _Objection("syntax", syntax=SYNTAX.get(verb, verb) + more)

    def _forget(self) -> None:
        """A mail transaction is over, or was none."""
        self._reverse_path = ""
        self._recipients: dict[str, None] = {}  # in their order
        self._utf8 = False
        self._content = bytearray()
        self._problem = ""

    def _ehlo(self, argument: str) -> Reply:
        self._client = argument
        self._forget()
        at = self.settings
        offered = [f"SIZE {at.message}", "8BITMIME", "SMTPUTF8"]
        offered += ["STARTTLS"] * (at.tls and not self.tls)
        offered += ["AUTH LOGIN PLAIN"] * (at.auth and (self.tls or not at.auth_needs_tls))
        return Reply(250, (at.hostname, *offered, "ENHANCEDSTATUSCODES", "HELP"))

    def _helo(self, argument: str) -> Reply:
        self._client = argument
        self._forget()
        return self._reply("HELO")

    def _noop(self, argument: str) -> Reply:
        return self._reply("NOOP")

    def _rset(self, argument: str) -> Reply:
        self._forget()
        return self._reply("RSET")

    def _quit(self, argument: str) -> Reply:
        return self._reply("QUIT")

    def _expn(self, argument: str) -> Reply:
        return self._reply("EXPN")

    def _help(self, argument: str) -> Reply:
        missing = {"EXPN": True, "AUTH": not self.settings.auth, "STARTTLS": not self.settings.tls}
        offered = [verb for verb in COMMANDS if not missing.get(verb)]
        if not argument:
            return self._reply("HELP", help=" ".join(offered))
        if argument.upper() not in offered:
            return self._reply("no help")
        return self._reply("HELP", help=COMMANDS[argument.upper()])

    def _vrfy(self, argument: str) -> Reply:
        found = _PATH.match(argument)
        if not found or found["path"] == "":
            return self._reply("VRFY path")
        return self._host.verify(_mailbox(found)) or self._reply("VRFY")

    def _starttls(self, argument: str) -> Reply:
        """What the client has said so far, and sent already, is forgotten (RFC 3207 §4.2)."""
        self.tls = True
        self._client = ""
        self._forget()
        self._received.clear()
        return self._reply("STARTTLS")

    # ---- AUTH (RFC 4954) ----

    def _auth(self, argument: str) -> Reply:
        mechanism, *responses = argument.split() or [""]
        if not mechanism or len(responses) > 1:
            return self._reply("responses" if mechanism else "no mechanism")
        if mechanism.upper() not in _MECHANISMS:
            return self._reply("mechanism")
        self._mechanism, self._responses = mechanism.upper(), []
        if not responses:
            return self._go_on()
        initial = "" if responses[0] == "=" else responses[0]  # one of no length
        return self._respond(initial.encode(), "initial response")

    def _response(self, response: bytes, octets: int) -> Reply:
        if octets > _AUTH:
            return self._reply("long response")
        if not response.endswith(b"\r\n"):
            return self._reply("bare LF")
        response = response.strip()
        if response == b"*":
            return self._reply("cancelled")
        return self._respond(response, "response")

    def _respond(self, response: bytes, problem: str) -> Reply:
        try:
            self._responses.append(b64decode(response, validate=True))
        except ValueError:
            return self._reply(problem)
        return self._go_on()

    def _go_on(self) -> Reply:
        """Ask for the next response, or judge them all."""
        challenges = _MECHANISMS[self._mechanism][len(self._responses) :]
        if challenges:
            return self._reply("challenge", challenge=b64encode(challenges[0]).decode())
        if self._mechanism == "PLAIN":  # an identity to act for, which is passed over, comes first
            self._responses = self._responses[0].split(b"\0")[1:]
            if len(self._responses) != 2:
                return self._reply("credentials")
        name, password = (part.decode("utf-8", "replace") for part in self._responses)
        return self._reply("AUTH" if self._host.is_user(name, password) else "refused")

    # ---- mail transactions ----

    def _mail(self, argument: str) -> Reply:
        path, parameters = self._path("MAIL", "FROM:", argument)
        self._check_body_and_size(parameters)
        utf8 = parameters.pop("SMTPUTF8", "") is None
        if self.settings.auth:
            parameters.pop("AUTH", "")  # RFC 4954 §5
        if parameters:
            raise _Objection("MAIL parameter")
        if not (path.isascii() or utf8):
            raise _Objection("MAIL not ASCII")
        self._reverse_path, self._utf8 = path, utf8
        return self._reply("MAIL")

    def _check_body_and_size(self, parameters: dict[str, str | None]) -> None:
        """Take these parameters out of the others, if there is nothing wrong with them."""
        if parameters.pop("BODY", "7BIT") not in ("7BIT", "8BITMIME"):
            raise _Objection("BODY")
        if parameters.get("SMTPUTF8") is not None:
            raise _Objection("SMTPUTF8")
        size = parameters.pop("SIZE", "0")
        if size is None or not size.isdigit():
            raise self._syntax("MAIL")
        if int(size) > self.settings.message:
            raise _Objection("size")

    def _rcpt(self, argument: str) -> Reply:
        path, parameters = self._path("RCPT", "TO:", argument)
        if parameters:
            raise _Objection("RCPT parameter")
        if not (path.isascii() or self._utf8):
            decided = self._reply("RCPT not ASCII")
        elif "@" not in path and path.lower() != POSTMASTER:
            decided = self._reply("no domain")
        else:
            decided = self._host.recipient(path, self._reverse_path)
        if decided.severity == 2 and len(self._recipients) >= self.settings.recipients:
            decided = self._reply("recipients")
        if decided.severity == 2:
            self._recipients[path.lower()] = None
        return decided

    def _path(self, verb: str, head: str, argument: str) -> tuple[str, dict[str, str | None]]:
        """The path after `FROM:` or `TO:`, and the parameters behind it (§4.1.2)."""
        if argument[: len(head)].upper() != head or not argument[len(head) :].strip():
            raise self._syntax(verb)
        found = _PATH.match(argument, len(head))
        if not found or (verb == "RCPT" and not _mailbox(found)):  # RCPT has no null path
            raise _Objection(f"{verb} path")
        parameters: dict[str, str | None] = {}
        for parameter in argument[found.end() :].upper().split():
            name, equals, value = parameter.partition("=")
            valid = _KEYWORD.fullmatch(name) and parameter.isascii() and bool(equals) == bool(value)
            if not valid or not self.machine.extended:
                raise self._syntax(verb)
            parameters[name] = value or None
        return _mailbox(found), parameters

    def _data(self, argument: str) -> Reply:
        return self._reply("DATA")

    def _text(self, lines: bytes, octets: int) -> None:
        """Lines of the message; the last may be the lone dot that ends it (§4.1.1.4)."""
        over = lines == b".\r\n" or lines.endswith(b"\r\n.\r\n")
        # Each dot that begins a line was doubled by the client (§4.5.2).
        text = (b"\r\n" + lines[: len(lines) - 3 * over]).replace(b"\r\n.", b"\r\n")[2:]
        if not self._problem:
            size = len(self._content) + len(text) + octets - len(lines)
            longest = max(map(len, text.split(b"\r\n"))) + octets - len(lines)
            if size <= self.settings.message and longest + 2 < LINE:
                self._content += text
            else:
                self._problem = self._first_problem(text, octets - len(lines))
                self._content.clear()
        if over:
            self._end_of_data(octets)
        else:
            self._events.append(Exchanged(octets, b""))

    def _first_problem(self, text: bytes, cut: int) -> str:
        """What is wrong with the first line that is too long, or too much."""
        size = len(self._content)
        for line in text.split(b"\r\n")[:-1]:
            size += len(line) + 2 + cut
            if len(line) + 2 + cut >= LINE:
                return "long text"
            if size > self.settings.message:
                return "large"
        return ""

    def _end_of_data(self, octets: int) -> None:
        self.machine.state = State.SENT
        content = bytes(self._content)
        # A bare CR or LF is no line end (§2.3.8); what other servers make of it smuggles mail.
        if not content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n"):
            self._problem = "bare"
        if self._problem:
            answer = self._reply(self._problem, limit=self.settings.message)
            self._forget()
            self._say(octets, MESSAGE, answer)
            return
        self.waiting = True
        recipients = tuple(self._recipients)
        self._events.append(Exchanged(octets, b""))
        self._events.append(MessageReceived(self._reverse_path, recipients, content, self._client))


@lru_cache(1024)
def _octets(reply: Reply) -> bytes:
    return reply.format().encode()


def _mailbox(path: re.Match[str]) -> str:
    """The mailbox of a path, without quotes that its local-part does not need (§4.1.2)."""
    mailbox = path["bare"] if path["path"] is None else path["path"]
    return _NEEDLESS.sub(r"\1", mailbox) if mailbox.startswith('"') else mailbox


_ACTS: dict[str, Callable[[Server, str], Reply]] = {
    verb: getattr(Server, f"_{verb.lower()}") for verb in COMMANDS
}
