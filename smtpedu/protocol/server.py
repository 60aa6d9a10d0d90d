"""An SMTP server without I/O (RFC 5321): bytes in, replies and events out.

Feed it with `receive`, ask it for `next_event` until there is none, and do what the events say. By
the tables of `states` it knows what may come when; a `Host` knows mailboxes and users.
"""

from __future__ import annotations

import logging
import re
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from smtpedu.protocol.events import Closed, Exchanged, Host, MessageReceived, Settings, TlsBegins
from smtpedu.protocol.machine import NO_COMMAND, Machine
from smtpedu.protocol.replies import COMMANDS, LINE, PARAMETERS, SYNTAX, reply
from smtpedu.protocol.reply import Command, Reply, encode_reply, parse_path, read_command
from smtpedu.protocol.states import ANY, CONNECT, LEGAL, MESSAGE, POSTMASTER, State

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # heard by whoever asks

_COMMAND = 512  # §4.5.3.1.4
# MAIL with what SIZE (RFC 1870 §3) and SMTPUTF8 (RFC 6531 §3.1) add, and AUTH (RFC 4954 §5).
_MAIL, _MAIL_AUTH = _COMMAND + 26 + 10, 500
_AUTH = 2 * LINE  # room for what PLAIN may need (RFC 4954 §4)

_BEFORE_TLS = ("EHLO", "NOOP", "STARTTLS", "QUIT")  # RFC 3207 §4
_FOR_USERS = ("MAIL", "RCPT", "DATA", "VRFY")
_BUSY = (State.DATA, State.SENT, State.AUTH)  # within what a command began
_ALONE = ("DATA", "RSET", "QUIT", "STARTTLS")  # these take no argument (§4.3.2: 501)
_NOT_WITHIN = {"MAIL": "nested", "STARTTLS": "STARTTLS within", "AUTH": "AUTH within"}
_MECHANISMS = {"PLAIN": (b"",), "LOGIN": (b"User Name\0", b"Password\0")}

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9-]*")


class _Objection(Exception):  # noqa: N818 (it is a reply, not a mistake)
    """What is wrong with a command, by its name in `REPLIES`."""

    def __init__(self, name: str, **values: str) -> None:
        super().__init__(name)
        self.name, self.values = name, values


class Server:
    """One connection. It never raises for what a client sends; a mistake of `host` is a 451."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self.settings, self._host = settings, host
        self.machine = Machine()
        # Whether TLS has begun, all is over, and a message waits for its answer.
        self.tls = self.closed = self.waiting = False
        self._events: deque[Closed | Exchanged | MessageReceived | TlsBegins] = deque()
        self._received = bytearray()
        # Octets of it that have no line's end, and octets left out of a line that is too long.
        self._searched = self._cut = self._commands = 0
        self._client = self._mechanism = ""
        self._responses: list[bytes] = []
        self._reply = partial(reply, host=settings.hostname)
        self._forget()

    # ---- what a transport does ----

    def greet(self) -> None:
        """Say the first line."""
        self._say(0, CONNECT, self._reply("greeting"))

    def receive(self, data: bytes) -> None:
        """Take octets that the client sent; `next_event` says what they mean."""
        self._received += data

    def next_event(self) -> Closed | Exchanged | MessageReceived | TlsBegins | None:
        """What to do next; None when it is the client's turn, or that of `answer`."""
        events = self._events
        if not events and self._received and not (self.waiting or self.closed):
            self._read()
        return events.popleft() if events else None

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

    def _read(self) -> None:
        """Read one command line, or what there is of the message, if there is any."""
        received, state = self._received, self.machine.state
        within = state is State.DATA
        end = self._end_of_text() if within else received.find(b"\n", self._searched) + 1
        if not end:
            if len(received) > 2 * LINE:  # its last octet may be half of the line's end
                self._cut += len(received) - LINE - 2
                received[LINE:-1] = b" "
            self._searched = len(received)
            return
        lines, octets = bytes(received[:end]), end + self._cut
        del received[:end]
        self._searched = self._cut = 0
        if within:
            self._text(lines, octets)
        elif state is State.AUTH:
            self._say(octets, "AUTH", self._judged(lines, octets, None))
        else:
            self._commands += 1
            command = read_command(lines)
            self._say(octets, command.verb, self._judged(lines, octets, command), command)

    def _judged(self, line: bytes, octets: int, command: Command | None) -> Reply:
        """The reply to a command, or to a response within AUTH; a mistake of ours is a 451."""
        try:
            if command is None:
                return self._response(line, octets)
            return self._obey(line, octets, command)
        except _Objection as objection:
            return self._reply(objection.name, **objection.values)
        except Exception:
            _log.exception("a mistake of ours")
            return self._reply("mistake")

    def _end_of_text(self) -> int:
        """Where the last whole line ends, at the latest with the lone dot (§4.1.1.4); or 0."""
        if self._received.startswith(b".\r\n"):
            return 3
        dot = self._received.find(b"\r\n.\r\n", max(self._searched - 4, 0))
        last = self._received.rfind(b"\r\n", max(self._searched - 1, 0)) if dot < 0 else dot + 3
        return last + 2 if last >= 0 else 0

    def _say(self, octets: int, key: str, reply: Reply, command: Command = NO_COMMAND) -> None:
        """Give a reply and let it have its effect; a 221 or 421 is the last (§3.8, §4.1.1.10)."""
        self.machine.reply(key, reply, command)
        self._events.append(Exchanged(octets, encode_reply(reply)))
        if reply.code in (221, 421):
            self.closed = True
            self._events.append(Closed())
        elif key == "STARTTLS" and reply.code == 220:
            self._events.append(TlsBegins())
        elif self._commands >= self.settings.commands and self.machine.state not in _BUSY:
            self.hang_up("commands")

    # ---- commands ----

    def _obey(self, line: bytes, octets: int, command: Command) -> Reply:
        """Do what a command line says. Raises `_Objection`."""
        text, verb = command.line, command.verb
        if "\t" in text or not line.isascii():  # blanks of other kinds do not end a verb
            text = line.decode(errors="replace").removesuffix("\r\n")
            verb = text.strip(" \t").partition(" ")[0]
            verb = verb.upper() if verb.isascii() else ""
        self._check(line, octets)
        if verb not in COMMANDS:
            raise _Objection("unknown")
        self._check_time(verb)
        argument = text.strip(" \t").partition(" ")[2].strip()
        if (argument and verb in _ALONE) or (not argument and verb in SYNTAX):
            raise self._syntax(verb)
        if verb in ("EHLO", "HELO", "RSET"):
            self._client = argument or self._client
            self._forget()
        act = _ACTS.get(verb)
        return act(self, argument) if act else self._reply(verb)

    def _check(self, line: bytes, octets: int) -> None:
        """Object to a line that is no command at all."""
        if octets > _COMMAND:
            extended = {b"AUTH": _AUTH, b"MAIL": _MAIL + _MAIL_AUTH * self.settings.auth}
            if octets > extended.get(line[:5].strip().upper(), 0):
                raise _Objection("long")
        if not line.endswith(b"\r\n"):
            raise _Objection("bare LF")
        is_utf8 = line.isascii() or line.decode(errors="ignore").encode() == line
        if not is_utf8 or _CONTROL.search(line, 0, len(line) - 2):
            raise _Objection("characters")

    def _check_time(self, verb: str) -> None:
        """Object to a command that cannot come now: `LEGAL` decides."""
        at, machine = self.settings, self.machine
        state, legal = machine.state, verb in LEGAL[machine.state]
        demanding = at.require_tls or at.require_auth or verb in ("STARTTLS", "AUTH")
        if legal and not demanding:
            return
        problems = (
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
        _object(problems)

    def _syntax(self, verb: str) -> _Objection:
        more = PARAMETERS if verb in ("MAIL", "RCPT") and self.machine.extended else ""
        return _Objection("syntax", syntax=SYNTAX.get(verb, verb) + more)

    def _forget(self) -> None:
        """A mail transaction is over, or was none."""
        self._reverse_path, self._utf8 = "", False
        self._recipients: dict[str, None] = {}  # in their order
        self._content = bytearray()
        self._size, self._problem = 0, ""

    def _ehlo(self, argument: str) -> Reply:
        at = self.settings
        offered = [f"SIZE {at.message}", "8BITMIME", "SMTPUTF8"]
        offered += ["STARTTLS"] * (at.tls and not self.tls)
        offered += ["AUTH LOGIN PLAIN"] * (at.auth and (self.tls or not at.auth_needs_tls))
        return Reply(250, (at.hostname, *offered, "ENHANCEDSTATUSCODES", "HELP"))

    def _help(self, argument: str) -> Reply:
        missing = {"EXPN": True, "AUTH": not self.settings.auth, "STARTTLS": not self.settings.tls}
        offered = [verb for verb in COMMANDS if not missing.get(verb)]
        if argument and argument.upper() not in offered:
            raise _Objection("no help")
        return self._reply("HELP", help=COMMANDS.get(argument.upper(), " ".join(offered)))

    def _vrfy(self, argument: str) -> Reply:
        mailbox, _ = parse_path(argument) or ("", "")
        if not mailbox:
            raise _Objection("VRFY path")
        return self._host.verify(mailbox) or self._reply("VRFY")

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
            raise _Objection("responses" if mechanism else "no mechanism")
        if mechanism.upper() not in _MECHANISMS:
            raise _Objection("mechanism")
        self._mechanism, self._responses = mechanism.upper(), []
        if responses:
            initial = "" if responses[0] == "=" else responses[0]  # one of no length
            self._respond(initial.encode(), "initial response")
        return self._go_on()

    def _response(self, response: bytes, octets: int) -> Reply:
        if octets > _AUTH:
            raise _Objection("long response")
        if not response.endswith(b"\r\n"):
            raise _Objection("bare LF")
        if response.strip() == b"*":
            raise _Objection("cancelled")
        self._respond(response.strip(), "response")
        return self._go_on()

    def _respond(self, response: bytes, problem: str) -> None:
        try:
            self._responses.append(b64decode(response, validate=True))
        except ValueError:
            raise _Objection(problem) from None

    def _go_on(self) -> Reply:
        """Ask for the next response, or judge them all."""
        challenges = _MECHANISMS[self._mechanism][len(self._responses) :]
        if challenges:
            return self._reply("challenge", challenge=b64encode(challenges[0]).decode())
        if self._mechanism == "PLAIN":  # an identity to act for, which is passed over, comes first
            self._responses = self._responses[0].split(b"\0")[1:]
            if len(self._responses) != 2:
                raise _Objection("credentials")
        name, password = (part.decode("utf-8", "replace") for part in self._responses)
        return self._reply("AUTH" if self._host.is_user(name, password) else "refused")

    # ---- mail transactions ----

    def _mail(self, argument: str) -> Reply:
        path, parameters = self._path("MAIL", "FROM:", argument)
        body, size = parameters.pop("BODY", "7BIT"), parameters.pop("SIZE", "0")
        utf8, value = "SMTPUTF8" in parameters, parameters.pop("SMTPUTF8", None)
        if self.settings.auth:
            parameters.pop("AUTH", "")  # RFC 4954 §5
        if size is None or not size.isdigit():
            raise self._syntax("MAIL")
        problems = (
            (body not in ("7BIT", "8BITMIME"), "BODY"),
            (value is not None, "SMTPUTF8"),
            (int(size) > self.settings.message, "size"),
            (bool(parameters), "MAIL parameter"),
            (not (path.isascii() or utf8), "MAIL not ASCII"),
        )
        _object(problems)
        self._reverse_path, self._utf8 = path, utf8
        return self._reply("MAIL")

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
        found = parse_path(argument[len(head) :])
        if not found or (verb == "RCPT" and not found[0]):  # RCPT has no null path
            raise _Objection(f"{verb} path")
        parameters: dict[str, str | None] = {}
        for parameter in found[1].upper().split():
            name, equals, value = parameter.partition("=")
            valid = _KEYWORD.fullmatch(name) and parameter.isascii() and bool(equals) == bool(value)
            if not valid or not self.machine.extended:
                raise self._syntax(verb)
            parameters[name] = value or None
        return found[0], parameters

    def _text(self, lines: bytes, octets: int) -> None:
        """Lines of the message; the last may be the lone dot that ends it (§4.1.1.4)."""
        *texts, _ = lines.split(b"\r\n")
        over, cut, most = texts[-1] == b".", octets - len(lines), self.settings.message
        texts = [text.removeprefix(b".") for text in texts[: len(texts) - over]]  # §4.5.2
        for text in texts:
            length, cut = len(text) + 2 + cut, 0
            self._size += length
            if length >= LINE or self._size > most:
                self._problem = self._problem or ("long text" if length >= LINE else "large")
        if self._problem:
            self._content.clear()
        else:
            self._content += b"\r\n".join((*texts, b""))
        if over:
            self._end_of_data(octets)
        else:
            self._events.append(Exchanged(octets, b""))

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
        message = self._reverse_path, tuple(self._recipients), content, self._client
        self._events += Exchanged(octets, b""), MessageReceived(*message)


def _object(problems: Iterable[tuple[bool, str]]) -> None:
    """Raise the first that holds."""
    for holds, name in problems:
        if holds:
            raise _Objection(name)


_ACTS: dict[str, Callable[[Server, str], Reply]] = {
    verb: getattr(Server, f"_{verb.lower()}")
    for verb in ("AUTH", "EHLO", "HELP", "MAIL", "RCPT", "STARTTLS", "VRFY")
}
