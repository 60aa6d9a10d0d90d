"""What the answers say of the learner: which objectives are mastered, which beliefs show.

The law of this file: pure functions of the answers in the order in which they were kept; no
file, no clock, no chance.

The model is Bayesian knowledge tracing (Corbett and Anderson, "Knowledge tracing: modeling the
acquisition of procedural knowledge", User Modeling and User-Adapted Interaction 4, 1995). Before
each answer an objective is either known or not. Who knows it errs with probability `SLIP`; who
does not can only guess, with as many chances as the question has answers. Bayes' rule turns each
answer into a new probability, and between answers one learns with probability `LEARN`.

That probability is taken to be tiny, so that luck is no mastery: with it, knowledge tracing is
Shiryaev's procedure for finding the moment of a change (Theory of Probability and Its Applications
8, 1963). Of learners who only guess, fewer than `LEARN`·n/19 are ever called masters within n
answers, and old errors weigh no more than a single early one, so that who learns late becomes a
master after as many right answers as anybody. Since the probability then stays near 0 until
it is suddenly near 1, `strength` shows the way there: its log-odds, from 0 to 1 at mastery.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from smtpedu.learner.attempt import Attempt, Role

MASTERED = 0.95  # the probability at which an objective is called mastered, as in the paper
LEARN = 1e-5
SLIP = 0.05
_CEILING = 0.997  # so that mastery that is lost shows after two errors, however old it was
_CHANCE = (0.05, 0.9)  # nobody guesses quite blindly, or quite surely

_LATER_TRY = 0.25  # what an answer after the first one's feedback weighs
_HINT = 0.5  # what a right answer weighs after one hint; after two, a quarter
_REPEATED = (0.5, 0.25)  # the same for an item got right before; and never less than this

#: Right answers, one after the other, to items that could have shown a misconception: given up.
GIVEN_UP = 2
_SIGNS = 2  # in different items, before a misconception is said to be held
_SHARE = 2 / 3  # of its chances that must have shown it
_CHANCES = 6  # that count, the last ones
_MOST_SHOWN = 50  # misconceptions of one item, more than any has


@dataclass(frozen=True, slots=True)
class Mastery:
    """What is known of one objective.

    `probability` that it is known, `strength` of the evidence (0..1), `answered` first tries,
    `right` ones among them, `mastered`: the probability is at least `MASTERED`.
    """

    objective: str
    probability: float = LEARN
    strength: float = 0.0
    answered: int = 0
    right: int = 0
    mastered: bool = False


@dataclass(frozen=True, slots=True)
class Belief:
    """A misconception that shows: it is `held`, or only suspected.

    `signs` of the last `chances` to show it did, on these `objectives`, the last of
    them at `last_at`. `is_open`: the last chance showed it, so that another one would tell more.
    """

    name: str
    held: bool
    signs: int
    chances: int
    objectives: tuple[str, ...]
    last_at: str
    is_open: bool

    @property
    def status(self) -> str:
        """In one word: held or suspected."""
        return "held" if self.held else "suspected"


def mastery(attempts: Iterable[Attempt]) -> dict[str, Mastery]:
    """Objective → what is known of it, for each that was practised."""
    return {attempt.objective: found for attempt, found in mastery_steps(attempts)}


def mastery_steps(attempts: Iterable[Attempt]) -> Iterator[tuple[Attempt, Mastery]]:
    """Each answer with what is known of its objective after it."""
    known: dict[str, Mastery] = {}
    right_before: Counter[str] = Counter()
    for attempt in attempts:
        if not attempt.objective:
            continue
        old = known.get(attempt.objective, Mastery(attempt.objective))
        weight = _weight(attempt, right_before[attempt.item])
        right_before[attempt.item] += attempt.right
        known[attempt.objective] = _updated(old, attempt, weight)
        yield attempt, known[attempt.objective]


def _weight(attempt: Attempt, right_before: int) -> float:
    """How much an answer counts, from 0 to 1."""
    weight = 1.0 if attempt.number == 1 else _LATER_TRY
    if not attempt.right:
        return weight
    if attempt.guessed:
        return 0.0  # chance, by the learner's own word
    factor, least = _REPEATED
    return weight * max(least, factor**right_before) * float(_HINT**attempt.hints)


def _updated(old: Mastery, attempt: Attempt, weight: float) -> Mastery:
    chance = _chance(attempt.options - attempt.number + 1)  # a wrong answer leaves one less
    ratio = (1 - SLIP) / chance if attempt.right else SLIP / (1 - chance)
    probability = _learnt(old.probability, ratio**weight)
    first = attempt.number == 1
    counts = old.answered + first, old.right + (first and attempt.right)
    evidence = probability, _strength(probability)
    return Mastery(attempt.objective, *evidence, *counts, mastered=probability >= MASTERED)


def _learnt(probability: float, ratio: float) -> float:
    """The probability after an answer that is `ratio` times as likely from who knows it."""
    odds = probability / (1 - probability) * ratio
    known = odds / (1 + odds)
    return min(_CEILING, known + (1 - known) * LEARN)


def _chance(answers: int) -> float:
    """Of guessing right, where so many answers are left to guess from."""
    low, high = _CHANCE
    return min(high, max(low, 1 / max(1, answers)))


def _strength(probability: float) -> float:
    def log_odds(value: float) -> float:
        return math.log(value / (1 - value))

    share = (log_odds(probability) - log_odds(LEARN)) / (log_odds(MASTERED) - log_odds(LEARN))
    return min(1.0, max(0.0, share))


def needed(options: int) -> int:
    """How many right first answers in a row, to different questions, bring mastery.

    `options` is how many answers each of them has; neither a guess nor a hint is among them.
    """
    probability, count = LEARN, 0
    while probability < MASTERED:
        probability = _learnt(probability, (1 - SLIP) / _chance(options))
        count += 1
    return count


def beliefs(
    attempts: Iterable[Attempt], could_show: Mapping[str, Collection[str]] | None = None
) -> list[Belief]:
    """Misconceptions that show now, first those that are held, then those shown most often.

    `could_show`: item → the misconceptions that it can show. A chance to show one is a first answer
    to an item that can (one of `could_show`, or one that has), unless it was a guess by the
    learner's own word. A sign makes it suspected. It is held once signs in two different items
    are two thirds of its last `_CHANCES` chances or more, and given up by `GIVEN_UP` right
    answers, one after the other. Of an item that `could_show` lacks it is not known when it had a
    chance, so that its signs alone make nothing held. Of predictions, which come before the lesson,
    only the first to each item is a sign, if it is one: it makes suspected, and no more.
    """
    able: defaultdict[str, set[str]] = defaultdict(set)
    for item, names in (could_show or {}).items():
        able[item].update(names)
    chances: defaultdict[str, list[Attempt]] = defaultdict(list)
    predicted = set[str]()
    for attempt in attempts:
        if attempt.guessed or attempt.number > 1:
            continue
        if attempt.role is Role.PREDICTION:
            if attempt.item in predicted or not attempt.misconceptions:
                continue
            predicted.add(attempt.item)
            for name in attempt.misconceptions:
                chances[name].append(attempt)
            continue
        if len(able[attempt.item]) < _MOST_SHOWN:
            able[attempt.item].update(attempt.misconceptions)
        for name in able[attempt.item]:
            known = _last([*chances[name], attempt])
            last = known[-GIVEN_UP:]
            is_given_up = len(last) == GIVEN_UP and all(one.right for one in last)
            chances[name] = last if is_given_up else known
    known_items = (could_show or {}).keys()
    found = (_belief(name, known, known_items) for name, known in chances.items())
    return sorted(filter(None, found), key=lambda one: (not one.held, -one.signs, one.name))


def _last(chances: list[Attempt]) -> list[Attempt]:
    """The chances that count, with what was predicted before."""
    answers = [one for one in chances if one.role is not Role.PREDICTION]
    return [one for one in chances if one not in answers[:-_CHANCES]]


def _belief(name: str, chances: list[Attempt], known: Collection[str]) -> Belief | None:
    signs = [one for one in chances if name in one.misconceptions]
    if not signs:
        return None
    answers = [one for one in chances if one.role is not Role.PREDICTION]
    shown = [one for one in answers if name in one.misconceptions]
    items = {one.item for one in shown if one.item in known}
    held = len(items) >= _SIGNS and len(shown) >= _SHARE * len(answers)
    counts, last = (len(signs), len(chances)), signs[-1]
    objectives = tuple(dict.fromkeys(one.objective for one in signs if one.objective))
    return Belief(name, held, *counts, objectives, last.at, is_open=last is chances[-1])
