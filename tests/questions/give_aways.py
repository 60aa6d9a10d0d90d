"""How far somebody gets who knows nothing of mail, but how questions are written.

`python -m tests.questions.give_aways [FILE …]` prints it for files of questions.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from smtpedu.questions.items import Item

ONE_OF = ("choice", "diagnose", "predict")

_REASON = re.compile(r"\b(because|since|as|which|so|for)\b", re.I)
_ABSOLUTE = re.compile(
    r"\b(always|never|must|only|all|any|every|everybody|none|nobody|nothing|no|cannot|whatever|"
    r"whole|at once)\b",
    re.I,
)
_HEDGE = re.compile(
    r"\b(may|might|can|could|usually|often|some|perhaps|probably|likely|sometimes|possibl\w+|"
    r"not necessarily|yet|itself|although|though)\b",
    re.I,
)
_SMALL = frozenset(
    # What a sentence is held together by.
    re.findall(
        r"\w+",
        "a an and are as at be by do does for from has have he her his how in into is it its "
        "no not of on one or out reply she so that the their them then there they this to was what "
        "when where which who whom with",
    )
)


def _words(text: str) -> set[str]:
    """The content words of a text, without the ends that grammar gives them."""
    plain = re.findall(r"[a-z]{3,}", re.sub(r"<[^>]*>", "", text.lower()))
    return {re.sub(r"(ing|ed|es|s)$", "", word) for word in plain if word not in _SMALL}


Sign = Callable[[Item], list[bool]]


def _matches(pattern: re.Pattern[str]) -> Sign:
    return lambda item: [bool(pattern.search(option.text)) for option in item.options]


def _by_length(choose: Callable[[Iterable[int]], int]) -> Sign:
    def found(item: Item) -> list[bool]:
        lengths = [len(option.text) for option in item.options]
        return [length == choose(lengths) for length in lengths]

    return found


def _echo(item: Item) -> list[bool]:
    """Those that share most words with the question."""
    shared = [len(_words(option.text) & _words(item.stem)) for option in item.options]
    return [count == max(shared) > 0 for count in shared]


SIGNS: dict[str, Sign] = {
    "longest": _by_length(max),
    "shortest": _by_length(min),
    "reason": _matches(_REASON),
    "absolute": _matches(_ABSOLUTE),
    "hedge": _matches(_HEDGE),
    "stem": _echo,
}


def _left(item: Item, signs: Iterable[Sign], wanted: bool) -> list[int]:
    """The options left when those with, or without, each sign are struck, unless all would be."""
    left = list(range(len(item.options)))
    for sign in signs:
        found = sign(item)
        left = [place for place in left if found[place] == wanted] or left
    return left


def score(items: Iterable[Item], signs: Iterable[Sign], *, wanted: bool) -> float:
    """What a student gets, in points of 100 above chance, who guesses among those left."""
    signs, gains = list(signs), []
    for item in items:
        left = _left(item, signs, wanted)
        right = next(place for place, option in enumerate(item.options) if option.right)
        gains.append((right in left) / len(left) - 1 / len(item.options))
    return 100 * sum(gains) / len(gains)


def scores(items: Iterable[Item]) -> dict[str, float]:
    """Strategy → points above chance: strike by each sign, choose by each, strike by all."""
    chosen = [item for item in items if item.kind in ONE_OF]
    found = {f"strike {name}": score(chosen, [one], wanted=False) for name, one in SIGNS.items()}
    found |= {f"choose {name}": score(chosen, [one], wanted=True) for name, one in SIGNS.items()}
    struck = [one for name, one in SIGNS.items() if name != "hedge"]
    found["strike all"] = score(chosen, struck, wanted=False)
    return found


def _told(path: Path) -> None:
    from smtpedu.questions.bank import items_of

    items = items_of(path)
    chosen = [item for item in items if item.kind in ONE_OF]
    print(f"{path.name}: {len(items)} items, {len(chosen)} of one right option")
    print("  " + ", ".join(f"{name} {gain:+.0f}" for name, gain in scores(chosen).items()))
    for item in chosen:
        right = next(place for place, option in enumerate(item.options) if option.right)
        marks = {name: sign(item) for name, sign in SIGNS.items()}
        key = [name for name, found in marks.items() if found[right]]
        only = [
            name
            for name, found in marks.items()
            if not found[right] and sum(found) == len(item.options) - 1
        ]
        alone = [name for name in key if sum(marks[name]) == 1]
        print(f"  {item.id}: key is {' '.join(key) or '-'}", end="")
        print(f"; alone in {' '.join(alone)}" * bool(alone), end="")
        print(f"; LEFT ALONE when struck: {' '.join(only)}" * bool(only))


if __name__ == "__main__":
    from smtpedu.files import folder

    named = [Path(name) for name in sys.argv[1:]]
    for one in named or sorted((folder("data") / "questions").glob("*.toml")):
        _told(one)
