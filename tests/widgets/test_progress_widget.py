"""The progress widget as Python sees it: reviews in place, and what becomes of them."""

from smtpedu.learner.attempt import Attempt, Role
from smtpedu.learner.report import progress
from smtpedu.learner.store import store
from smtpedu.questions import kinds
from smtpedu.questions.bank import bank

NOW = "2026-11-24T09:30:00.000Z"


class Page:
    """What a page hears; it answers the first question of its review rightly."""

    def __init__(self, widget):
        self.heard = []
        self.widget = widget
        widget.heard({"do": "open"}, self.hear)

    def hear(self, said):
        self.heard.append(said)

    def review(self):
        self.widget.heard({"do": "review", "question": 0.5}, self.hear)
        self.say({"do": "open"})
        return self.heard[-2]["review"]["quiz"]

    def say(self, content):
        self.widget.heard({"say": content}, self.hear)

    def answer(self, item):
        (run,) = [said["told"]["state"]["run"] for said in self.heard if "state" in said["told"]]
        given = kinds.to_page(item, kinds.solution(item), run["seed"])
        one = {"id": item.id, "key": item.id, "item": item.id, "number": 1, "response": given}
        one |= {"at": NOW, "guessed": False, "hints": 0, "store": store().file_ids()[0]}
        self.say({"do": "store", "attempts": [{**run, **one}]})


def first(quiz):
    return bank()[quiz["items"][0].split()[-1]]


def test_rows_follow_what_is_answered_in_the_review():
    widget = progress().widget()
    one, other = Page(widget), Page(widget)
    item = first(one.review())
    one.heard[:] = [said for said in one.heard if "told" in said]
    one.answer(item)
    (stored,) = [said for said in one.heard if said.get("told", {}).get("stored")]
    assert stored["told"]["stored"] == [item.id]
    for page in (one, other):
        rows = page.heard[-1]["state"]["record"]["objectives"]
        assert [row["name"] for row in rows if "due" in row] == [item.objective]
        assert [bool(row.get("full")) for row in rows] == ["due" in row for row in rows]


def test_visitors_of_one_account_see_nothing_of_its_file(monkeypatch, tmp_path):
    """Voila serves all from one kernel's account; what they answer is in no file."""
    monkeypatch.delenv("SMTPEDU_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    item = next(iter(bank().values()))
    teachers = store()
    kept = {"id": "one", "run": "run", "quiz": "quiz", "item": item.id, "number": 1, "at": NOW}
    sound = {"right": True, "score": 1.0, "guessed": False, "hints": 0, "options": 4}
    told = {"objective": item.objective, "level": item.level, "kind": item.kind}
    answered = Attempt(**kept, **sound, **told, role=Role.PRACTICE, response=0, misconceptions=())
    teachers.add([answered])
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert store().shared and store().path == teachers.path
    widget = progress().widget()
    page = Page(widget)
    page.review()
    page.say({"do": "store", "attempts": [], "question": 2})
    assert not [row for row in widget.record["objectives"] if "due" in row]


def test_each_page_has_a_review_of_its_own():
    widget = progress().widget()
    one, other = Page(widget), Page(widget)
    item = first(one.review())
    heard = len(one.heard)
    other.review()
    assert len(one.heard) == heard, "nothing of the other page's"
    one.heard[:] = [said for said in one.heard if "told" in said]
    one.answer(item)
    assert [attempt.item for attempt in store().attempts()] == [item.id]
    assert any(said.get("told", {}).get("stored") == [item.id] for said in one.heard)
    widget._left(one.hear)
    before = list(one.heard)
    one.say({"do": "hello"})
    assert one.heard == before, "a page that has gone is told nothing more"


def test_a_page_is_not_told_what_it_said():
    """What comes back late would lead the learner back."""
    page = Page(progress().widget())
    page.review()
    heard = len(page.heard)
    page.say({"set": {"at": 2}})
    page.say({"set": {"at": 3}})
    assert page.heard[heard:] == []
    page.say({"do": "open"})
    assert page.heard[-1]["told"]["state"]["at"] == 3


def test_what_makes_no_sense_is_passed_over():
    page = Page(progress().widget())
    page.review()
    for content in (
        None,
        "x",
        [],
        {"do": "store"},
        {"attempts": None},
        {"do": "store", "attempts": 5},
    ):
        page.say(content)
    Page(progress().widget()).say({"do": "hello"})
    assert store().attempts() == []
