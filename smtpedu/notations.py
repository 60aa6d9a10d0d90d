"""The notations that mark who speaks: a table of them, and which of them a text is in.

The law of this file: it finds the speaker and strips the marker, row by row; `marked` knows which
rows belong together. A new notation is a new row in `NOTATIONS`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from smtpedu.said import CODE, REPLY_LINE, VERB, Row, Said


class Notation(NamedTuple):
    """How a kind of transcript marks its two speakers; a marker is what the pattern matches."""

    name: str
    client: re.Pattern[str]
    server: re.Pattern[str]
    written: bool = False  # for readers: every line that is not an aside carries a marker
    field: bool = False  # what follows the marker is a field of a CSV file
    joined: bool = False  # a reply of many lines may stand in one row
    # What stands before the further lines of a reply where only its first is marked, ...
    further: re.Pattern[str] = re.compile(r"[\s↪]{0,99}")
    content: re.Pattern[str] | None = None  # ... and before mail data, where none of it is


def _notation(
    name: str,
    client: str,
    server: str,
    *,
    written: bool = False,
    field: bool = False,
    joined: bool = False,
) -> Notation:
    time = rf"(?:{_CLOCK}\s{{1,9}}){{0,4}}" if written else _TIME
    client_mark, server_mark = (re.compile(time + mark, re.I) for mark in (client, server))
    return Notation(name, client_mark, server_mark, written, field, joined)


# Logs often put a time before the marker.
_CLOCK = r"(?:[a-z]{3} )?\[?[0-9][0-9:.,TZ/+-]{4,40}\]?"
_TIME = rf"(?:(?:\[(?:[0-9]|[^][]{{2,40}})\]|{_CLOCK})\s{{1,9}}){{0,4}}"
_MARKER_LIMIT = 1_000  # characters; so that a very long line costs no more than others
_INDENT = r"\s{0,99}"
_POSTFIX = r"(?:[a-z]{3} +[0-9]+ [0-9:]{8} )?(?:\S+ )?postfix\S*/"
_PEER = r" \S+\[[^\]]*\](?::[0-9]+)?: ?"
_NODEMAILER = r"DEBUG \[#?[\w-]+\] "
_UNMARKED = re.compile(_TIME + _NODEMAILER, re.I)
_PERL = r"[\w:]{0,40}SMTP[\w:]{0,40}=GLOB\(0x[0-9a-f]+\)"
_MUTT = r"(?:\[[^][]{19}\]<[0-9]> \w+\(\) )?[0-9]{1,4}"
_SENDEMAIL = r"(?:[a-z]{3} +[0-9]+ [0-9:]{8} \S+ )?sendemail\[[0-9]+\]: [A-Z]+ => "
_HMAIL = r'"SMTPD"\t(?:[^\t]{1,99}\t){4}'
# Wireshark's list of packets cuts replies, so it is not read.
_LOG = r"(?:(?![CS]:|→)\S{1,200}\s{1,9}){1,12}?"
_EXCHANGE = r"(?:(?:\"[^\"]*\"|[^,\"]*),){1,8}?"

#: Ways of marking the speakers, the more telling markers first.
NOTATIONS = (
    _notation(
        "C:/S:", _INDENT + r"(?:C|Client):[ \t]?", _INDENT + r"(?:S|Server):[ \t]*", written=True
    ),
    _notation("S:/R:", _INDENT + r"S:[ \t]?", _INDENT + r"R:[ \t]*", written=True),  # RFC 821's
    _notation("[C]/[S]", r"\[(?:C|Client)\]:?[ \t]?", r"\[(?:S|Server)\]:?[ \t]*"),
    _notation("swaks", r" ?(?:[-~]|\*\*|\*~)>(?: |$)", r"<(?:[-~] |\*\*|~\*) ?"),
    _notation("msmtp", r"--> ?", r"<-- ?"),
    # Of a reply of many lines these tools may mark only the first.
    _notation("sendmail -v", r">>>(?:putline>>>)? ?", r"(?:<<<(?:getline<<<)? ?)?" + CODE),
    _notation(
        "exim -v", _INDENT + r"SMTP[>|+]>(?! ?writing message) ?", rf"{_INDENT}(?:SMTP<< ?)?{CODE}"
    ),
    _notation("PHPMailer", "CLIENT -> SERVER: ?", "SERVER -> CLIENT: ?", joined=True),
    _notation(
        "sendEmail", _SENDEMAIL + r"Sending:\s{1,9}", _SENDEMAIL + r"Received:\s{1,9}", joined=True
    ),
    _notation("nodemailer", _NODEMAILER + "C: ?", _NODEMAILER + "S: ?")._replace(
        further=_UNMARKED, content=_UNMARKED
    ),
    _notation("Perl's Net::SMTP", _PERL + ">>> ?", _PERL + "<<< ?"),
    _notation("mutt", _MUTT + "> ?", _MUTT + "< ?"),
    _notation(
        "postfix smtpd -v",
        rf"{_POSTFIX}smtpd\[[0-9]+\]: <{_PEER}",
        rf"{_POSTFIX}smtpd\[[0-9]+\]: >{_PEER}",
    ),
    _notation(
        "postfix smtp -v",
        rf"{_POSTFIX}smtp\[[0-9]+\]: >{_PEER}",
        rf"{_POSTFIX}smtp\[[0-9]+\]: <{_PEER}",
    ),
    _notation("Exchange send log", _EXCHANGE + '>,"?', _EXCHANGE + '<,"?', field=True),
    _notation("Exchange receive log", _EXCHANGE + '<,"?', _EXCHANGE + '>,"?', field=True),
    _notation(
        "hMailServer",
        _HMAIL + r'"RECEIVED: ',
        _HMAIL + r'"SENT: ',
        field=True,
        joined=True,
    ),
    _notation(">>/<<", r">>(?!>) ?", r"<<(?!<) ?"),
    _notation("curl -v", r"> ?", r"< ?"),
    _notation("a server's arrows", r"<(?:<|--)? ?", r"(?:>>|-->|>) ?"),
    _notation("C:/S: in a log", _LOG + r"C:(?: |$)", _LOG + r"S:(?: |$)"),
)

_QUOTED = re.compile(r'(?:[^"]++|"")*+')


def likely(rows: list[Row], least: int) -> tuple[Notation | None, int]:
    """The notation that explains the most rows, and how many, if they are more than `least`.

    A message may hold lines that look like any notation, so the first match is not enough.
    """
    best, explained = None, least
    for notation in NOTATIONS:
        if (count := _explained(rows, notation)) > explained:
            best, explained = notation, count
    return best, explained


def _explained(rows: list[Row], notation: Notation) -> int:
    """How many rows are replies or known commands in this notation; 0 without any reply."""
    marked = (notation.server.match(row, 0, _MARKER_LIMIT) for _, row in rows)
    replies = sum(bool(REPLY_LINE.match(mark.string, mark.end())) for mark in marked if mark)
    if not replies:
        return 0
    sent = [mark for _, row in rows if (mark := notation.client.match(row, 0, _MARKER_LIMIT))]
    commands = sum(bool(VERB.match(mark.string, mark.end())) for mark in sent)
    return replies + commands if sent or notation.written else 0


def without_marker(row: Row, notation: Notation) -> Said | None:
    """A row without its marker, None where there is none."""
    number, text = row
    for server, mark in ((True, notation.server), (False, notation.client)):
        if found := mark.match(text, 0, _MARKER_LIMIT):
            rest = text[found.end() :]
            return Said(server, _field(found[0], rest) if notation.field else rest, number)
    return None


def _field(marker: str, rest: str) -> str:
    """The field that begins after the marker, or within it; a quote mark that is open quotes it."""
    if marker.count('"') % 2 == 0:
        return rest.partition(",")[0]
    found = _QUOTED.match(rest)
    return found[0].replace('""', '"') if found else ""
