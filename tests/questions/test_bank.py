"""The item bank: what it covers, and how good its questions are."""

import re
from collections import Counter

from for_each import for_each
from give_aways import scores

from smtpedu.i18n import LANGUAGES
from smtpedu.questions.bank import bank, misconceptions, objectives
from smtpedu.questions.items import LEVELS, Item, Option
from smtpedu.questions.kinds import grade, judged, solution
from smtpedu.widgets.page.content import modules

ITEMS = list(bank().values())
CHOSEN = [item for item in ITEMS if item.kind in ("choice", "diagnose", "predict")]
EACH = for_each("item", ITEMS)
_ONE = r"(RFC \d+ §\d+(\.\d+)*|Python smtplib)"
SOURCE = re.compile(rf"{_ONE}(; {_ONE})*")
CELLS = [(name, level) for name, one in objectives().items() for level in one.levels]


def words(text):
    return len(text.split())


def sentences(text):
    return re.split(r"(?<=[.?!:])\s+(?=[A-Z`])", text)


def test_bank_is_large_and_has_every_kind():
    assert len(ITEMS) >= 120
    kinds = Counter(item.kind for item in ITEMS)
    assert set(kinds) == set(judged())
    assert min(kinds.values()) >= 10


@for_each("objective, level", CELLS)
def test_coverage_has_no_gap(objective, level):
    found = [item for item in ITEMS if (item.objective, item.level) == (objective, level)]
    assert len(found) >= 3


def links_of(module, before):
    """The pattern of an RFC reference in a module of the quiz, after what stands before it."""
    return re.compile(re.search(rf"{re.escape(before)}/(.+?)/g?[.)]", modules()[module])[1])


def test_every_source_is_linked_in_a_summary():
    """A form that the page does not know would stand there as plain text, or not at all."""
    is_rfc = links_of("quiz/verdict.js", "const isRfc = (source) => ")
    told = [*ITEMS, *misconceptions().values()]
    sources = {one for item in told for one in re.split(r";\s*", item.source)}
    assert {one for one in sources if not is_rfc.search(one)} == {"Python smtplib"}
    named = links_of("quiz/summary.js", "texts.read.match(")
    for one in objectives().values():
        for language in LANGUAGES:
            read = one.read(language)
            assert all(map(is_rfc.search, named.findall(read)))
            assert named.search(read)
            assert not re.search("RFC|§", named.sub("", read)), read


def test_what_to_read_supposes_nothing_was_read_before():
    """Who was never at a lesson is not told to read it again."""
    for one in objectives().values():
        assert not re.search(r"\bagain, and\b", one.read("en"))
        assert "مرة أخرى" not in one.read("ar")
        assert str(one.lesson) in one.read("en")
        assert str(one.lesson) in one.read("ar")


def test_every_level_and_from_8_to_12_objectives_are_there():
    assert 8 <= len(objectives()) <= 12
    assert {level for _, level in CELLS} == set(LEVELS)


@for_each("name", misconceptions())
def test_misconception_can_be_caught_in_many_ways(name):
    assert len(misconceptions()) >= 20
    assert sum(name in item.misconceptions for item in ITEMS) >= 6


@EACH
def test_item_is_whole(item):
    assert item.objective and item.level and item.hint and item.why
    assert item.id.startswith(item.objective)
    assert SOURCE.fullmatch(item.source)
    assert grade(item, solution(item)).right


@EACH
def test_belief_of_a_step_or_a_thing_is_shown_by_one_way_to_go_wrong(item):
    if item.kind == "order" or len(item.classes) > 2:
        assert all(one.mistaken is not None for one in item.options if one.misconception)


@EACH
def test_wrong_answers_are_wrong_and_are_told_why(item):
    for index, option in enumerate(item.options):
        assert option.feedback
        if item.kind in ("choice", "diagnose", "predict") and not option.right:
            found = grade(item, index)
            assert (found.right, found.said) == (False, (option.feedback,))
            assert found.misconceptions == (option.misconception,) * bool(option.misconception)


@EACH
def test_stem_reads_easily(item):
    assert words(item.stem) <= (40 if item.lines else 25)
    assert max(map(words, sentences(item.stem))) <= 25
    assert item.stem.rstrip("`")[-1] in ".?:"


@EACH
def test_feedback_is_short(item):
    assert max(words(option.feedback) for option in item.options) <= 30


@EACH
def test_protocol_text_is_marked_throughout(item):
    """Backticks come in pairs, and no bare reply code stands in prose."""
    said = [item.stem, item.hint, item.why, item.otherwise, *item.classes]
    if item.kind != "point":  # there an option's text is a line of the dialogue
        said += [option.text for option in item.options if option.value is None]
    for text in [*said, *(option.feedback for option in item.options)]:
        assert text.count("`") % 2 == 0
        plain = re.sub(r"`[^`]*`|RFC \d+(?: §[\d.]+)?", "", text)
        assert not re.search(r"\b[2-5]\d\d\b(?! recipients)", plain)


@EACH
def test_hint_does_not_tell(item):
    rights = [option.text for option in item.options if option.right and words(option.text) > 2]
    assert not any(right.lower() in item.hint.lower() for right in rights)


def test_who_knows_only_how_questions_are_written_does_no_better_than_by_chance():
    """Striking or choosing the longest, the shortest, what has a reason, an absolute, a hedge …"""
    found = scores(ITEMS)
    assert {name: gain for name, gain in found.items() if gain > 3} == {}


def test_a_habit_would_be_seen():
    options = [Option("", text) for text in ("Yes, because it is", "Never", "No, since I say so")]
    item = Item("one", "choice", "Is it?", (Option("", "It may be", right=True), *options))
    assert scores([item])["choose hedge"] == 75
    assert scores([item])["strike reason"] == 25
    assert scores([item])["strike all"] > 3


@EACH
def test_codes_that_an_item_is_about_stand_in_it(item):
    said = [item.stem, *item.classes, *(option.text for option in item.options)]
    said += [line for _, line in item.lines]
    for code in item.about:
        assert str(code) in " ".join(said)


def test_no_question_is_asked_twice():
    asked = Counter((item.stem, item.lines) for item in ITEMS)
    assert [stem for (stem, _), count in asked.items() if count > 1] == []


def test_no_option_speaks_of_the_others():
    said = [option.text.lower() for item in ITEMS for option in item.options]
    assert not [text for text in said if re.search(r"\b(all|none|both) of (the|these)\b", text)]
