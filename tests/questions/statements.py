"""What the course says of a pair of things, side by side: `python tests/questions/statements.py`.

A lesson, a question and a card that contradict each other are each plausible alone. So every
sentence that speaks of both is collected here, and kept in `statements/`: whoever adds one reads it
beside the others before it is written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from smtpedu.files import folder, read_toml

FOLDER = Path(__file__).parent / "statements"
#: File → what a sentence of it speaks of: all of these.
PAIRS = {
    "550-and-relaying": (r"\b550\b", r"\brelay"),
    "551-and-relaying": (r"\b551\b", r"\brelay"),
    "250-and-delivery": (r"\b250\b", r"\bdeliver"),
    "551-and-forwarding": (r"\b551\b", r"\bforward(s|ed|ing)?\b"),
}
# Of these the opposite of what is so is said on purpose: what one may believe.
_BELIEFS = ("belief", "text", "title", "parts", "stem", "hint", "claimed")


def statements(name: str) -> str:
    """Every such sentence with where it stands, one a line."""
    wanted = [re.compile(pattern, re.IGNORECASE) for pattern in PAIRS[name]]
    rows = {
        f"{place}: {sentence}"
        for place, text in _texts()
        for sentence in _sentences(text)
        if all(pattern.search(sentence) for pattern in wanted)
    }
    return "".join(f"{row}\n" for row in sorted(rows))


def _sentences(text: str) -> Iterator[str]:
    for part in re.split(r"(?<=[.!?])\s+|\n\s*\n|\n- ", text):
        yield " ".join(part.split())


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted(folder("notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                yield path.stem, cell.source
    for path in sorted(folder("data").rglob("*.toml")):
        if path.stem != "ar" and "locale" not in path.parts:
            for place, text in _strings(read_toml(path)):
                yield f"{path.parent.name}/{path.stem}{place}", text


def _strings(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every English text of a table, with the way to it; what only may be believed is left out."""
    if isinstance(value, str) and " " in value:  # a name says nothing
        yield place, value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, place)
    elif isinstance(value, dict):
        named = f"{place} {value['id']}" if isinstance(value.get("id"), str) else place
        for name, one in value.items():
            is_right = name == "text" and value.get("right")
            if name != "ar" and (name not in _BELIEFS or is_right):
                is_list = name in ("question", "options", "en")
                yield from _strings(one, named if is_list else f"{named} {name}")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for pair in PAIRS:
        FOLDER.joinpath(f"{pair}.txt").write_text(statements(pair), "utf-8")
