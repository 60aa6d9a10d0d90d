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
from smtpedu.dialogue.mail import parse_mail_anew
from smtpedu.dialogue.quoted import quoted_replies
from smtpedu.dialogue.session import Session, annotate
from smtpedu.dialogue.transcript import SIZE_LIMIT, decode
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

    def __init__(self, problem: str) -> None:
        super().__init__("code")
        self.args = (problem,)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args


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
        return self.decisive.who_acts

    @property
    def final(self) -> bool | None:
        """True: do not repeat it unchanged. False: it may pass. None: not known, or no failure."""
        return self.decisive.final

    @property
    def steps(self) -> tuple[str, ...]:
        """What to do now, in the current language."""
        return tuple(self._steps()) if self.findings else ()

    def _steps(self) -> Iterator[str]:
        if self.decisive.passing:
            yield text("diagnosis.wait")
        yield from texts.situation(self.situation)["steps"]
        said = self.decisive.reply.text if self.decisive.reply else ""
        if self.situation is Situation.ACCEPTED and (queued := _QUEUE_ID.search(said)):
            yield text("diagnosis.id", id=f"`{shown(queued[1])}`")

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
        card = super().blocks()
        if not self.findings:
            return card
        return [*self._diagnosis(), *([Heading(text("diagnosis.card")), *card] if card else ())]

    def _diagnosis(self) -> Iterator[Block]:
        yield Heading(texts.situation(self.situation)["title"])
        yield from self._happened()
        if self.final is not None:
            yield Paragraph(text("diagnosis.final" if self.final else "diagnosis.passing"))
        yield Paragraph(text("diagnosis.who", who=text(f"who.{self.who_acts}")))
        yield Heading(text("diagnosis.steps"), 4)
        yield Bullets(self.steps)
        yield Heading(text("diagnosis.why"), 4)
        yield Bullets(self.reasons)
        sources = text("list.separator").join(situations.sources(self.situation))
        yield Paragraph(text("diagnosis.sources", list=sources))

    def _happened(self) -> Iterator[Block]:
        said, more = [one.happened() for one in self.findings[:SHOWN]], len(self.findings) - SHOWN
        if more > 0:
            said.append(text("diagnosis.more", count=more))
        yield Bullets(said) if len(said) > 1 else Paragraph(said[0])
        new = self.decisive.reply and self.decisive.reply.new_address
        if new and self.situation in _NAMING:
            yield Paragraph(text("diagnosis.new_address", address=f"`<{shown(new)}>`"))

    def to_frame(self) -> pd.DataFrame:
        """One row per reply or recipient.

        Columns: `recipient` (string), `verb` (string: what was answered; `any` where not told),
        `code` (Int64), `enhanced_code` (string), `text` (string), `situation` (category),
        `who_acts` (category), `final` (boolean). Text is empty where nothing is told, numbers
        and booleans are missing.
        """
        import pandas as pd

        kinds: dict[str, Any] = dict.fromkeys(("recipient", "verb"), "string")
        kinds |= {"code": "Int64", "enhanced_code": "string", "text": "string"}
        kinds["situation"] = pd.CategoricalDtype([*map(str, Situation)])
        kinds["who_acts"] = pd.CategoricalDtype([*map(str, Who)])
        kinds["final"] = "boolean"
        return pd.DataFrame(map(_row, self.findings), columns=[*kinds]).astype(kinds)


def _row(one: Finding) -> tuple[Any, ...]:
    code, said = (one.reply.code, one.reply.text) if one.reply else (None, one.words)
    return (
        *(clean(one.recipient), one.verb, code, str(one.enhanced or "")),
        *(clean(said), str(one.judgement.situation), str(one.who_acts), one.final),
    )


def diagnosis(findings: Iterable[Finding]) -> Diagnosis:
    """The findings as a diagnosis, with the card of the code that decided."""
    whole = Diagnosis(None, None, None, tuple(findings))
    reply, enhanced = whole.decisive.reply, whole.decisive.enhanced
    code = registry.defined_codes().get(reply.code) if reply else None
    return replace(whole, reply=reply, code=code, enhanced=enhanced)


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
    match what:
        case str() | bytes() | bytearray():
            return _of_text(what)
        case Session():
            found = _of_session(what)
        case Message():
            found = of_mail(parse_mail_anew(what))
        case BaseException():
            found = _of_exception(what)
        case Mapping():
            found = _of_refused(what)
        case (int(code), bytes() | str() as said):
            found = [_answered(code, said)]
        case Diagnosis():
            return what
        case _:
            return _of_code(what)
    return _found(found)


def _of_code(what: object) -> Diagnosis:
    """A lone code gets its card alone; of a whole reply there is more to say."""
    alone = explain_code(what)
    if alone.reply:
        return diagnosis([Finding(alone.reply)])
    return Diagnosis(None, alone.code, alone.enhanced)


def _of_text(given: str | bytes | bytearray) -> Diagnosis:
    if len(given) > SIZE_LIMIT:
        raise NothingToExplainError(text("error.too_long", limit=SIZE_LIMIT // 10**6))
    said = _decoded(given if isinstance(given, str) else bytes(given))
    alone = _CODE_ALONE.fullmatch(said) if len(said) < _SHORT else None
    try:
        return _of_code(alone[1] if alone else said)
    except ReplySyntaxError:
        return _found(_of_long_text(said), said)


def _decoded(given: str | bytes) -> str:
    """Text without escape sequences; mail may be in any charset, so no octet is an error."""
    try:
        return decode(given)
    except TranscriptError:
        return re.sub("\r\n?", "\n", _text(given))


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


def _found(findings: list[Finding], said: str = "") -> Diagnosis:
    """The diagnosis, or an error that says what was looked for."""
    if findings:
        return diagnosis(findings)
    start = shown(" ".join(said[:200].split()), 60)
    raise NothingToExplainError(text("error.nothing_to_explain", start=start))


# ---- replies and exceptions ----


def _text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _answered(code: object, said: object, verb: str = ANY, recipient: object = "") -> Finding:
    """What smtplib gives: the code, and all lines without theirs."""
    found = Finding(None, verb, _text(recipient), words=_text(said))
    if not isinstance(code, int) or not 200 <= code <= 599:
        return found
    return replace(found, reply=Reply(code, tuple(found.words.splitlines()) or ("",)))


def _of_refused(refused: Mapping[Any, Any]) -> list[Finding]:
    """The recipients that `sendmail` could not hand over: an empty dict means none."""
    found = []
    for recipient, answer in refused.items():
        code, said = answer if isinstance(answer, tuple) and len(answer) == 2 else (0, answer)
        found.append(_answered(code, said, "RCPT", recipient))
    return found or [Finding(Reply(250), MESSAGE)]


def _of_exception(error: BaseException) -> list[Finding]:
    """smtplib's exceptions, by what they carry; any other by its words."""
    refused = getattr(error, "recipients", None)
    if isinstance(refused, Mapping) and refused:
        return _of_refused(refused)
    code, said = getattr(error, "smtp_code", 0), getattr(error, "smtp_error", str(error))
    name = type(error).__name__
    return [_answered(code, said, next((_VERBS[part] for part in _VERBS if part in name), ANY))]


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
