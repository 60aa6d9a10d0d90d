"""From pasted text to lines: what is around the dialogue is peeled off, and its format found.

Text that is no dialogue is an error. How each format is read is in `formats`, and in `unmarked`.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from functools import cache
from itertools import pairwise
from os.path import commonprefix
from typing import NamedTuple

from smtpedu.dialogue.formats import (
    FORMATS,
    CsvReader,
    LiteralReader,
    WrittenReader,
    count_literals,
    explained,
)
from smtpedu.dialogue.lines import (
    LINE_LIMIT,
    REPLY_LINE,
    VERB,
    Line,
    Row,
    TranscriptError,
    is_reply,
)
from smtpedu.dialogue.notation import (
    LEARNED,
    Notation,
    Templates,
    fold,
    notation_of,
    signs,
    with_tail,
)
from smtpedu.dialogue.reader import Reader
from smtpedu.dialogue.turns import Gatherer, Turn, gather
from smtpedu.display import unescape
from smtpedu.i18n import text as translated
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import ANY, Speaker
from smtpedu.reference.registry import defined_codes, replies

SIZE_LIMIT = 50 * 10**6  #: octets or characters of any text that is read
_FRONT_MATTER = re.compile(r"---\n(?P<fields>.*?)\n---\n", re.DOTALL)
_CONTINUED = "  "  # how a further line of a value begins
_QUOTES = 9  # how often a quoted mail may have been quoted again
_MARGIN = 1_000  # characters; a deeper indent is no margin
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_LINE_END = re.compile(r"\r+\n?")
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~])"  # CSI, OSC, nF
)
_RUBOUT = re.compile("[\b\x7f]")
_ENTITY = re.compile(r"&(?:lt|gt|quot|amp|#39);")
_ADDRESS = re.compile(r"<[^<>\s]*@")  # in the text itself, not as a page's source has it
_PROSE = 9  # rows, among which a single reply may be one by chance
_LABEL = re.compile(r"([a-z]{2,12}):\s?(?=[2-5][0-9]{2}[ -])", re.I)
_LABELS = 3  # different ones; two are those of the speakers
_SHORT = 200  # characters of a heading
_HEADING = re.compile(r"(?=.*[^\W\d_])[^0-9<>@]{2,40}(?<=[:*_#=-])|#+ [^0-9<>@]{2,40}")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


def front_matter(text: str) -> dict[str, str]:
    """The `key: value` lines between two `---` at the top; empty when there are none.

    A line that begins with two spaces continues the value before it.
    """
    found = _FRONT_MATTER.match(text)
    fields: dict[str, list[str]] = {}
    key = ""
    for line in found["fields"].split("\n") if found else []:
        if line.startswith(_CONTINUED) and fields:
            fields[key].append(line.removeprefix(_CONTINUED))
        elif ":" in line:
            before, _, value = line.partition(":")
            key = before.strip()
            fields[key] = [value.strip()]
    return {key: "\n".join(rows) for key, rows in fields.items()}


def format_front_matter(fields: dict[str, str]) -> str:
    """Fields as `front_matter` reads them; nothing when there are none."""
    head = "".join(_field(key, value) for key, value in fields.items())
    return f"---\n{head}---\n" if head else ""


def _field(key: str, value: str) -> str:
    first, *further = value.split("\n")
    lines = [f"{key}: {first}".rstrip(), *(_CONTINUED + line for line in further)]
    return "".join(f"{line}\n" for line in lines)


def decode(transcript: str | bytes) -> str:
    """Text with LF line ends; raises `TranscriptError` for what is not text, or too long."""
    if len(transcript) > SIZE_LIMIT:
        raise TranscriptError(1, translated("error.long_text", limit=SIZE_LIMIT // 10**6))
    if isinstance(transcript, bytes):
        # What Windows PowerShell's `>` writes is UTF-16.
        utf_16 = transcript.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        transcript = transcript.decode("utf-16" if utf_16 else "utf-8", "replace")
    # The recording of a screen ends its lines in CR CR LF.
    text = _without_escapes(_LINE_END.sub("\n", transcript.removeprefix("\ufeff")))
    if found := _NOT_TEXT.search(text):
        raise TranscriptError(text.count("\n", 0, found.start()) + 1, translated("error.binary"))
    if not text.strip():
        raise TranscriptError(1, translated("error.no_text"))
    return text


def _without_escapes(text: str) -> str:
    """Text as the screen showed it: no escape sequences, no characters that were erased."""
    shown = _ESCAPES.sub("", text)
    if not _RUBOUT.search(shown):
        return shown
    return "\n".join(map(_rubbed_out, shown.split("\n")))


def _rubbed_out(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character not in "\b\x7f":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


class Transcript(NamedTuple):
    """The lines of a transcript, and the rows that are none, with the reason for each."""

    lines: list[Line]
    left: dict[int, str]


def read(text: str) -> Transcript:
    """The lines of a transcript in any notation. Raises `TranscriptError`."""
    start = found.end() if (found := _FRONT_MATTER.match(text)) else 0
    offset = text.count("\n", 0, start)
    whole = list(enumerate(text[start:].rstrip("\n").split("\n"), offset + 1))
    rows = _without_labels(_without_margin(_inside_fences(_unescaped(whole))))
    reader = _best(rows)
    if not any(reader.notation.templates) and (fewer := _without_headings(rows)) is not rows:
        rows, reader = fewer, _best(fewer)
    lines = _cut(reader.lines, reader.left)
    if problem := _problem(reader, lines):
        first = next((number for number, row in whole if row.strip()), offset + 1)
        raise TranscriptError(first, translated(problem))
    left = reader.left
    if len(rows) < len(whole):
        kept = {number for number, _ in rows}
        left = {number: "own" for number, _ in whole if number not in kept} | left
    told = (n for n in sorted(left) if whole[n - offset - 1][1].strip())
    return Transcript(lines, {n: left[n] for n in told})


def _unescaped(rows: list[Row]) -> list[Row]:
    """Rows of a web page's source, as the page shows them."""
    text = "\n".join(row for _, row in rows)
    if not _ENTITY.search(text) or _ADDRESS.search(text):
        return rows
    return [(number, unescape(row)) for number, row in rows]


def _without_labels(rows: list[Row]) -> list[Row]:
    """Rows whose replies stand behind names of what they answer: `hello: 250 mx`, `to: 250 OK`."""
    labels = [(n, found) for n, (_, row) in enumerate(rows) if (found := _LABEL.match(row))]
    if len({found[1].lower() for _, found in labels}) < _LABELS:
        return rows
    bare = {n: (rows[n][0], rows[n][1][found.end() :]) for n, found in labels}
    return [bare.get(n, row) for n, row in enumerate(rows)]


def _cut(lines: list[Line], left: dict[int, str]) -> list[Line]:
    """Lines as far as they are shown."""
    for n, line in enumerate(lines):
        if len(line.text) > LINE_LIMIT:
            left[line.number] = "long"
            lines[n] = line._replace(text=line.text[:LINE_LIMIT])
    return lines


def _inside_fences(rows: list[Row]) -> list[Row]:
    """What stands between Markdown's fences, unless the fences are part of a message."""
    if not any("```" in row or "~~~" in row for _, row in rows):
        return rows
    fences = [n for n, (_, row) in enumerate(rows) if _FENCE.match(row)]
    if len(fences) < 2 or any(REPLY_LINE.match(row) for _, row in rows[: fences[0]]):
        return rows
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return [row for first, last in pairs for row in rows[first + 1 : last]]


def _without_margin(rows: list[Row]) -> list[Row]:
    """Rows without the quote marks and the indent that all of them have."""
    for _ in range(_QUOTES):
        if not (common := _common_start(rows)).startswith(">"):
            break
        rows = [(number, row[1:].removeprefix(" ")) for number, row in rows]
    margin = len(common) - len(common.lstrip(" \t"))
    return [(number, row[margin:]) for number, row in rows] if margin else rows


def _common_start(rows: list[Row]) -> str:
    # Characters are meant, not parts of a path.
    return commonprefix([row[:_MARGIN] for _, row in rows if row.strip()])  # noqa: RUF071


def _without_headings(rows: list[Row]) -> list[Row]:
    """Rows without the headings that come again and say whose the lines below them are."""
    told = [(n, fold(row[:_SHORT]), _kind(row)) for n, (_, row) in enumerate(rows) if row.strip()]
    seen = Counter(words for _, words, kind in told if not kind)
    below = Counter((one[1], other[2]) for one, other in pairwise(told) if other[2])
    common = {
        words: kind for (words, kind), n in below.items() if n > 1 and 2 * n > seen[words] > 0
    }
    # Above most replies and most commands, anything is a heading; else it must look like one.
    kinds = Counter(
        common[one[1]] for one, other in pairwise(told) if other[2] == common.get(one[1])
    )
    most = all(
        2 * kinds[kind] > sum(one[2] == kind for one in told) for kind in ("reply", "command")
    )
    headings = {words for words in common if most or _HEADING.fullmatch(words)}
    at = {n for n, words, kind in told if words in headings and not kind}
    at |= {m for n in at for m in (n - 1, n + 1) if not rows[m % len(rows)][1].strip()}
    return [row for n, row in enumerate(rows) if n not in at] if at else rows


def _kind(row: str) -> str:
    """What a row is in plain text: a reply, a command, or nothing known."""
    return "reply" if REPLY_LINE.match(row) else "command" if VERB.match(row) else ""


def _problem(reader: Reader, lines: list[Line]) -> str:
    """Why these lines are no dialogue, or nothing."""
    if not any(map(is_reply, lines)):
        return "error.no_reply"
    if any(line.speaker is Speaker.CLIENT for line in lines):
        return ""
    form, codes = reader.notation, [line.text[:3] for line in lines]
    if not any(form.templates) and any(int(code) not in defined_codes() for code in codes):
        return "error.no_reply"
    greets = len(reader.rows) < _PROSE and codes == ["220"]
    if len(codes) == 1 and form.marks and not (greets or form.telling):
        return "error.no_reply"
    return "error.code_list" if is_list(codes) else ""


def is_list(codes: list[str]) -> bool:
    """Whether replies alone stand in the order of their codes, as on a page that lists them."""
    rising = all(before < after for before, after in pairwise(codes))
    return rising and len(codes) > (4 if codes[0] == "220" and "221" not in codes else 2)


# ---- which notation it is ----


def _best(rows: list[Row]) -> Reader:
    """The rows, read in the notation whose dialogue is the most plausible."""
    first = next((n for n, (_, row) in enumerate(rows) if any(signs(row))), 0)
    sample = rows[first : first + LEARNED]
    told = sum(bool(row.strip()) for _, row in sample)
    counts = {form: explained(sample, form) for form in FORMATS}
    form = max(counts, key=counts.__getitem__)
    if 10 * counts[form][1] > 9 * told:
        return _read(form._replace(whole=counts[form][1] == told), rows)
    literals = count_literals(sample)
    found = [_Try(form, sample) for form, count in counts.items() if count[0]]
    found += [_Try(None, sample)] if literals else []
    templates = Templates(sample)
    found += [_Try(base, sample) for base in templates.bases()]
    if not found:
        return Reader(Notation(()), rows)
    best = max(found, key=_likelihood)
    return _read(_extended(best, templates, sample), rows)


def _likelihood(tried: _Try) -> float:
    """How plausible the dialogue is; that both sides are marked, and alike, speaks for it, too."""
    form = tried.notation
    marked = 1.5 if form is None else form.even + any(form.templates) / 2
    return tried.score + marked


def _extended(best: _Try, templates: Templates, sample: list[Row]) -> Notation | None:
    """The best notation with the marks that make its dialogue more plausible."""
    form = best.notation
    if form is None or form.csv or form.written:
        return form
    for marks in templates.further(form) if best.both else ():
        new = [mark for mark in marks if mark not in form.marks]
        more = _Try(longer := notation_of([*form.marks, *new]), sample)
        if more.score > best.score and not more.echoes(best):
            best, form = more, longer
    return with_tail(form, sample)


def _read(form: Notation | None, rows: list[Row]) -> Reader:
    if form is None:
        reader: Reader = LiteralReader(Notation(()), rows)
    elif form.csv or form.written:
        reader = (CsvReader if form.csv else WrittenReader)(form, rows)
    else:
        reader = Reader(form, rows)
    reader.lines = reader.read()
    return reader


class _Try:
    """A notation, tried out on some rows: their lines, and how plausible a dialogue they are."""

    def __init__(self, form: Notation | None, sample: list[Row]) -> None:
        self.notation = form
        self.lines = _read(form, sample).lines
        self.both = len({line.speaker for line in self.lines}) > 1
        self.score = _plausibility(self.lines)

    def echoes(self, other: _Try) -> bool:
        """Whether a reply stands here twice that stands once there."""
        return _repeated(self.lines) > _repeated(other.lines)


def _repeated(lines: list[Line]) -> int:
    """How many lines of the server say what the one beside them says, or begin like it."""
    return sum(
        one.speaker is other.speaker is Speaker.SERVER
        and (one.text.startswith(other.text.strip()) or other.text.startswith(one.text.strip()))
        for one, other in pairwise(lines)
    )


def _plausibility(lines: list[Line]) -> float:
    """How well the replies answer what was sent; replies alone count half of those that do."""
    gatherer = Gatherer()
    turns = gather(lines, gatherer)
    sent = [turn.verb for turn in turns if isinstance(turn.said, Command)]
    said = sum(isinstance(turn.said, Reply) for turn in turns)
    if not sent:
        return said / 2 - len(gatherer.faults)
    known = sum(bool(VERB.match(verb)) for verb in sent)
    unanswered = gatherer.tracker.unanswered
    fitting = sum(map(fits, turns))
    return said + fitting + 2 * known - len(sent) - unanswered - len(gatherer.faults)


def fits(turn: Turn) -> int:
    """1 for a reply such as this verb gets, -1 for another; servers refuse with any code."""
    if not isinstance(turn.said, Reply):
        return 0
    refused = turn.said.code >= 400 and (turn.verb != ANY or turn.said.code == 421)
    return 1 if refused or (turn.verb, turn.said.code) in _expected() else -1


@cache
def _expected() -> set[tuple[str, int]]:
    return {(row["command"], row["code"]) for row in replies()}
