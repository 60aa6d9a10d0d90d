"""`explain`: what anything that a mail server said means, who has to act, and how.

Whatever is given becomes findings, each about one reply or one recipient, and the findings are
judged by `reference.situations`. Only what is given is read: a string is never a file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email import message_from_bytes, message_from_string
from email.message import Message
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smtpedu.dialogue.formats import TranscriptError
from smtpedu.dialogue.quoted import Quoted, quoted_replies
from smtpedu.dialogue.session import Session, annotate
from smtpedu.dialogue.transcript import decode
from smtpedu.display import Block, Bullets, Heading, Paragraph
from smtpedu.i18n import text
from smtpedu.protocol.reply import EnhancedCode, Reply, ReplySyntaxError
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE
from smtpedu.reference import registry, situations, texts
from smtpedu.reference.explain import Explanation
from smtpedu.reference.explain import explain as explain_code
from smtpedu.reference.situations import Judgement, Situation, Who

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 50_000_000  # characters of text that are read
_SHORT = 80  # characters of a text that may be a lone code
_LISTED = 3  # codes in a text that says nothing but codes: no server said that
SHOWN = 20  # recipients, each with its own sentence
_CODE_ALONE = re.compile(r"\W*(?:smtp|code|error|reply)?\W*([0-9]{3})\W*", re.I)
_ENHANCED = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
_ADDRESS = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
_QUEUE_ID = re.compile(r"\b(?:queued as|id=|id )\s?[<(]?([\w.@-]{4,80})", re.I)
# Of the controls, a row's end, tab and blank can be shown; of formats, none (bidi, zero width).
_UNPRINTABLE = re.compile(
    r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f]"
    r"|[\u202a-\u202e\u2060-\u206f\ufeff]"
)
_HEADERS = re.compile(r"\s*+(?:>?From [^\n]*+\n)?(?:[!-9;-~]++:[^\n]*+\n(?:[ \t][^\n]*+\n)*+){2}")
_OF_MAIL = {"from", "received", "return-path", "content-type", "mime-version", "subject"}
_REPORT = re.compile(r"^(?:(?:final|original)-recipient|diagnostic-code|action):", re.I | re.M)
# Where a bounce that is not MIME goes on with the message it is about.
_ORIGINAL = re.compile(
    r"^(?:[-=_*#]{2,80}[^\n]{0,40}?\b(?:unsent|original|returned|undelivered|bounced|copy of"
    r"|header|below this line)\b(?=[^\n]{0,40}(?:message|mail|line))(?! message was)"
    r"|(?:below this line|this is a copy of|original message (?:follows|headers?))"
    r"|message headers? follow|(?:received|return-path|delivered-to|dkim-signature): )",
    re.I | re.M,
)
_NAMING = (Situation.MOVED, Situation.FORWARDED)
_DONE = ("delivered", "relayed", "expanded")
_NOTHING = Judgement(Situation.UNKNOWN, "", sure=False)
_BARE = re.compile(r"(?<![\w.])(?=[45][0-5][0-9][ -]\D)")
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


# ---- findings ----


@dataclass(frozen=True)
class Finding:
    """What is known about one recipient or one reply; `reply` is None where none was quoted."""

    reply: Reply | None = None
    verb: str = ANY
    recipient: str = ""
    status: EnhancedCode | None = None  # of a report (RFC 3464 §2.3.4)
    action: str = ""  # of a report (RFC 3464 §2.3.3)
    words: str = ""  # what else is said

    @cached_property
    def judgement(self) -> Judgement:
        """What it is about: the reply decides, then the report's status, then other words."""
        if self.action in _DONE:
            return Judgement(Situation.ACCEPTED, "codes")
        found = situations.judge(self.verb, self.reply) if self.reply else _NOTHING
        if found.sure and (found.by != "codes" or not self.status):
            return found
        return next((better for better in self._beyond_the_reply() if better.sure), found)

    def _beyond_the_reply(self) -> Iterator[Judgement]:
        """By the status of the report with the reply's words, and by each row of other words."""
        code = str(self.reply.code) if self.reply else ""
        own = situations.plain_words(" ".join(self.reply.lines) if self.reply else "")
        if self.status and not situations.general(self.status):
            yield situations.decide(self.verb, code, self.status, own)
        if self.reply is None:
            said = self.words[: situations.READ]
            for row in [*filter(str.strip, said.split("\n")), said]:
                yield situations.decide(self.verb, "", self.status, situations.plain_words(row))

    @property
    def final(self) -> bool | None:
        """Whether it is over: what the report did, else the class of the reply or the status."""
        known = {"failed": True, "delayed": False} | dict.fromkeys(_DONE)
        if self.action in known:
            return known[self.action]
        class_ = self.reply.severity if self.reply else self.status.class_ if self.status else 0
        return {4: False, 5: True}.get(class_)

    def happened(self) -> str:
        """What happened, in one sentence that names the recipient."""
        said = texts.situation(self.judgement.situation)["happened"]
        if not self.judgement.sure and self.judgement.situation is not Situation.UNKNOWN:
            said = text("diagnosis.perhaps", happened=said)
        return f"`{_shown(self.recipient)}`: {said}" if self.recipient else said

    def reasons(self) -> Iterator[str]:
        """Why: the report, the code's digit, the enhanced code, the words; contradictions."""
        judged, reply = self.judgement, self.reply
        if self.action:
            yield text("diagnosis.action", action=f"`{_shown(self.action)}`")
        if reply:
            meaning = text(f"severity.{reply.severity}")
            yield text("diagnosis.digit", code=f"`{reply.code}`", meaning=meaning)
        written = (situations.written_code(reply) if reply else None) or self.status
        if written:
            row = registry.enhanced().get(f"X.{written.subject}.{written.detail}")
            key = "diagnosis.general" if situations.general(written) else "diagnosis.enhanced"
            name = row["name"] if row else text("diagnosis.unregistered")
            yield text(key, enhanced=f"`{written}`", name=name)
        if judged.words:
            yield text("diagnosis.words", words=f"`{_shown(judged.words)}`")
        elif not judged.by or not judged.sure:
            yield text("diagnosis.no_words")
        yield from self._contradictions(written)

    def _contradictions(self, written: EnhancedCode | None) -> Iterator[str]:
        reply, judged = self.reply, self.judgement
        address = reply is not None and reply.new_address is not None
        if reply and reply.code == 551 and not address:
            yield text("diagnosis.no_address")
        if written is None:
            return
        if reply and written.class_ != reply.severity:
            yield text("diagnosis.classes", code=f"`{reply.code}`", enhanced=f"`{written}`")
        alone = situations.decide(self.verb, "", written, "").situation
        if address and (written.subject, written.detail) == (1, 6):
            yield text("diagnosis.address_1_6", enhanced=f"`{written}`")
        elif alone is not judged.situation and not situations.general(written):
            other = texts.situation(alone)["title"]
            if alone is not Situation.UNKNOWN:
                yield text("diagnosis.contradiction", enhanced=f"`{written}`", other=other)
        elif reply and reply.code == 551 and judged.situation is not Situation.NOT_LOCAL:
            yield text("diagnosis.551", enhanced=f"`{written}`")


def _shown(said: str, limit: int = 200) -> str:
    """Foreign text that can stand in a sentence between backticks."""
    return _clean(said)[:limit].replace("`", "'")


def _clean(said: str) -> str:
    """Text without what could change how a terminal or a page shows other text."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0].isspace() else repr(found[0])[1:-1], said)


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
        return wait + steps + ((text("diagnosis.id", id=f"`{_shown(found[1])}`"),) if found else ())

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
        return [*(self._diagnosis() if self.findings else ()), *super().blocks()]

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
                text("diagnosis.new_address", address=f"`<{_shown(reply.new_address)}>`")
            )
        if self.final is not None:
            yield Paragraph(text("diagnosis.final" if self.final else "diagnosis.passing"))
        yield Paragraph(text("diagnosis.who", who=text(f"who.{self.who_acts}")))
        yield Heading(text("diagnosis.steps"), 4)
        yield Bullets(self.steps)
        yield Heading(text("diagnosis.why"), 4)
        yield Bullets(self.reasons)
        yield Paragraph(
            text("diagnosis.sources", list=", ".join(situations.sources(self.situation)))
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
            found = _of_mail(what)
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
    said = _clean(_decoded(given).replace("\r\n", "\n").replace("\r", "\n"))
    if len(said) < _SHORT and (code := _CODE_ALONE.fullmatch(said)):
        said = code[1]
    try:
        alone = explain_code(said)
    except ReplySyntaxError as broken:
        return _found(_of_long_text(said), said, broken)
    if alone.reply:
        return diagnosis([Finding(_tidy(alone.reply))])
    return Diagnosis(alone.reply, alone.code, alone.enhanced)


def _decoded(given: str | bytes) -> str:
    """Text without escape sequences; mail may be in any charset, so no octet is an error."""
    try:
        return decode(given)
    except TranscriptError:
        return given if isinstance(given, str) else given.decode("utf-8", "replace")


def _tidy(reply: Reply) -> Reply:
    """A reply without the code that some servers say twice."""
    code = str(reply.code)
    return replace(reply, lines=tuple(line.removeprefix(f"{code} ") for line in reply.lines))


def _of_long_text(said: str) -> list[Finding]:
    """A bounce, or a dialogue, or what other text quotes."""
    if (mail := _mail(said)) is not None:
        return _of_mail(mail)
    if found := _dialogue(said):
        return found
    quoted = quoted_replies(said)
    if _REPORT.search(said) and (reported := list(_of_reports([said]))):
        return [_with_words(one, said) for one in _with_quoted(reported, quoted)]
    named = any(one.remote or one.recipient for one in quoted)
    if not named and len({one.reply.code for one in quoted}) > _LISTED:
        raise NothingToExplainError(text("error.list_of_codes"))
    return _of_quoted(quoted)


def _found(findings: list[Finding], said: str, broken: ReplySyntaxError | None = None) -> Diagnosis:
    """The diagnosis, or an error that says what was looked for."""
    if findings:
        return diagnosis(findings)
    start = _shown(" ".join(said[:200].split()), 60)
    problem = text("error.nothing_to_explain", start=start)
    raise NothingToExplainError(problem, *((broken.line, broken.column) if broken else ()))


# ---- replies and exceptions ----


def _text(said: object) -> str:
    decoded = bytes(said).decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return _clean(decoded)


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


# ---- bounces ----


def _mail(said: str) -> Message | None:
    if not _HEADERS.match(said):
        return None
    try:
        mail = message_from_bytes(said.lstrip().encode("utf-8", "surrogatepass"))
    except RecursionError:  # hundreds of parts within parts: nobody's bounce
        return None
    return mail if len(_OF_MAIL & {name.lower() for name in mail}) > 1 else None


def _of_mail(mail: Message) -> list[Finding]:
    """What a bounce says: its reports, with the replies of its prose; else those alone."""
    prose, reports = _parts(mail)
    said = _clean("\n\n".join(prose))
    if original := _ORIGINAL.search(said):
        said = said[: original.start()]
    reported = list(_of_reports(reports or [said]))
    quoted = quoted_replies(said)
    if reported:
        return [_with_words(one, said) for one in _with_quoted(reported, quoted)]
    return _of_quoted(quoted) or _of_words(said)


def _with_words(one: Finding, said: str) -> Finding:
    """With the prose from where it names the recipient: what stands before greets the reader."""
    place = said.rfind("\n", 0, max(said.find(one.recipient), 0)) + 1
    return replace(one, words=f"{one.words}\n{said[place : place + situations.READ]}")


def _parts(mail: Message) -> tuple[list[str], list[str]]:
    """The texts and the delivery reports; the message returned is not looked at."""
    prose: list[str] = []
    reports: list[str] = []
    stack = [mail]
    while stack:
        part = stack.pop()
        kind, content = part.get_content_type(), part.get_payload()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            blocks = content if isinstance(content, list) else [content]
            reports += [_folded(one) if isinstance(one, Message) else str(one) for one in blocks]
        elif isinstance(content, list):
            if not kind.startswith("message/"):
                stack += [one for one in reversed(content) if isinstance(one, Message)]
        # Of a multipart whose boundary is broken, the text is all there is.
        elif kind.startswith(("text/plain", "multipart/")) or (kind == "text/html" and not prose):
            prose.append(_content(part, kind))
    return prose, reports


def _folded(part: Message) -> str:
    return "".join(f"{name}: {value}\n" for name, value in part.items())


def _content(part: Message, kind: str) -> str:
    octets = part.get_payload(decode=True)
    if kind.startswith("multipart/"):
        return str(part.get_payload()).replace("=\n", "")
    charset = part.get_content_charset() or "utf-8"
    try:
        said = octets.decode(charset, "replace") if isinstance(octets, bytes) else str(octets)
    except LookupError:
        said = bytes(octets).decode("utf-8", "replace")
    return re.sub(r"<[^<>@]{1,2000}>", " ", said) if kind == "text/html" else said


def _of_reports(reports: list[str]) -> Iterator[Finding]:
    """The recipients of delivery reports (RFC 3464 §2.3)."""
    for report in reports:
        for group in re.split(r"\n\s*\n", _clean(report)):
            if begin := _REPORT.search(group):
                fields = message_from_string(group[begin.start() :])
                yield _reported(fields)


def _reported(fields: Message) -> Finding:
    recipient = fields["Original-Recipient"] or fields["Final-Recipient"] or ""
    diagnostic = " ".join(str(fields["Diagnostic-Code"] or "").split())
    replies = quoted_replies(diagnostic) or quoted_replies(_BARE.sub(": ", diagnostic, count=1))
    failing = [one for one in replies if one.reply.severity > 3] or replies
    status = _ENHANCED.search(str(fields["Status"] or ""))
    return Finding(
        failing[0].reply if failing else None,
        failing[0].verb if failing else ANY,
        str(recipient).rpartition(";")[2].strip(" <>"),
        EnhancedCode(*map(int, status.groups())) if status else None,
        str(fields["Action"] or "").split(" ")[0].strip().lower(),
        diagnostic.rpartition(";")[2].strip(),
    )


def _with_quoted(reported: list[Finding], quoted: list[Quoted]) -> list[Finding]:
    """What the prose knows better than the report: the whole reply, and what it answered."""
    by_recipient = {one.recipient.lower(): one for one in reversed(_of_quoted(quoted))}
    every = {(one.reply.code, one.reply.lines[0][:20]): one for one in reversed(quoted)}
    found = []
    for one in reported:
        there: Finding | Quoted | None = by_recipient.get(one.recipient.lower())
        if one.reply:
            there = every.get((one.reply.code, one.reply.lines[0][:20]))
        elif len(reported) == 1:
            there = there or next(iter(by_recipient.values()), None)
        found.append(replace(one, reply=there.reply, verb=there.verb) if there else one)
    return found


def _of_quoted(quoted: list[Quoted]) -> list[Finding]:
    """For each recipient the first reply that failed, a server's own before a summary of it."""
    failing = [one for one in quoted if one.reply.severity > 3]
    chosen: dict[str, Quoted] = {}
    for one in sorted(failing or quoted[-1:], key=lambda one: not one.remote):
        chosen.setdefault(one.recipient.lower(), one)
    if len(chosen) > 1:  # what names nobody is about the others
        chosen.pop("", None)
    kept = sorted(chosen.values(), key=lambda one: (one.line, one.column))
    return [Finding(_tidy(one.reply), one.verb, one.recipient) for one in kept]


def _of_words(said: str) -> list[Finding]:
    """A bounce that quotes no reply, judged by its words alone where they are strong."""
    found = _ENHANCED.search(said)
    status = EnhancedCode(*map(int, found.groups())) if found else None
    address = _ADDRESS.search(said)
    one = _with_words(Finding(recipient=address[0] if address else "", status=status), said)
    return [one] if one.judgement.sure else []
