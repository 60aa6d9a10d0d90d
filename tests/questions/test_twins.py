"""A question may say the same in other languages: in its file, and wherever it is shown."""

import json

import pytest

import smtpedu as smtp
from smtpedu.files import DataError
from smtpedu.learner.sitting import exam_verdict
from smtpedu.learner.store import store
from smtpedu.questions.kinds import fingerprint, grade, solution, to_page
from smtpedu.questions.toml_files import load
from smtpedu.widgets.page.bank import drawn

QUESTION = """
[[question]]
id = "one"
kind = "classify"
stem = "Who has it?"
hint = "Look."
why = "So it is."
classes = ["client", "server"]
[[question.options]]
text = "after `551`"
class = "client"
feedback = "It keeps it."
[[question.options]]
text = "after `250`"
class = "server"
feedback = "It took it."
"""
TWIN = """
[question.ar]
stem = "عند من هي؟"
hint = "انظر."
why = "هكذا هو."
classes = ["العميل", "الخادم"]
options = [
    { text = "بعد `551`", feedback = "تبقى عنده." },
    { text = "بعد `250`", feedback = "أخذها." },
]
"""


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "mine.toml"
        path.write_text(content, "utf-8")
        return path

    return write


def test_twin_says_the_same_in_its_language(written):
    [item] = load(written(QUESTION + TWIN))
    [twin] = item.twins
    assert (item.language, twin.language) == ("en", "ar")
    assert (item.stem, twin.stem) == ("Who has it?", "عند من هي؟")
    assert [option.group for option in twin.options] == [0, 1]
    assert solution(twin) == solution(item) == [0, 1]
    assert grade(twin, [1, 1]).said == ("بعد `551`: تبقى عنده.",)
    [plain] = load(written(QUESTION))
    assert fingerprint(plain, 1) == fingerprint(item, 1), "what was answered is kept"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('stem = "عند من هي؟"\n', "", "`stem`"),
        ('why = "هكذا هو."\n', "", "`why`"),
        ('hint = "انظر."', 'hnit = "انظر."', "`hint`"),
        ('classes = ["العميل", "الخادم"]', 'classes = ["العميل"]', "must have 2"),
        ('    { text = "بعد `250`", feedback = "أخذها." },\n', "", "must have 2"),
        (', feedback = "أخذها."', "", "option 2.*`feedback`"),
        ('feedback = "أخذها."', 'feedback = "أخذها.", right = true', "`right`"),
    ],
)
def test_what_is_wrong_with_a_twin_is_told_where_it_stands(written, old, new, problem):
    assert old in TWIN
    path = written(QUESTION + TWIN.replace(old, new))
    with pytest.raises(DataError, match=rf"\[question\.ar\]: .*{problem}") as caught:
        load(path)
    assert path.read_text("utf-8").splitlines()[caught.value.line - 1] == "[question.ar]"


@pytest.mark.parametrize("ar", ["ar = 1", "ar = []", '[question.uk]\nstem = "?"'])
def test_what_is_no_twin_is_one_error(written, ar):
    text = QUESTION.replace('why = "So it is."', f'why = "So it is."\n{ar}')
    text = QUESTION + ar if ar.startswith("[") else text
    with pytest.raises(DataError, match=r"`ar`|`uk`"):
        load(written(text))


def test_page_has_both_and_in_an_exam_nothing_that_tells(written):
    path = written(QUESTION + TWIN)
    shown = drawn(smtp.quiz(path), 0)["own"]["one"]["twins"]["ar"]
    assert shown["stem"] == "عند من هي؟"
    assert [option["feedback"] for option in shown["options"]] == ["تبقى عنده.", "أخذها."]
    exam = json.dumps(drawn(smtp.quiz(path, exam=True), 0)["own"], ensure_ascii=False)
    assert "عند من هي؟" in exam
    for secret in ("تبقى عنده", "أخذها", "هكذا هو", "انظر"):
        assert secret not in exam


def test_exam_says_its_verdict_in_both(written):
    widget = smtp.quiz(written(QUESTION + TWIN), exam=True).widget()
    [item] = widget.shown.items
    given = {"id": "a", "key": "a", "item": "one", "number": 1, "guessed": False, "hints": 0}
    given |= {"at": "2026-11-24T09:30:00.000Z", "store": store().file_ids()[0], **widget.run}
    seed = widget.run["seed"]
    given["response"] = to_page(item, [1, 1], seed)
    widget.heard({"do": "store", "attempts": [given]}, lambda _: None)
    [attempt] = store().attempts()
    found = exam_verdict(item, attempt, seed)
    assert (found["said"], found["why"]) == (["after `551`: It keeps it."], "So it is.")
    assert found["twins"]["ar"] == {"said": ["بعد `551`: تبقى عنده."], "why": "هكذا هو."}
