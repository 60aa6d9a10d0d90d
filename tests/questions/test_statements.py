"""Lessons, questions and cards do not contradict each other."""

import re

import pytest
from questions.statements import FOLDER, PAIRS, statements

# What no sentence may say, whatever else it says; each was found in one.
NEVER = {
    "550-and-relaying": r"550` is not tied to relaying|always `?550`?|only `?550`?",
    "551-and-relaying": r"551`? (means|is for|says) (that )?relay",
    "250-and-delivery": r"250`? (means|says)( that)? (it|the message) (is|was) delivered",
    "551-and-forwarding": r"551`?,? (the|this) server forwards (?!nothing)",
}


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_said_of_a_pair_was_read_side_by_side(pair):
    """A new sentence: read the file it belongs into, then run `tests/questions/statements.py`."""
    assert statements(pair) == FOLDER.joinpath(f"{pair}.txt").read_text("utf-8")
    assert len(statements(pair).splitlines()) > 5


@pytest.mark.parametrize("pair", PAIRS)
def test_what_was_once_contradicted_is_not_said_again(pair):
    said = [row for row in statements(pair).splitlines() if re.search(NEVER[pair], row)]
    assert said == []
