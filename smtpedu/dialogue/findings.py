"""What is known about one recipient or one reply, and why it is judged as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from smtpedu.i18n import text
from smtpedu.protocol.reply import EnhancedCode, Reply, printable
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, situations, texts
from smtpedu.reference.situations import Judgement, Situation, Who

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
        others = [one for one in self._beyond_the_reply() if one.situation is not Situation.UNKNOWN]
        perhaps = found if self.reply or not others else others[0]
        return next((one for one in others if one.sure), perhaps)

    def _beyond_the_reply(self) -> Iterator[Judgement]:
        """By the status of the report with the reply's words, and by each row of other words."""
        code = str(self.reply.code) if self.reply else ""
        own = situations.plain_words(" ".join(self.reply.lines) if self.reply else "")
        if self.status and not situations.general(self.status):
            address = self.reply is not None and self.reply.new_address is not None
            yield situations.decide(self.verb, code, self.status, own, address)
        if self.reply is None:
            said = self.words[: situations.READ]
            for row in [*filter(str.strip, said.split("\n")), said]:
                yield situations.decide(self.verb, "", self.status, situations.plain_words(row))

    @property
    def who_acts(self) -> Who:
        """Who has to act: nobody, where it may pass by itself."""
        situation = self.judgement.situation
        passes = self.passing and situation is not Situation.UNKNOWN
        return Who.NOBODY if passes else situations.who_acts(situation)

    @property
    def passing(self) -> bool:
        """Whether waiting may be enough."""
        return self.final is False and not situations.stays(self.judgement.situation)

    @property
    def enhanced(self) -> EnhancedCode | None:
        """The enhanced code that the reply has written anywhere, else the report's status."""
        return (self.reply and situations.written_code(self.reply)) or self.status

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
        judged, reply, enhanced = self.judgement, self.reply, self.enhanced
        if self.action:
            yield text("diagnosis.action", action=f"`{shown(self.action)}`")
        if reply:
            meaning = text(f"severity.{reply.severity}")
            yield text("diagnosis.digit", code=f"`{reply.code}`", meaning=meaning)
        if enhanced:
            row = registry.enhanced().get(f"X.{enhanced.subject}.{enhanced.detail}")
            key = "diagnosis.general" if situations.general(enhanced) else "diagnosis.enhanced"
            name = row["name"] if row else text("diagnosis.unregistered")
            yield text(key, enhanced=f"`{enhanced}`", name=name)
        if reply and reply.new_address:
            yield text("diagnosis.names", address=f"`<{shown(reply.new_address)}>`")
        if judged.words:
            yield text("diagnosis.words", words=f"`{shown(judged.words)}`")
        elif not judged.sure:
            yield text("diagnosis.no_words")
        yield from self._contradictions()

    def _contradictions(self) -> Iterator[str]:
        """Where code, enhanced code and text do not agree; 551 has its own ways."""
        reply, enhanced, said = self.reply or Reply(0), self.enhanced, self.judgement.situation
        if reply.code == 551 and not reply.new_address:
            yield text("diagnosis.no_address")
        if enhanced is None:
            return
        if reply.code and enhanced.class_ != reply.severity:
            yield text("diagnosis.classes", code=f"`{reply.code}`", enhanced=f"`{enhanced}`")
        alone = situations.decide(self.verb, "", enhanced, "").situation
        if reply.new_address and (enhanced.subject, enhanced.detail) == (1, 6):
            yield text("diagnosis.address_1_6", enhanced=f"`{enhanced}`")
        elif reply.code == 551 and enhanced.subject == 7:
            yield text("diagnosis.551", enhanced=f"`{enhanced}`")
        elif not situations.general(enhanced) and alone not in (said, Situation.UNKNOWN):
            other = texts.situation(alone)["title"]
            yield text("diagnosis.contradiction", enhanced=f"`{enhanced}`", other=other)


def shown(said: str, limit: int = 200) -> str:
    """Foreign text that can stand in a sentence between backticks."""
    return clean(said[:limit]).replace("`", "'")


def clean(said: str) -> str:
    """Text in which nothing changes how a terminal or a page shows other text."""
    return "\n".join(map(printable, said.replace("\xa0", " ").split("\n")))
