"""A bounce: its delivery reports (RFC 3464), the replies in its prose, and else its words.

The message that it returns is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, message_from_string
from email.message import Message

from smtpedu.dialogue.findings import Finding, clean
from smtpedu.dialogue.quoted import Quoted, quoted_replies
from smtpedu.protocol.reply import EnhancedCode, Reply
from smtpedu.protocol.states import ANY
from smtpedu.reference import situations

_ENHANCED = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
_ADDRESS = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
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
_BARE = re.compile(r"(?<![\w.])(?=[45][0-5][0-9][ -]\D)")


def read_mail(said: str) -> Message | None:
    """The mail that a text is; None where it is none."""
    if not _HEADERS.match(said):
        return None
    try:
        mail = message_from_bytes(said.lstrip().encode("utf-8", "surrogatepass"))
    except RecursionError:  # hundreds of parts within parts: nobody's bounce
        return None
    return mail if len(_OF_MAIL & {name.lower() for name in mail}) > 1 else None


def of_mail(mail: Message) -> list[Finding]:
    """What a bounce says: its reports, with the replies of its prose; else those alone."""
    prose, reports = _parts(mail)
    said = clean("\n\n".join(prose))
    if original := _ORIGINAL.search(said):
        said = said[: original.start()]
    quoted = quoted_replies(said)
    return of_reports(reports or [said], said, quoted) or of_quoted(quoted) or _of_words(said)


def _with_words(one: Finding, said: str) -> Finding:
    """With the prose from where it names the recipient: what stands before greets the reader."""
    if one.reply:
        return one
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


def of_reports(reports: list[str], said: str, quoted: list[Quoted]) -> list[Finding]:
    """The recipients of delivery reports, with what the prose knows better."""
    reported = list(_groups(reports))
    return [_with_words(one, said[:65536]) for one in _with_quoted(reported, quoted)]


def _groups(reports: list[str]) -> Iterator[Finding]:
    """One for each recipient (RFC 3464 §2.3)."""
    for report in reports:
        for group in re.split(r"\n\s*\n", clean(report)):
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
    by_recipient = {one.recipient.lower(): one for one in reversed(of_quoted(quoted))}
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


def of_quoted(quoted: list[Quoted]) -> list[Finding]:
    """For each recipient the first reply that failed, a server's own before a summary of it."""
    failing = [one for one in quoted if one.reply.severity > 3]
    chosen: dict[str, Quoted] = {}
    for one in sorted(failing or quoted[-1:], key=lambda one: not one.remote):
        chosen.setdefault(one.recipient.lower(), one)
    if len(chosen) > 1:  # what names nobody is about the others
        chosen.pop("", None)
    kept = sorted(chosen.values(), key=lambda one: (one.line, one.column))
    return [Finding(tidy(one.reply), one.verb, one.recipient) for one in kept]


def _of_words(said: str) -> list[Finding]:
    """A bounce that quotes no reply, judged by its words alone where they are strong."""
    found = _ENHANCED.search(said)
    status = EnhancedCode(*map(int, found.groups())) if found else None
    address = _ADDRESS.search(said)
    one = _with_words(Finding(recipient=address[0] if address else "", status=status), said)
    return [one] if one.judgement.sure else []


def tidy(reply: Reply) -> Reply:
    """A reply without the code that some servers say twice."""
    code = str(reply.code)
    return replace(reply, lines=tuple(line.removeprefix(f"{code} ") for line in reply.lines))
