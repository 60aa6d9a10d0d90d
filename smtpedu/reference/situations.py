"""Which situation a reply tells about, by all that it says: verb, code, enhanced code and text.

The conditions are rows of `data/situations.toml`; the texts about situations are in `texts`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from smtpedu.files import DataError, folder, problem_of, read_toml
from smtpedu.protocol.reply import EnhancedCode, Reply

READ = 2_000  # characters of a reply's text that are looked at
_PATH = folder("data") / "situations.toml"
_SPACE = r"(?:[^\w.;!?]|[.;!?](?! ))++"  # not past the end of a sentence
GAP = rf"{_SPACE}(?:\w++{_SPACE}){{0,4}}?"  # up to four words
_FIELDS = {"situation", "words", "enhanced", "codes", "verbs", "address", "sure"}
_GENERAL = {(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (7, 1), (0, 0)}
_CODED = re.compile(r"\A\W{0,3}([245])\.([0-9]{1,3})\.([0-9]{1,3})\b(?!\.)")
_LATER = re.compile(r"[#(\[]([245])\.([0-9]{1,3})\.([0-9]{1,3})\b(?!\.)")
_TELLING = re.compile(r"[@0-9]")
_NAMING = re.compile("try|forward|moved|new")  # what names a new address has one of these; quick
_ADDRESS = re.compile(r"(?<![^:;,()<>])[^:;,()<>@]*+@[^:;,()<>]*+")
_NUMBERED = re.compile(r"\b[^\W0-9]*+[0-9]\w*+")
_WORD = re.compile(r"\w+")
_OPENING = 16  # letters of a phrase by which it is found
_LETTERS = re.compile(rf"(?:[a-z](?![?*])){{1,{_OPENING}}}")


class Situation(StrEnum):
    """What a reply tells about; each with its sources in `data/situations.toml`.

    Done: `accepted` (RFC 5321 §4.2.5), `forwarded` (§3.4), `go-on` (§4.2.1). The address: `moved`,
    with the new one named, `moved-without-address`, `not-local` (§3.4), `unknown-user`,
    `unknown-domain`, `sender-refused` (RFC 3463 §3.2), `no-mail-host` (RFC 7504 §3). The mailbox:
    `mailbox-disabled`, `mailbox-full` (RFC 3463 §3.3). The system: `system-full`, `too-large`,
    `server-error`, `busy` (RFC 3463 §3.4), `server-closing` (RFC 5321 §3.8), `greylisted`
    (§4.5.4.1), `unreachable`, `loop` (RFC 3463 §3.5). Policy: `relay-denied` (RFC 5321 §3.6.2),
    `refused-by-policy`, `blocked` (for where the mail comes from), `content-refused` (§7.9),
    `authenticity` (§7.1), `authentication-needed`, `authentication-failed` (RFC 4954 §6),
    `encryption-needed` (RFC 3207 §4). Commands: `syntax` (RFC 5321 §4.2.2), `wrong-order`
    (§4.1.4), `not-implemented` (§4.2.4). And `unknown`: nothing more than the class is known.
    """

    ACCEPTED = "accepted"
    FORWARDED = "forwarded"
    GO_ON = "go-on"
    MOVED = "moved"
    MOVED_WITHOUT_ADDRESS = "moved-without-address"
    NOT_LOCAL = "not-local"
    UNKNOWN_USER = "unknown-user"
    UNKNOWN_DOMAIN = "unknown-domain"
    NO_MAIL_HOST = "no-mail-host"
    MAILBOX_DISABLED = "mailbox-disabled"
    MAILBOX_FULL = "mailbox-full"
    SYSTEM_FULL = "system-full"
    TOO_LARGE = "too-large"
    RELAY_DENIED = "relay-denied"
    SENDER_REFUSED = "sender-refused"
    REFUSED_BY_POLICY = "refused-by-policy"
    BLOCKED = "blocked"
    AUTHENTICITY = "authenticity"
    CONTENT_REFUSED = "content-refused"
    AUTHENTICATION_NEEDED = "authentication-needed"
    AUTHENTICATION_FAILED = "authentication-failed"
    ENCRYPTION_NEEDED = "encryption-needed"
    GREYLISTED = "greylisted"
    BUSY = "busy"
    SERVER_CLOSING = "server-closing"
    SERVER_ERROR = "server-error"
    UNREACHABLE = "unreachable"
    LOOP = "loop"
    SYNTAX = "syntax"
    WRONG_ORDER = "wrong-order"
    NOT_IMPLEMENTED = "not-implemented"
    UNKNOWN = "unknown"


class Who(StrEnum):
    """Who has to act: the sender, the recipient, the administrator of either, nobody."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    SENDER_ADMIN = "sender-admin"
    RECIPIENT_ADMIN = "recipient-admin"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


class Judgement(NamedTuple):
    """The situation, and what decided: words found, or the enhanced code, or the code alone."""

    situation: Situation
    by: str  # `words`, `enhanced`, `codes`, or empty
    words: str = ""
    sure: bool = True


class _Row(NamedTuple):
    number: int
    situation: Situation
    words: tuple[str, ...]
    enhanced: re.Pattern[str] | None
    codes: re.Pattern[str] | None
    verbs: frozenset[str]
    address: bool | None
    sure: bool


def situation(verb: str, reply: Reply) -> Situation:
    """The situation that a reply to this command (or `states` pseudo-command) tells about."""
    return judge(verb, reply).situation


def judge(verb: str, reply: Reply) -> Judgement:
    """The situation and what decided it."""
    text = " ".join(reply.lines)[:READ]
    words = plain_words(text)
    address = bool(_NAMING.search(words)) and reply.new_address is not None
    return decide(verb, str(reply.code), written_code(reply), words, address)


def written_code(reply: Reply) -> EnhancedCode | None:
    """The enhanced code as written, even one of another class or `(#5.1.1)` at a text's end."""
    doubled = str(reply.code)
    opening = reply.lines[0].removeprefix(doubled)
    if found := _CODED.match(opening):
        return EnhancedCode(*map(int, found.groups()))
    coded = (
        EnhancedCode(*map(int, found)) for found in _LATER.findall(" ".join(reply.lines)[:READ])
    )
    return next((code for code in coded if code.class_ == reply.severity), None)


def plain_words(text: str) -> str:
    """Text without addresses and numbers: they say nothing here, and differ in every reply."""
    return " ".join(map(_plain, text[:READ].lower().replace("’", "'").split()))


def _plain(word: str) -> str:
    if not _TELLING.search(word):
        return word
    return _NUMBERED.sub("#", _ADDRESS.sub("#", word) if "@" in word else word)


@lru_cache(4096)
def decide(
    verb: str, code: str, enhanced: EnhancedCode | None, words: str, address: bool = False
) -> Judgement:
    """The first row of the table whose conditions hold; `code` may be empty (no reply known)."""
    detail = f"{enhanced.subject}.{enhanced.detail}" if enhanced else ""
    may = _may_be_there(words)
    for row in _possible(verb, code, detail, address):
        if not row.words:
            by = "enhanced" if row.enhanced else "codes"
            return Judgement(row.situation, by, sure=row.sure)
        for phrase, start in may.get(row.number, ()):
            if said := phrase.match(words, start):
                return Judgement(row.situation, "words", said[0], row.sure)
    return Judgement(Situation.UNKNOWN, "", sure=False)


def _may_be_there(words: str) -> dict[int, list[tuple[re.Pattern[str], int]]]:
    """By the number of each row: its phrases that may begin in the text, and where."""
    found: dict[int, list[tuple[re.Pattern[str], int]]] = {}
    for word in _WORD.finditer(words):
        for number, phrase in _beginning(word[0]):
            found.setdefault(number, []).append((phrase, word.start()))
    return found


def general(enhanced: EnhancedCode) -> bool:
    """Whether an enhanced code says little more than its class and subject."""
    return (enhanced.subject, enhanced.detail) in _GENERAL


def who_acts(situation: Situation) -> Who:
    """Who has to act in this situation."""
    return Who(_table()["situations"][situation]["who"])


def stays(situation: Situation) -> bool:
    """Whether waiting alone does not help, even where a reply's first digit is 4."""
    return "stays" in _table()["situations"][situation]


def sources(situation: Situation) -> list[str]:
    """Where to read about this situation."""
    return list(_table()["situations"][situation]["sources"])


@cache
def _table() -> dict[str, Any]:
    content = read_toml(_PATH)
    if set(content["situations"]) != set(Situation):
        raise DataError(_PATH, 1, f"situations must be {sorted(Situation)}")
    return content


@cache
def _rows() -> list[_Row]:
    return [_row(number, row) for number, row in enumerate(_table()["rows"])]


def _row(number: int, row: dict[str, Any]) -> _Row:
    if unknown := set(row) - _FIELDS:
        raise problem_of(_PATH, "rows", f"unknown field {min(unknown)!r}")
    codes, enhanced = row.get("codes"), row.get("enhanced")
    return _Row(
        number,
        Situation(row["situation"]),
        tuple(map(_phrase, row.get("words", ()))),
        re.compile(enhanced.replace(".", r"\.").replace("*", "[0-9]+")) if enhanced else None,
        re.compile(codes) if codes else None,
        frozenset(row["verbs"].split("|") if "verbs" in row else ()),
        row.get("address"),
        row.get("sure", True),
    )


def _phrase(phrase: str) -> str:
    for _ in range(2):  # a family may name another
        for name, words in _table()["families"].items():
            phrase = phrase.replace("{" + name + "}", f"(?:{words})")
    # Possessive, so that a text which nearly matches costs no more than one which does.
    return phrase.replace(" ~ ", GAP)


@lru_cache(1024)
def _possible(verb: str, code: str, detail: str, address: bool) -> tuple[_Row, ...]:
    """The rows whose conditions hold, but for those about words."""
    return tuple(
        row
        for row in _rows()
        if (row.codes is None or row.codes.fullmatch(code))
        and (not row.verbs or verb in row.verbs)
        and (row.address is None or row.address is address)
        and (row.enhanced is None or row.enhanced.fullmatch(detail))
    )


@lru_cache(4096)
def _beginning(word: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """The phrases that may begin with this word, each with its row: few, so that it is fast."""
    starts = dict.fromkeys(word[:end] for end in range(1, _OPENING + 1))
    phrases = dict.fromkeys(one for start in starts for one in _index().get(start, ()))
    return tuple((number, _compiled(phrase)) for number, phrase in phrases)


_compiled = cache(re.compile)


@cache
def _index() -> dict[str, list[tuple[int, str]]]:
    """Rows and their phrases, by the phrase's first letters."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in _rows():
        for phrase in row.words:
            for start in _openings(f"({phrase})"):
                found.setdefault(start, []).append((row.number, phrase))
    return found


def _openings(phrase: str) -> set[str]:
    """The letters that may open a phrase; of a group, those of each alternative."""
    if not phrase.startswith("("):
        if letters := _LETTERS.match(phrase):
            return {letters[0]}
        raise problem_of(_PATH, "words", f"{phrase!r} begins with no letter")
    *_, (end, _) = depths = _depths(phrase)
    cuts = [0, *(at for at, depth in depths if phrase[at] == "|" and depth == 1), end]
    parts = [phrase[one + 1 : other] for one, other in pairwise(cuts)]
    after = [phrase[end + 2 :]] if phrase[end + 1 :].startswith("?") else []
    return set().union(*map(_openings, [parts[0].removeprefix("?:"), *parts[1:], *after]))


def _depths(phrase: str) -> list[tuple[int, int]]:
    """Each place in the group that a phrase opens with, and how deep in groups it is."""
    found, depth = [], 0
    for at, one in enumerate(phrase):
        depth += {"(": 1, ")": -1}.get(one, 0)
        found.append((at, depth))
        if not depth:
            break
    return found
