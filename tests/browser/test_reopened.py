"""Widgets go on without a kernel, and come back when the saved notebook is opened again.

In the browser where they were used they come back as they were left, in another one as the
notebook has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, Locator, expect

from smtpedu.learner.store import Store

from . import test_comparison as comparison
from . import test_console as console
from . import test_player as player
from . import test_policy as policy
from . import test_progress as progress
from . import test_quiz
from . import test_servers as matrix
from .conftest import used

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

PARTS = ("with_kernel", "without", "reloaded", "reopened")


class Story:
    """What is done with a widget while there is a kernel, without it, and when it is back."""

    selector = ""

    def __init__(self, lab: NotebookPage, store: Store) -> None:
        self.lab, self.store = lab, store

    @property
    def widget(self) -> Locator:
        return self.lab.page.locator(self.selector)

    def with_kernel(self) -> None: ...
    def without(self) -> None: ...
    def reloaded(self) -> None: ...
    def reopened(self) -> None: ...


class Player(Story):
    selector = ".smtpedu-player"
    cell = player.PREDICT

    def without(self) -> None:
        shown = self.widget
        shown.locator(".player-keys").get_by_role("button", name="554").click()
        player.button(shown, "Next").click()
        expect(player.turns(shown)).to_have_count(2)

    def reloaded(self) -> None:
        shown = self.widget
        expect(player.turns(shown)).to_have_count(2)
        expect(shown.locator(".player-verdict")).to_contain_text("You said 554")
        player.button(shown, "Skip").click()
        expect(player.turns(shown)).to_have_count(3)

    def reopened(self) -> None:
        expect(self.widget).to_contain_text("Step 0 of")
        expect(player.turns(self.widget)).to_have_count(0)
        expect(self.widget.locator(".player-keys")).to_be_visible()


class Comparison(Story):
    selector = ".smtpedu-comparison"
    cell = comparison.COMPARE

    def without(self) -> None:
        comparison.change(self.widget, "First", 550)
        expect(comparison.compared(self.widget)).to_have_text(["550", "551"])

    def reloaded(self) -> None:
        expect(comparison.compared(self.widget)).to_have_text(["550", "551"])
        comparison.change(self.widget, "Second", 251)
        expect(comparison.compared(self.widget)).to_have_text(["550", "251"])

    def reopened(self) -> None:
        expect(comparison.compared(self.widget)).to_have_text(["250", "551"])


class Explorer(Story):
    selector = ".smtpedu-explorer"
    cell = "import smtpedu as smtp\nsmtp.explorer()"

    def without(self) -> None:
        self.widget.get_by_label("Search").fill("greylisting")
        self.widget.get_by_role("button", name="450").click()
        expect(self.widget.locator("article")).to_contain_text("450")

    def reloaded(self) -> None:
        expect(self.widget.get_by_label("Search")).to_have_value("greylisting")
        expect(self.widget.locator("article")).to_contain_text("450")
        self.widget.get_by_role("button", name="Clear").click()
        expect(self.widget.get_by_text("39 of 39 codes")).to_be_visible()

    def reopened(self) -> None:
        expect(self.widget.get_by_label("Search")).to_have_value("")
        expect(self.widget).to_contain_text("Choose a code to read its card.")


class Policy(Story):
    selector = ".smtpedu-policy"
    cell = policy.EXPLORE

    def with_kernel(self) -> None:
        policy.choose(self.widget, policy.NOT_OURS)
        policy.asker(self.widget).click()
        expect(self.widget.locator(".policy-asked").first).to_be_visible()

    def without(self) -> None:
        policy.choose(self.widget, policy.ENDS["551 5.1.6"])
        self.asks_in_vain()

    def asks_in_vain(self) -> None:
        policy.asker(self.widget).click()
        told = policy.told(self.widget)
        expect(told).to_contain_text("The kernel that would ask is gone")

    def reloaded(self) -> None:
        expect(policy.card(self.widget)).to_contain_text("551 5.1.6")
        self.asks_in_vain()

    def reopened(self) -> None:
        expect(policy.card(self.widget)).to_contain_text("Every way ends in a reply.")
        policy.choose(self.widget, policy.NOT_OURS)
        expect(policy.card(self.widget)).to_contain_text("550 5.7.1")
        self.asks_in_vain()


class Servers(Story):
    selector = ".smtpedu-servers"
    cell = matrix.MOVED

    def without(self) -> None:
        matrix.button(self.widget, "Clear the choice").click()
        matrix.cell(self.widget, "Exim", "An attempt to relay").click()
        matrix.cell(self.widget, "OpenSMTPD", "An attempt to relay").click()
        matrix.button(self.widget, "Start").click()

    def reloaded(self) -> None:
        expect(matrix.heads(self.widget)).to_have_text(["Exim", "OpenSMTPD"])
        expect(matrix.steps_shown(self.widget)).to_have_count(1)
        matrix.cell(self.widget, "Exim", "An attempt to relay").click()
        expect(matrix.heads(self.widget)).to_have_text(["OpenSMTPD"])

    def reopened(self) -> None:
        expect(matrix.heads(self.widget)).to_have_count(4)
        expect(matrix.row(self.widget, "Moved, own means")).to_have_attribute(
            "aria-expanded", "true"
        )


class Console(Story):
    selector = ".smtpedu-console"
    cell = console.START

    def with_kernel(self) -> None:
        console.typed(self.widget, *console.TO_RCPT)

    def without(self) -> None:
        expect(self.widget).to_contain_text("The lab is not running")
        expect(self.widget.locator(".s-turn").nth(6)).to_contain_text("551")

    def reloaded(self) -> None:
        self.without()
        expect(self.widget.locator(".console-tasks .s-mark")).to_have_count(2)

    def reopened(self) -> None:
        expect(self.widget).to_contain_text("The lab is not running")
        expect(self.widget.locator(".s-turn:visible")).to_have_count(0)
        expect(self.widget.locator(".console-tasks li")).to_have_count(6)


class Progress(Story):
    selector = ".smtpedu-progress"
    cell = f"{progress.ANSWERS}\nsmtp.progress()"

    def with_kernel(self) -> None:
        expect(self.widget.locator(".progress-row")).to_have_count(12)

    def without(self) -> None:
        self.with_kernel()
        self.widget.get_by_role("button", name="Review now").click()
        expect(self.widget).to_contain_text("To review, run the cells above, then this one.")

    reloaded = reopened = without


class Quiz(Story):
    """What Python has stored, it alone can give back: what comes back asks anew."""

    selector = ".smtpedu-quiz >> nth=0"
    names = ("choice", "number")

    @property
    def cell(self) -> str:
        return test_quiz.cell(self.store, *self.names)

    def with_kernel(self) -> None:
        test_quiz.answer_first(self.widget)
        test_quiz.stored(self.store, 1, self.lab.page)

    def without(self) -> None:
        expect(test_quiz.verdict(self.widget)).to_contain_text("Right.")

    def reloaded(self) -> None:
        expect(test_quiz.place(self.widget)).to_contain_text("Question 1 of 2 · 0 answered")
        test_quiz.answer_first(self.widget)
        test_quiz.button(self.widget, "Next").click()
        test_quiz.answer_first(self.widget)
        test_quiz.press(self.widget, "Enter")
        expect(test_quiz.result(self.widget)).to_have_text("2 of 2 right")

    def reopened(self) -> None:
        expect(test_quiz.place(self.widget)).to_contain_text("Question 1 of 2 · 0 answered")


class Feedback(Quiz):
    """An answer without a kernel is judged, and kept in the browser."""

    selector = ".smtpedu-quiz >> nth=1"
    names = ("choice", "diagnose")

    with_kernel = Story.with_kernel

    def without(self) -> None:
        self.widget.locator("fieldset input").first.check()
        test_quiz.press(self.widget, "Enter")
        expect(test_quiz.verdict(self.widget)).to_be_visible()
        notice = self.widget.locator(".quiz-notice")
        expect(notice).to_contain_text("Your answers are kept in this browser")
        self.kept = test_quiz.journal(self.widget)

    def reloaded(self) -> None:
        assert set(self.kept) <= set(test_quiz.journal(self.widget))


STORIES = (Player, Comparison, Explorer, Policy, Servers, Console, Progress, Quiz, Feedback)
# What an output area shows, or nothing: a widget, or what JupyterLab says instead of one.
OUTPUTS = """() => [...document.querySelectorAll(".jp-CodeCell .jp-OutputArea")].map(area => {
  const [widget, ...more] = area.querySelectorAll(".smtpedu");
  const isThere = widget?.childElementCount > 1 && widget.getBoundingClientRect().height > 50;
  return isThere ? widget.className : `no widget: ${area.innerText}`;
})"""


def widgets_shown(lab: NotebookPage, count: int) -> None:
    """Each of the cells shows a widget: nothing else, and no blank."""
    expect(lab.page.locator(".jp-CodeCell .smtpedu")).to_have_count(count)
    shown = lab.page.evaluate(OUTPUTS)
    assert [one for one in shown if one.startswith("no widget")] == []
    assert len(shown) == count
    expect(lab.page.get_by_text("model not found")).to_have_count(0)
    expect(lab.page.get_by_text("Error displaying widget")).to_have_count(0)


class Told:
    """The stories as far as they went, and what went wrong in each."""

    def __init__(self, lab: NotebookPage, stores: Store) -> None:
        self.lab = lab
        self.stories = {kind.__name__: kind(lab, stores) for kind in STORIES}
        self.trouble: dict[str, Exception] = {}

    def tell(self, part: str) -> None:
        """Tell a part of each; one that fails does not keep the others from going on."""
        for name, story in self.stories.items():
            if name in self.trouble:
                continue
            try:
                getattr(story, part)()
            except (AssertionError, Error) as error:
                error.add_note(f"in the part {part!r}")
                self.trouble[name] = error


@pytest.fixture(scope="module")
def told(
    kept_page: NotebookPage,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Told]:
    store = Store(tmp_path_factory.mktemp("answers") / "progress.sqlite3")
    with used(kept_page, request.node) as lab:
        told = Told(lab, store)
        lab.open(lab.notebook([story.cell for story in told.stories.values()]))
        lab.run_all()
        told.tell("with_kernel")
        lab.shutdown_kernel()
        told.tell("without")
        lab.save()
        for come_back, part in ((lab.reload, "reloaded"), (lab.reopen, "reopened")):
            come_back()
            widgets_shown(lab, len(STORIES))
            told.tell(part)
        assert lab.errors == []
        yield told


@pytest.mark.parametrize("name", [kind.__name__ for kind in STORIES])
def test_goes_on_without_a_kernel_and_comes_back(told: Told, name: str) -> None:
    if name in told.trouble:
        raise told.trouble[name]


# ---- restarted, not trusted, hostile ----


def test_saved_after_a_restart_the_notebook_shows_its_widgets(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    """Nothing of them is in the notebook's metadata; running a cell makes its widget anew."""
    lab.open(lab.notebook([player.MIXED, Explorer.cell]))
    lab.run_all()
    shown = lab.page.locator(".smtpedu-player")
    player.button(shown, "Next").click(click_count=2)
    lab.restart_kernel()
    widgets_shown(lab, 2)
    player.button(shown, "Next").click()
    count = player.turns(shown).count()
    lab.save()
    assert "widgets" not in lab.saved().metadata
    lab.reload()
    widgets_shown(lab, 2)
    expect(player.turns(shown)).to_have_count(count)
    lab.run_cell(0)
    expect(player.turns(shown)).to_have_count(1)
    lab.reopen()
    widgets_shown(lab, 2)
    expect(player.turns(shown)).to_have_count(1)
    assert page_errors == []


EVIL = "<img src=x onerror='evil = 1'><script>evil = 1</script> \u202e \u2066 $x$ \\(y\\)"
HOSTILE = f"""import smtpedu as smtp
evil = {EVIL!r}
smtp.annotate(f"S: 220 {{evil}}\\nC: NOOP {{evil}}\\nS: 500 {{evil}}").play()"""
# Where something would turn the direction of what follows, seen or not.
TURNED = """root => [root, ...root.querySelectorAll("*")].filter(node => {
  const texts = [...node.childNodes].map(child => child.nodeType === Node.TEXT_NODE && child.data);
  return [...texts, ...[...node.attributes].map(({ value }) => value)]
    .some(text => /[\\u202a-\\u202e\\u2066-\\u2069]/.test(text));
}).map(node => node.outerHTML)"""
MATHS = "from IPython.display import Markdown\nMarkdown('$z$')"


def hostile_is_text(lab: NotebookPage) -> None:
    shown = lab.page.locator(".smtpedu-player")
    player.button(shown, "Next").press("End")
    expect(player.turns(shown)).to_have_count(3)
    said = EVIL.replace("\u202e", "\\u202e").replace("\u2066", "\\u2066")
    for n in range(3):
        expect(player.turns(shown).nth(n)).to_contain_text(said)
    # JupyterLab has set the one formula there is.
    expect(lab.page.locator("mjx-container, .MathJax")).to_have_count(1)
    expect(shown.locator("mjx-container, .MathJax, img, script")).to_have_count(0)
    assert shown.evaluate(TURNED) == []
    assert lab.page.evaluate("typeof evil") == "undefined"


def test_notebook_that_is_not_trusted_shows_widgets_and_executes_nothing(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    """A session of one's own, full of what would like to be more than text."""
    lab.open(lab.notebook([HOSTILE, MATHS, Explorer.cell]))
    lab.run_all()
    hostile_is_text(lab)
    lab.save()
    copy = lab.saved()
    copy.metadata["from"] = "somebody else"  # so its signature is another one
    lab.visit(lab.add(copy))
    trusted = "return [...panel.content.widgets].map(({ model }) => model.trusted);"
    assert lab.evaluate(trusted) == [False] * 3
    expect(lab.page.locator(".smtpedu-explorer .explorer-code").first).to_be_visible()
    hostile_is_text(lab)
    assert page_errors == []
