"""Questions for Moodle, in Moodle XML (docs.moodle.org, "Moodle XML format").

`ordering` is a question type of Moodle itself from 4.4 on, and a plugin before.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from smtpedu.i18n import text
from smtpedu.questions.exchange.html import dialogue, fit, paragraphs, plain, span
from smtpedu.questions.exchange.shapes import Shape, by_objective, shape
from smtpedu.questions.items import Item

_TYPES = {
    **{"single": "multichoice", "multiple": "multichoice", "number": "numerical"},
    **{"order": "ordering", "match": "matching"},
}
_NAME = 255  # characters of a question's name
_IDNUMBER = 100
#: Moodle knows these parts of a mark and their negatives, no others.
MOST_RIGHT = 10

LOST = ("misconceptions",)


def write(items: Iterable[Item]) -> tuple[bytes, list[str]]:
    """The file's content, and what it does not hold, in words."""
    root, lost = Element("quiz"), []
    for objective, group in by_objective(items).items():
        _category(root, objective)
        for item in group:
            if sum(option.right for option in item.options) > MOST_RIGHT:
                lost.append(text("interchange.many_right", name=item.id, most=MOST_RIGHT))
            else:
                _question(root, shape(item))
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True), lost


def category(objective: str) -> str:
    """Where in the question bank a question belongs; `/` would open a category within it."""
    parts = [text("interchange.collection"), objective or text("interchange.unsorted")]
    return "/".join(["top", *(plain(part).replace("/", "//") for part in parts)])


def _category(root: Element, objective: str) -> None:
    question = SubElement(root, "question", type="category")
    _text(question, "category", f"$course$/{category(objective)}")


def _question(root: Element, shape: Shape) -> None:
    item = shape.item
    question = SubElement(root, "question", type=_TYPES[shape.form])
    _text(question, "name", plain(item.id)[:_NAME])
    stem = paragraphs([item.stem], item.language) + dialogue(item.lines)
    _html(question, "questiontext", stem)
    _html(question, "generalfeedback", paragraphs(shape.after, item.language))
    for name, value in (("defaultgrade", "1"), ("penalty", "0.3333333"), ("hidden", "0")):
        SubElement(question, name).text = value
    if len(item.id) <= _IDNUMBER:
        SubElement(question, "idnumber").text = plain(item.id)
    _FORMS[shape.form](question, shape)
    if item.hint:
        _html(question, "hint", paragraphs([item.hint], item.language))
    tags = SubElement(question, "tags")
    for tag in shape.tags:
        _text(tags, "tag", plain(tag))


def _choice(question: Element, shape: Shape) -> None:
    lines = shape.item.kind == "point"
    for name, value in (
        ("single", str(shape.form == "single").lower()),
        ("shuffleanswers", "false" if lines else "true"),
        ("answernumbering", "none"),
    ):
        SubElement(question, name).text = value
    for answer in shape.answers:
        share = f"{answer.share:.5f}".rstrip("0").rstrip(".")
        _answer(question, share, answer.html, answer.feedback, shape.item.language)


def _answer(question: Element, share: str, html: str, feedback: str, language: str) -> Element:
    answer = SubElement(question, "answer", fraction=share, format="html")
    SubElement(answer, "text").text = html
    _html(answer, "feedback", paragraphs([feedback], language))
    return answer


def _number(question: Element, shape: Shape) -> None:
    item = shape.item
    answers = [(str(one.value), "100" if one.right else "0", one.feedback) for one in item.options]
    if item.otherwise:
        answers.append(("*", "0", item.otherwise))
    for value, share, feedback in answers:
        answer = _answer(question, share, value, feedback, item.language)
        answer.set("format", "moodle_auto_format")
        SubElement(answer, "tolerance").text = "0"
    SubElement(question, "unitgradingtype").text = "0"
    SubElement(question, "showunits").text = "3"  # there are none


def _order(question: Element, shape: Shape) -> None:
    for name, value in (
        ("layouttype", "VERTICAL"),
        ("selecttype", "ALL"),
        ("selectcount", str(len(shape.item.options))),
        ("gradingtype", "ABSOLUTE_POSITION"),
        ("showgrading", "SHOW"),
        ("numberingstyle", "none"),
    ):
        SubElement(question, name).text = value
    for place, option in enumerate(shape.item.options, 1):
        said = span(option.text, shape.item.language)
        _answer(question, str(place), said, "", shape.item.language)
    _combined(question)


def _match(question: Element, shape: Shape) -> None:
    SubElement(question, "shuffleanswers").text = "true"
    for option in shape.item.options:
        pair = _html(question, "subquestion", span(option.text, shape.item.language))
        _text(pair, "answer", plain(shape.item.classes[option.group or 0]))
    _combined(question)


def _combined(question: Element) -> None:
    """What these types must have, though the general feedback says it all."""
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        _html(question, name, "")
    SubElement(question, "shownumcorrect")


_FORMS = {
    **{"single": _choice, "multiple": _choice, "number": _number},
    **{"order": _order, "match": _match},
}


def _text(parent: Element, name: str, said: str) -> Element:
    child = SubElement(parent, name)
    SubElement(child, "text").text = fit(said)
    return child


def _html(parent: Element, name: str, html: str) -> Element:
    child = _text(parent, name, html)
    child.set("format", "html")
    return child
