"""The notation of a transcript, learned from its own rows.

Tools write what they like before a line: times, process ids, names, arrows either way round. No
list holds them all. But a reply and a command show where they begin (`lines`), and what stands
before them, once its numbers, times and hosts are folded, is a template that comes again and
again. Which templates are the server's and which the client's is tried out: the best notation is
the one whose dialogue the tracker finds the most plausible.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, product, takewhile
from typing import NamedTuple

from smtpedu.dialogue.lines import CODE, Row
from smtpedu.protocol.states import Speaker

_PREFIX = 400  # characters that may stand before a line
LEARNED = 2_000  # rows from which the templates are taken
_TRIED = 4  # templates of each side that are tried
QUOTES = "'\"`|"  #: what may close after a line, once it stands open before it
_HELD = "\0"  # what a number, time, id or host is folded to

_END = r"(?=\s*(?:\\[rn]|\^M)*[\"'`]?[\s),;}\]]*$)"
_REPLY_SIGN = rf"(?<![\w.@/+])(?<!\d[:,;])(?P<reply>{CODE}(?:-|\ (?=\S)|\]\ |{_END}))"
_COMMAND_SIGN = (
    r"(?<![\w.@/-])(?P<command>(?:[EL]HLO|HELO|VRFY|EXPN|ETRN)[ ]+[\w\[]|MAIL[ ]+FROM[ ]?:"
    r"|RCPT[ ]+TO[ ]?:|AUTH[ ]+(?:LOGIN|PLAIN|NTLM|GSSAPI|X?OAUTH|CRAM|DIGEST|SCRAM)|BDAT[ ]+[0-9]"
    rf"|(?:DATA|QUIT|RSET|NOOP|STARTTLS|EHLO|HELO){_END})"
)
_SIGN = re.compile(f"{_REPLY_SIGN}|{_COMMAND_SIGN}", re.I)
_IP = r"\[[0-9a-fA-F]*[.:][0-9a-fA-F.:]*\]"
_FILLING = r"[\w.:,+/=-]"
_FOLDED = re.compile(
    rf"[\w.-]+{_IP}|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    rf"|AM|PM)\b|[A-Za-z_.:,+/=-]*[0-9]{_FILLING}*"
)
_HOLDER = rf"{_FILLING}{{1,200}}(?:{_IP}{_FILLING}{{0,40}})?"
_ARROW = re.compile(r"[-~*=<]>|<[-~*=<]|^[<>]$|^[SR]:$|^C:$|SENT|SERVER|reply", re.I)
_ALONE = re.compile(r"(?:DATA|QUIT|RSET|STARTTLS)(?!\w)(.{1,200}\S)\s*$", re.I)
_PATHS = re.compile(r"(?:MAIL FROM|RCPT TO):", re.I)
_PROSE = re.compile(r"\S .*[^\W_]$")  # ends in a word, which is not the only one
_LETTERS = re.compile(r"[^\W\d_]+")


class Mark(NamedTuple):
    """What stands before a line; `speaker` is None where both speak behind it."""

    speaker: Speaker | None
    pattern: re.Pattern[str]
    template: str
    quote: str = ""  # closes what the mark opens


class Notation(NamedTuple):
    """How a transcript marks its lines, the longer marks first.

    In one `written` for readers lines are folded, and there are asides, unless it is `whole`. What
    follows a mark in a `csv` file is one of its fields.
    """

    marks: tuple[Mark, ...]
    written: bool = False
    whole: bool = False  # each row has a mark, so that none is the tool's own
    csv: bool = False
    content: Mark | None = None  # what stands before mail data that has no mark of its own
    tail: re.Pattern[str] | None = None  # what stands after each line

    @property
    def templates(self) -> list[str]:
        """What stands before lines, folded."""
        return [mark.template for mark in self.marks]

    @property
    def even(self) -> bool:
        """Whether both sides are marked alike, in as many words."""
        words = {len(mark.template.split()) for mark in self.marks}
        return len(self.marks) > 1 and len(words) == 1

    @property
    def telling(self) -> bool:
        """Whether the marks alone show that somebody speaks: arrows, or nothing before a line."""
        marks = [mark.template for mark in self.marks if mark.speaker is not Speaker.CLIENT]
        return any(not mark or _ARROW.search(mark) for mark in marks)

    def split(self, row: str) -> tuple[Mark | None, str]:
        """The mark of a row and what follows it."""
        for mark in self.marks:
            if found := mark.pattern.match(row, 0, _PREFIX * 2):
                return mark, row[found.end() :]
        return None, row

    def without_tail(self, text: str) -> str:
        """What a line says, without what the tool writes after it."""
        said = text.rstrip()
        found = self.tail and self.tail.search(said, max(len(said) - _PREFIX, 0))
        return said[: found.start()].rstrip() if found else text

    def shared(self, row: str) -> str | None:
        """What follows that which all marks begin with."""
        found = self.content.pattern.match(row) if self.content else None
        return row[found.end() :] if found else None


class Sign(NamedTuple):
    """Where a reply or a command may begin in a row."""

    template: str
    speaker: Speaker
    blanks: int  # between the template's last character and the sign
    text: str  # the sign itself


def signs(row: str) -> Iterator[Sign]:
    """Every place in a row where a reply or a command may begin, leftmost first."""
    for found in _SIGN.finditer(row, 0, _PREFIX):
        before = row[: found.start()]
        template = fold(before)
        speaker = Speaker.SERVER if found["reply"] else Speaker.CLIENT
        yield Sign(template, speaker, len(before) - len(before.rstrip()), found[0])


def fold(before: str) -> str:
    """A row's beginning with all that changes folded: numbers, times, hosts, blanks."""
    return " ".join(re.sub(f"{_HELD}+", _HELD, _FOLDED.sub(_HELD, before)).split())


class Templates:
    """The templates of a text: how many replies and commands stand behind each."""

    def __init__(self, rows: list[Row]) -> None:
        self.counts = {speaker: Counter[str]() for speaker in Speaker}
        self.blanks: dict[str, int] = {}
        self.greeting: str | None = None  # before a first row that is one
        for sign in (sign for _, row in rows for sign in islice(signs(row), 3)):
            if not self.blanks and sign.text.startswith("220"):
                self.greeting = sign.template
            self.counts[sign.speaker][sign.template] += 1
            self.blanks[sign.template] = max(self.blanks.get(sign.template, 0), sign.blanks)
        for counts in self.counts.values():
            for template in [one for one in counts if counts[one] == 1 and _PROSE.search(one)]:
                del counts[template]

    def bases(self) -> Iterator[Notation]:
        """Notations with one template a side, or one for both; those of the most rows first."""
        servers, clients = (
            [template for template, _ in self.counts[side].most_common(_TRIED)]
            for side in (Speaker.SERVER, Speaker.CLIENT)
        )
        for server in servers:
            yield Notation((self.mark(server, None),))
        for server, client in product(servers, clients):
            sides = ((server, Speaker.SERVER), (client, Speaker.CLIENT))
            form = notation_of([self.mark(*side) for side in sides])
            if server != client and (
                form.even or sum(self.counts[side][word] for word, side in sides if word) != 2
            ):
                yield form

    def further(self, base: Notation) -> Iterator[list[Mark]]:
        """Marks that a base may lack: those like its own together, then each that comes again."""
        known = set(base.templates)
        kinds = {kind(template) for template in known for kind in (_letters, _shape)}
        shared = base.content.template if base.content else None
        alike, others = [], []
        both = any(mark.speaker is None for mark in base.marks)  # then only the greeting may differ
        for side, counts in self.counts.items():
            for template, count in counts.most_common(3 * _TRIED):
                greets = template == self.greeting and side is Speaker.SERVER
                marked = any(one and template.startswith(one) for one in known)
                if template in known or marked or not (greets or (template and not both)):
                    continue
                if _letters(template) in kinds or _shape(template) in kinds:
                    alike.append(self.mark(template, side))
                if greets or count > 1 or template == shared or _letters(template) in kinds:
                    others.append(self.mark(template, side))
        yield from (alike, *([mark] for mark in others))

    def mark(self, template: str, speaker: Speaker | None) -> Mark:
        opened = [one for one in QUOTES if template.endswith(one)] or (
            ['"'] if template.count('"') % 2 else ["|"] if template.startswith("|") else [""]
        )
        pattern = _pattern(template, self.blanks.get(template, 0))
        return Mark(speaker, pattern, template, opened[0])


def notation_of(marks: list[Mark]) -> Notation:
    """The notation with these marks, the longest first."""
    ordered = tuple(sorted(marks, key=lambda mark: -len(mark.template)))
    words = zip(*(mark.template.split(" ") for mark in marks), strict=False)
    shared = " ".join(one[0] for one in takewhile(lambda one: len({*one}) == 1, words))
    content = Mark(None, _pattern(shared, 1), shared) if _LETTERS.search(shared) else None
    return Notation(ordered, content=content)


def with_tail(form: Notation, rows: list[Row]) -> Notation:
    """The notation with what its tool writes after each line: commands without argument show it."""
    said = [text for mark, text in (form.split(row) for _, row in rows) if mark]
    tails = {fold(found[1]) for text in said if (found := _ALONE.match(text))}
    if len(tails) != 1:
        return form
    words = re.escape(tails.pop()).replace(re.escape(_HELD), _HOLDER).replace("\\ ", r"\s+")
    tailed = form._replace(tail=re.compile(rf"\s*{words}$"))
    sent = [tailed.without_tail(text) != text for text in said if _PATHS.match(text)]
    return tailed if sent and all(sent) else form


def _pattern(template: str, blanks: int) -> re.Pattern[str]:
    words = (re.escape(word).replace(re.escape(_HELD), _HOLDER) for word in template.split(" "))
    lead = r"\s{0,200}" if template else ""
    return re.compile(lead + r"\s{1,99}".join(words) + f"[ \t]{{0,{blanks}}}")


def _letters(template: str) -> str:
    return "".join(_LETTERS.findall(template))


def _shape(template: str) -> str:
    return _LETTERS.sub("a", template)
