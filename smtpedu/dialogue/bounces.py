"""A bounce: its delivery reports (RFC 3464), the replies in its prose, and else its words.

The message that it returns is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.message import Message

from smtpedu.dialogue.findings import Finding
from smtpedu.dialogue.mail import parse_mail
from smtpedu.dialogue.quoted import Quoted, quoted_replies
from smtpedu.protocol.reply import EnhancedCode, Reply
from smtpedu.reference import situations

_STATUS = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
_ADDRESS = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
_HEADER = re.compile(r"\s*+(?:>?From .*\n)?[!-9;-~]+:")
_OF_MAIL = {"from", "received", "return-path", "content-type", "mime-version", "subject"}
_REPORT = re.compile(r"^(?:(?:Original|Final)-Recipient|Diagnostic-Code|Action):", re.I | re.M)
# The trace with which the message begins that a bounce without parts is about.
_ORIGINAL = re.compile(
    r"^(?:(?:x-)?received|return-path|delivered-to|dkim-signature|message-id|mime-version): ",
    re.I | re.M,
)
_PROSE = 65_536  # characters in which a recipient is looked for
_BARE = re.compile(r"(?<![\w.])(?=[45][0-5][0-9][ -]\D)")
_BOUNCER = re.compile(r"mailer-daemon|postmaster", re.I)


def read_mail(said: str) -> Message | None:
    """The mail that a text is; None where it is none."""
    if not _HEADER.match(said):
        return None
    mail = parse_mail(said.lstrip().encode("utf-8", "surrogatepass"))
    return mail if len(_OF_MAIL & {name.lower() for name in mail}) > 1 else None


def of_mail(mail: Message) -> list[Finding]:
    """What a bounce says: its reports, with the replies of its prose; else those alone."""
    parts = list(_parts(mail))
    texts = [part for part in parts if not part.is_multipart()]
    plain = [part for part in texts if part.get_content_type() != "text/html"]
    said = "\n\n".join(map(_content, plain or texts))
    if original := _ORIGINAL.search(said):
        said = said[: original.start()]
    found = of_text(said, quoted_replies(said), [*filter(_is_report, parts)])
    return found or _of_words(said, bounced=_is_bounce(mail))


def _parts(mail: Message) -> Iterator[Message]:
    """The parts before the message returned, those of a delivery report too."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind in ("text/rfc822-headers", "message/rfc822", "message/global"):
            return
        if kind.startswith(("text/plain", "text/html", "message/", "multipart/")):
            yield part


def _content(part: Message) -> str:
    octets = bytes(part.get_payload(decode=True) or b"")
    if part.get_content_maintype() == "multipart":  # its boundary is broken: all is its text
        octets = octets.replace(b"=\n", b"")
    try:
        said = octets.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        said = octets.decode("utf-8", "replace")
    return re.sub(r"<[^<>@]{1,2000}>", " ", said) if part.get_content_subtype() == "html" else said


def _is_bounce(mail: Message) -> bool:
    """Whether the mail can be nothing else: a report of delivery, or a mail system's own."""
    senders = f"{mail['From']} {mail['Return-Path']}"
    return mail.get_param("report-type") == "delivery-status" or bool(_BOUNCER.search(senders))


def of_text(said: str, quoted: list[Quoted], reports: Iterable[Message] = ()) -> list[Finding]:
    """The recipients of delivery reports, with what the prose knows better; else its replies."""
    told = _of_quoted(quoted)
    reported = [_reported(fields) for fields in reports or filter(_is_report, _groups(said))]
    by_recipient = {one.recipient.lower(): one for one in reversed(told)}
    if len(reported) == len(told) == 1:
        by_recipient[reported[0].recipient.lower()] = told[0]
    known = [by_recipient.get(one.recipient.lower()) for one in reported]
    return [_with_prose(*both, said) for both in zip(reported, known, strict=True)] or told


def _with_prose(one: Finding, told: Finding | None, said: str) -> Finding:
    """With the whole reply, or with the prose from where it names the recipient."""
    if told and told.reply and (not one.reply or _is_part(one.reply, told.reply)):
        recipient = one.recipient or told.recipient
        return replace(one, reply=told.reply, verb=told.verb, recipient=recipient)
    # What stands before greets the reader.
    place = said.rfind("\n", 0, max(said.find(one.recipient, 0, _PROSE), 0)) + 1
    words = "" if one.reply else said[place : place + situations.READ]
    return replace(one, words=f"{one.words}\n{words}")


def _is_part(reply: Reply, other: Reply) -> bool:
    return reply.code == other.code and len(reply.text) <= len(other.text)


def _groups(report: str) -> Iterator[Message]:
    """The fields about each recipient (RFC 3464 §2.3)."""
    for group in re.split(r"\n\s*\n", report) if _REPORT.search(report) else ():
        if begin := _REPORT.search(group):
            yield parse_mail(group[begin.start() :])


def _is_report(fields: Message) -> bool:
    return "Final-Recipient" in fields or "Diagnostic-Code" in fields


def _reported(fields: Message) -> Finding:
    recipient = fields["Original-Recipient"] or fields["Final-Recipient"] or ""
    diagnostic = " ".join(str(fields["Diagnostic-Code"] or "").split())
    replies = quoted_replies(diagnostic) or quoted_replies(_BARE.sub(": ", diagnostic, count=1))
    return replace(
        next(iter(_of_quoted(replies)), Finding()),
        recipient=str(recipient).rpartition(";")[2].strip(" <>"),
        status=_status(str(fields["Status"])),
        action=str(fields["Action"] or "").split(" ")[0].strip().lower(),
        words=diagnostic.rpartition(";")[2].strip(),
    )


def _status(said: str) -> EnhancedCode | None:
    found = _STATUS.search(said)
    return EnhancedCode(*map(int, found.groups())) if found else None


def _of_quoted(quoted: list[Quoted]) -> list[Finding]:
    """For each recipient the first reply that failed, a server's own before a summary of it."""
    failing = [one for one in quoted if one.reply.severity > 3] or quoted[-1:]
    chosen: dict[str, Quoted] = {}
    for one in sorted(failing, key=lambda one: not one.remote):
        chosen.setdefault(one.recipient.lower(), one)
    if len(chosen) > 1:  # what names nobody is about the others
        chosen.pop("", None)
    kept = sorted(chosen.values(), key=lambda one: one.start.start())
    return [Finding(one.reply, one.verb, one.recipient) for one in kept]


def _of_words(said: str, bounced: bool) -> list[Finding]:
    """A bounce that quotes no reply: its words where they are strong, else that nothing is told."""
    address = _ADDRESS.search(said)
    one = Finding(recipient=address[0] if address else "", status=_status(said))
    if (judged := _with_prose(one, None, said)).judgement.sure:
        return [judged]
    return [replace(one, recipient="")] if bounced else []
