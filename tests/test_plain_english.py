"""English texts are free of idioms that people who have learnt English read as something else."""

import json
import re
from collections.abc import Iterator
from typing import Any

from for_each import for_each

from smtpedu.files import folder, read_toml
from smtpedu.i18n import strings

DATA = folder("data")
FILES = [DATA / "prose" / "en.toml", *DATA.glob("*.toml"), *DATA.glob("*/*.toml")]
PHRASES = ["for good", "all the same", "in silence", "for ever", "hangs? up", "kept aside"]
PHRASES += ["it may pass", "that (?:will|should) pass", "afresh", "anew", "lone dot", "as a rule"]
PHRASES += ["amounts? to", "passed on this", "in the wild", "on the spot", "many a", "see to the"]
PHRASES += ["make out", "may earn", "like name", "all in order"]


def leaves(part: Any) -> Iterator[str]:
    """Every English text below a table, without what stands in backticks or a server says."""
    if isinstance(part, str):
        yield re.sub(r"`[^`]*`|^[CS]: .*", "", part, flags=re.MULTILINE)
    if isinstance(part, dict | list):
        for value in [part[k] for k in part if k != "ar"] if isinstance(part, dict) else part:
            yield from leaves(value)


TEXTS = [(path.name, said) for path in FILES for said in leaves(read_toml(path))]
for path in folder("notebooks").glob("*.ipynb"):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    TEXTS += [(path.name, said) for said in leaves(prose)]
TEXTS += [(key, said) for key, text in strings("")["en"].items() for said in leaves(text)]


@for_each("phrase", PHRASES)
def test_no_text_says(phrase):
    wrong = re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE)
    found = [(name, said) for name, said in TEXTS if wrong.search(said)]
    assert found == []
