"""Questions for Moodle, in Moodle XML (docs.moodle.org, "Moodle XML format").

`ordering` is a question type of Moodle itself from 4.4 on, and a plugin before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from smtpedu.i18n import text
from smtpedu.questions.exchange.common import (
    Shape,
    cleaned,
    dialogue,
    paragraphs,
    plain,
    shape,
    span,
)
from smtpedu.questions.items import Item
from smtpedu.questions.kinds import Form, kind_of

_NAME = 255  # characters of a question's name
_IDNUMBER = 100
_MOST_RIGHT = 10  # right answers; Moodle knows no part of a mark for more

LOST = ("misconceptions",)


def write(items: Iterable[Item]) -> tuple[bytes, list[str]]:
    """The file's content, and what it does not hold, in words."""
    root = Element("quiz")
    categories, lost = by_category(items)
    for category, shapes in categories.items():
        question = SubElement(root, "question", type="category")
        _text(question, "category", category)
        for one in shapes:
            _question(root, one)
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True), lost


def by_category(items: Iterable[Item]) -> tuple[dict[str, list[Shape]], list[str]]:
    """Category of Moodle's question bank, one an objective → shapes; and what has none, in words.

    The categories are in the order in which their objectives come up.
    """
    found: dict[str, list[Shape]] = {}
    lost = []
    for item in items:
        shapes = found.setdefault(_category(item.objective), [])
        if sum(option.right for option in item.options) > _MOST_RIGHT:
            lost.append(text("interchange.many_right", name=item.id, most=_MOST_RIGHT))
        else:
            shapes.append(shape(item))
    return found, lost


def _category(objective: str) -> str:
    parts = [text("interchange.collection"), objective or text("interchange.unsorted")]
    # A single `/` would open a category within it.
    return "/".join(["$course$", "top", *(plain(part).replace("/", "//") for part in parts)])


def _question(root: Element, shape: Shape) -> None:
    item = shape.item
    type_, write_answers = _FORMS[shape.form]
    question = SubElement(root, "question", type=type_)
    _text(question, "name", plain(item.id)[:_NAME])
    stem = paragraphs([item.stem], item.language) + dialogue(item.lines)
    _html(question, "questiontext", stem)
    _html(question, "generalfeedback", paragraphs(shape.after, item.language))
    _values(question, defaultgrade="1", penalty="0.3333333", hidden="0")
    if len(item.id) <= _IDNUMBER:
        _values(question, idnumber=plain(item.id))
    write_answers(question, shape)
    if item.hint:
        _html(question, "hint", paragraphs([item.hint], item.language))
    tags = SubElement(question, "tags")
    for tag in shape.tags:
        _text(tags, "tag", plain(tag))


def _choice(question: Element, shape: Shape) -> None:
    shuffled = kind_of(shape.item).shows_options  # lines of a dialogue stay in their order
    single = shape.form == "single"
    _values(question, single=str(single).lower(), shuffleanswers=str(shuffled).lower())
    _values(question, answernumbering="none")
    for answer in shape.answers:
        share = f"{answer.share:.5f}".rstrip("0").rstrip(".")
        _answer(question, share, answer.html, answer.feedback, shape.item.language)


def _answer(question: Element, share: str, html: str, feedback: str, language: str) -> Element:
    answer = SubElement(question, "answer", fraction=share, format="html")
    _values(answer, text=html)
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
        _values(answer, tolerance="0")
    _values(question, unitgradingtype="0", showunits="3")  # there are none


def _order(question: Element, shape: Shape) -> None:
    options = shape.item.options
    _values(question, layouttype="VERTICAL", selecttype="ALL", selectcount=str(len(options)))
    _values(question, gradingtype="ABSOLUTE_POSITION", showgrading="SHOW", numberingstyle="none")
    for position, option in enumerate(options, 1):
        said = span(option.text, shape.item.language)
        _answer(question, str(position), said, "", shape.item.language)
    _combined(question)


def _match(question: Element, shape: Shape) -> None:
    _values(question, shuffleanswers="true")
    for option in shape.item.options:
        pair = _html(question, "subquestion", span(option.text, shape.item.language))
        _text(pair, "answer", plain(shape.item.classes[option.group or 0]))
    _combined(question)


def _combined(question: Element) -> None:
    """What these types must have, though the general feedback says it all."""
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        _html(question, name, "")
    SubElement(question, "shownumcorrect")


#: Form → Moodle's type, and what writes its answers.
_FORMS: dict[Form, tuple[str, Callable[[Element, Shape], None]]] = {
    "single": ("multichoice", _choice),
    "multiple": ("multichoice", _choice),
    "number": ("numerical", _number),
    "order": ("ordering", _order),
    "match": ("matching", _match),
}


def _values(parent: Element, **values: str) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = value


def _text(parent: Element, name: str, said: str) -> Element:
    child = SubElement(parent, name)
    _values(child, text=cleaned(said))
    return child


def _html(parent: Element, name: str, html: str) -> Element:
    child = _text(parent, name, html)
    child.set("format", "html")
    return child
