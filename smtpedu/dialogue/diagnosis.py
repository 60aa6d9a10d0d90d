"""`explain`: what anything that a mail server said means, who has to act, and how.

Whatever is given becomes findings, each about one reply or one recipient, and the findings are
judged by `reference.situations`. Only what is given is read: a string is never a file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smtpedu.dialogue.bounces import of_mail, of_text, read_mail
from smtpedu.dialogue.findings import Finding, clean, shown
from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.quoted import quoted_replies
from smtpedu.dialogue.session import Session, annotate
from smtpedu.dialogue.transcript import decode
from smtpedu.display import Block, Bullets, Heading, Paragraph
from smtpedu.i18n import text
from smtpedu.protocol.reply import Reply, ReplySyntaxError
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE
from smtpedu.reference import registry, situations, texts
from smtpedu.reference.explain import Explanation
from smtpedu.reference.explain import explain as explain_code
from smtpedu.reference.situations import Situation, Who

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 50_000_000  # characters of text that are read
_SHORT = 80  # characters of a text that may be a lone code
_LISTED = 3  # codes in a text that says nothing but codes: no server said that
SHOWN = 20  # recipients, each with its own sentence
_CODE_ALONE = re.compile(r"\W*(?:smtp|code|error|reply)?\W*([0-9]{3})\W*", re.I)
_QUEUE_ID = re.compile(r"\b(?:queued as|id=|id )\s?[<(]?([\w.@-]{4,80})", re.I)
_NAMING = (Situation.MOVED, Situation.FORWARDED)
_VERBS = {"Data": MESSAGE, "Sender": "MAIL", "Helo": "EHLO", "Auth": "AUTH", "Connect": CONNECT}
_STOPS = ("connect", "EHLO", "HELO", "AUTH", "STARTTLS", "MAIL", "RCPT", "DATA", "message", "BDAT")


class NothingToExplainError(ReplySyntaxError):
    """Text in which neither a code nor a reply was found; it says what was looked for."""

    def __init__(self, problem: str, line: int = 1, column: int = 1) -> None:
        super().__init__("code", line, column)
        self.problem = problem

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.line, self.column)

    def __str__(self) -> str:
        return self.problem


# ---- the diagnosis ----


@dataclass(frozen=True)
class Diagnosis(Explanation):
    """What happened, whether it is final, who has to act, what to do, why; then the card.

    Of a lone code it is the card alone: `findings` is empty and the situation unknown.
    """

    findings: tuple[Finding, ...] = field(default=())

    @cached_property
    def decisive(self) -> Finding:
        """The finding that decides: the first failure, else the last."""
        bad = (one for one in self.findings if one.final is not None)
        return next(bad, self.findings[-1] if self.findings else Finding())

    @property
    def situation(self) -> Situation:
        """What it is about; `unknown` where only the class of the code is known."""
        return self.decisive.judgement.situation

    @property
    def who_acts(self) -> Who:
        """Who has to act."""
        if self.decisive.final is False and self.situation is not Situation.UNKNOWN:
            return Who.NOBODY
        return situations.who_acts(self.situation)

    @property
    def final(self) -> bool | None:
        """True: do not repeat it unchanged. False: it may pass. None: not known, or no failure."""
        return self.decisive.final

    @property
    def steps(self) -> tuple[str, ...]:
        """What to do now, in the current language."""
        if not self.findings:
            return ()
        wait = (text("diagnosis.wait"),) if self.final is False else ()
        steps = tuple(texts.situation(self.situation)["steps"])
        queued = self.situation is Situation.ACCEPTED and self.decisive.reply
        found = _QUEUE_ID.search(queued.text) if queued else None
        return wait + steps + ((text("diagnosis.id", id=f"`{shown(found[1])}`"),) if found else ())

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it was judged so, in the current language; contradictions come last."""
        return tuple(self.decisive.reasons()) if self.findings else ()

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The replies that were found, those that decided."""
        return tuple(one.reply for one in self.findings if one.reply)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom it is about, where that is known."""
        return tuple(one.recipient for one in self.findings if one.recipient)

    def blocks(self) -> list[Block]:
        if not self.findings:
            return super().blocks()
        card = [Heading(text("diagnosis.card")), *super().blocks()]
        return [*self._diagnosis(), *(card if len(card) > 1 else ())]

    def _diagnosis(self) -> Iterator[Block]:
        yield Heading(texts.situation(self.situation)["title"])
        if len(self.findings) > 1:
            said = [one.happened() for one in self.findings[:SHOWN]]
            more = len(self.findings) - SHOWN
            yield Bullets(said + ([text("diagnosis.more", count=more)] if more > 0 else []))
        else:
            yield Paragraph(self.decisive.happened())
        reply = self.decisive.reply
        if reply and reply.new_address and self.situation in _NAMING:
            yield Paragraph(
                text("diagnosis.new_address", address=f"`<{shown(reply.new_address)}>`")
            )
        if self.final is not None:
            yield Paragraph(text("diagnosis.final" if self.final else "diagnosis.passing"))
        yield Paragraph(text("diagnosis.who", who=text(f"who.{self.who_acts}")))
        yield Heading(text("diagnosis.steps"), 4)
        yield Bullets(self.steps)
        yield Heading(text("diagnosis.why"), 4)
        yield Bullets(self.reasons)
        yield Paragraph(
            text(
                "diagnosis.sources",
                list=text("list.separator").join(situations.sources(self.situation)),
            )
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per reply or recipient.

        Columns: `recipient` (string), `verb` (string: what was answered; `any` where not told),
        `code` (Int64), `enhanced_code` (string), `text` (string), `situation` (category),
        `who_acts` (category), `final` (boolean).
        """
        import pandas as pd

        kinds: dict[str, Any] = {
            "recipient": "string",
            "verb": "string",
            "code": "Int64",
            "enhanced_code": "string",
            "text": "string",
            "situation": pd.CategoricalDtype([*map(str, Situation)]),
            "who_acts": pd.CategoricalDtype([*map(str, Who)]),
            "final": "boolean",
        }
        rows = [_row(one) for one in self.findings]
        return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def _row(one: Finding) -> tuple[Any, ...]:
    reply, judged = one.reply, diagnosis([one])
    enhanced = (situations.written_code(reply) if reply else None) or one.status
    code, said = (reply.code, reply.text) if reply else (None, one.words or None)
    coded = str(enhanced) if enhanced else None
    return (
        *(one.recipient or None, one.verb, code, coded, said),
        *(str(judged.situation), str(judged.who_acts), one.final),
    )


def diagnosis(findings: Iterable[Finding]) -> Diagnosis:
    """The findings as a diagnosis, with the card of the code that decided."""
    every = tuple(findings)
    whole = Diagnosis(None, None, None, every)
    reply, status = whole.decisive.reply, whole.decisive.status
    code = registry.defined_codes().get(reply.code) if reply else None
    return replace(whole, reply=reply, code=code, enhanced=(reply.enhanced if reply else status))


# ---- what can be explained ----


def explain(what: object) -> Diagnosis:
    """Say what happened, whether it is final, who has to act and what to do, and why.

    `what` is anything that a person has: a code (`551`, `"5.1.6"`), a reply as text, as a `Reply`
    or as smtplib gives it (`(550, b"5.1.1 no")`, an exception, the dict of `sendmail`), rows of a
    log, a bounce (text, bytes or `email.message.Message`; RFC 3464), a transcript or a `Session`.
    A lone code gets its card. A whole reply whose code no RFC defines is explained by its first
    digit (RFC 5321 §4.2). Raises `UnknownCodeError` for a lone code that is not known,
    `ReplySyntaxError` for text that holds none of these, `TypeError` for other types.
    """
    if isinstance(what, Diagnosis):
        return what
    if isinstance(what, str | bytes | bytearray):
        return _of_text(what if isinstance(what, str) else bytes(what))
    if (found := _of_object(what)) is not None:
        return _found(found, "")
    alone = explain_code(what)
    return Diagnosis(alone.reply, alone.code, alone.enhanced)


def _of_object(what: object) -> list[Finding] | None:
    """The findings of what is no text; None where it is nothing that holds a reply."""
    match what:
        case Reply():
            found = [Finding(what)]
        case Session():
            found = _of_session(what)
        case Message():
            found = of_mail(what)
        case BaseException():
            found = _of_exception(what)
        case Mapping():
            found = _of_refused(what)
        case (int(code), bytes() | str() as said):
            found = [Finding(_reply(code, said), words=_text(said))]
        case _:
            return None
    return found


def _of_text(given: str | bytes) -> Diagnosis:
    if len(given) > LIMIT:
        raise NothingToExplainError(text("error.too_long", limit=LIMIT // 1_000_000))
    said = clean(_decoded(given).replace("\r\n", "\n").replace("\r", "\n"))
    if len(said) < _SHORT and (code := _CODE_ALONE.fullmatch(said)):
        said = code[1]
    try:
        alone = explain_code(said)
    except ReplySyntaxError as broken:
        return _found(_of_long_text(said), said, broken)
    if alone.reply:
        return diagnosis([Finding(alone.reply)])
    return Diagnosis(alone.reply, alone.code, alone.enhanced)


def _decoded(given: str | bytes) -> str:
    """Text without escape sequences; mail may be in any charset, so no octet is an error."""
    try:
        return decode(given)
    except TranscriptError:
        return given if isinstance(given, str) else given.decode("utf-8", "replace")


def _of_long_text(said: str) -> list[Finding]:
    """A bounce, or a dialogue, or what other text quotes."""
    if (mail := read_mail(said)) is not None:
        return of_mail(mail)
    if found := _dialogue(said):
        return found
    quoted = quoted_replies(said)
    named = any(one.remote or one.recipient for one in quoted)
    if not named and len({one.reply.code for one in quoted}) > _LISTED:
        raise NothingToExplainError(text("error.list_of_codes"))
    return of_text(said, quoted)


def _found(findings: list[Finding], said: str, broken: ReplySyntaxError | None = None) -> Diagnosis:
    """The diagnosis, or an error that says what was looked for."""
    if findings:
        return diagnosis(findings)
    start = shown(" ".join(said[:200].split()), 60)
    problem = text("error.nothing_to_explain", start=start)
    raise NothingToExplainError(problem, *((broken.line, broken.column) if broken else ()))


# ---- replies and exceptions ----


def _text(said: object) -> str:
    decoded = bytes(said).decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return clean(decoded)


def _reply(code: int, said: object) -> Reply | None:
    """What smtplib gives: the code, and all lines without theirs."""
    lines = tuple(_text(said).replace("\r", "").split("\n"))
    return Reply(code, lines) if 200 <= code <= 599 else None


def _of_refused(refused: Mapping[Any, Any]) -> list[Finding]:
    """The recipients that `sendmail` could not hand over: an empty dict means none."""
    if not refused:
        return [Finding(Reply(250), MESSAGE)]
    found = []
    for recipient, answer in refused.items():
        code, said = answer if isinstance(answer, tuple) and len(answer) == 2 else (0, answer)
        reply = _reply(code, said) if isinstance(code, int) else None
        found.append(Finding(reply, "RCPT", _text(recipient), words=_text(said)))
    return found


def _of_exception(error: BaseException) -> list[Finding]:
    """smtplib's exceptions, by what they carry; any other by its words."""
    refused = getattr(error, "recipients", None)
    if isinstance(refused, Mapping) and refused:
        return _of_refused(refused)
    code, said = getattr(error, "smtp_code", 0), getattr(error, "smtp_error", str(error))
    name = type(error).__name__
    verb = next((verb for part, verb in _VERBS.items() if part in name), ANY)
    reply = _reply(code, said) if isinstance(code, int) else None
    return [Finding(reply, verb, words=_text(said))]


# ---- dialogues ----


def _dialogue(said: str) -> list[Finding]:
    """What decided in a transcript; nothing where the text is none."""
    try:
        session = annotate(said)
    except TranscriptError:
        return []
    commands = sum(one.sent is not None for one in session.exchanges)
    return _of_session(session) if commands > 1 else []


def _of_session(session: Session) -> list[Finding]:
    """The refused recipients, else what stopped the mail, else the last acceptance."""
    said = [
        Finding(one.reply, verb, getattr(one.sent, "path", "") or "" if verb == "RCPT" else "")
        for one in session.exchanges
        if one.reply and (verb := one.sent.verb if one.sent else CONNECT) in _STOPS
    ]
    refused = [one for one in said if one.verb == "RCPT" and one.final is not None]
    taken = [one for one in said if one.verb == MESSAGE and one.final is None]
    stopped = [one for one in said if one.final is not None]
    last = [Finding(reply) for reply in session.replies[-1:]]
    return refused + taken[-1:] or stopped[:1] or taken[-1:] or said[-1:] or last
