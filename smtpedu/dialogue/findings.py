"""What is known about one recipient or one reply, and why it is judged as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from smtpedu.i18n import text
from smtpedu.protocol.reply import EnhancedCode, Reply
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, situations, texts
from smtpedu.reference.situations import Judgement, Situation

# Of the controls, a row's end, tab and blank can be shown; of formats, none (bidi, zero width).
_UNPRINTABLE = re.compile(
    r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f]"
    r"|[\u202a-\u202e\u2060-\u206f\ufeff]"
)
_DONE = ("delivered", "relayed", "expanded")
_NOTHING = Judgement(Situation.UNKNOWN, "", sure=False)


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
        return f"`{shown(self.recipient)}`: {said}" if self.recipient else said

    def reasons(self) -> Iterator[str]:
        """Why: the report, the code's digit, the enhanced code, the words; contradictions."""
        judged, reply = self.judgement, self.reply
        if self.action:
            yield text("diagnosis.action", action=f"`{shown(self.action)}`")
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
            yield text("diagnosis.words", words=f"`{shown(judged.words)}`")
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


def shown(said: str, limit: int = 200) -> str:
    """Foreign text that can stand in a sentence between backticks."""
    return clean(said)[:limit].replace("`", "'")


def clean(said: str) -> str:
    """Text without what could change how a terminal or a page shows other text."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0].isspace() else repr(found[0])[1:-1], said)
