"""Widgets go on without a kernel, and come back when the saved notebook is opened again.

`test_console.py` holds the same for the console, whose lab says goodbye when its kernel ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, Locator, expect

from smtpedu.learner.store import Store

from . import test_comparison as comparison
from . import test_player as player
from . import test_policy as policy
from . import test_quiz
from . import test_servers as matrix
from .conftest import used

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage


class Story:
    """What is done with a widget while there is a kernel, without it, and after reopening."""

    selector = ""

    def __init__(self, lab: NotebookPage, store: Store) -> None:
        self.lab, self.store = lab, store

    @property
    def widget(self) -> Locator:
        return self.lab.page.locator(self.selector)

    def with_kernel(self) -> None: ...
    def without(self) -> None: ...
    def reopened(self) -> None: ...


class Player(Story):
    selector = ".smtpedu-player"
    cell = player.PREDICT

    def without(self) -> None:
        shown = self.widget
        shown.locator(".player-keys").get_by_role("button", name="554").click()
        player.button(shown, "Next").click()
        expect(player.turns(shown)).to_have_count(2)

    def reopened(self) -> None:
        shown = self.widget
        expect(player.turns(shown)).to_have_count(2)
        expect(shown.locator(".player-verdict")).to_contain_text("You said 554")
        player.button(shown, "Skip").click()
        expect(player.turns(shown)).to_have_count(3)


class Comparison(Story):
    selector = ".smtpedu-comparison"
    cell = "import smtpedu as smtp\nsmtp.compare(250, 551)"

    def without(self) -> None:
        comparison.change(self.widget, "First", 550)
        expect(comparison.compared(self.widget)).to_have_text(["550", "551"])

    def reopened(self) -> None:
        expect(comparison.compared(self.widget)).to_have_text(["550", "551"])
        comparison.change(self.widget, "Second", 251)
        expect(comparison.compared(self.widget)).to_have_text(["550", "251"])


class Explorer(Story):
    selector = ".smtpedu-explorer"
    cell = "import smtpedu as smtp\nsmtp.explorer()"

    def without(self) -> None:
        self.widget.get_by_label("Search").fill("greylisting")
        self.widget.get_by_role("button", name="450").click()
        expect(self.widget.locator("article")).to_contain_text("450")

    def reopened(self) -> None:
        expect(self.widget.get_by_label("Search")).to_have_value("greylisting")
        expect(self.widget.locator("article")).to_contain_text("450")
        self.widget.get_by_role("button", name="Clear").click()
        expect(self.widget.get_by_text("39 of 39 codes")).to_be_visible()


class Policy(Story):
    selector = ".smtpedu-policy"
    cell = policy.EXPLORE

    def with_kernel(self) -> None:
        policy.choose(self.widget, policy.NOT_OURS)
        policy.asker(self.widget).click()
        expect(self.widget.locator(".policy-asked").first).to_be_visible()

    def without(self) -> None:
        policy.choose(self.widget, policy.ENDS["551 5.1.6"])
        policy.asker(self.widget).click()
        told = policy.told(self.widget)
        expect(told).to_contain_text("The kernel that would ask is gone")

    def reopened(self) -> None:
        expect(policy.card(self.widget)).to_contain_text("551 5.1.6")
        policy.choose(self.widget, policy.NOT_OURS)
        asked = self.widget.locator(".policy-asked")
        expect(asked).to_contain_text(["RCPT TO:", "550 5.7.1"])
        policy.asker(self.widget).click()
        told = policy.told(self.widget)
        expect(told).to_contain_text("The kernel that would ask is gone")


class Servers(Story):
    selector = ".smtpedu-servers"
    cell = matrix.MOVED

    def without(self) -> None:
        matrix.button(self.widget, "Clear the choice").click()
        matrix.cell(self.widget, "Exim", "An attempt to relay").click()
        matrix.cell(self.widget, "OpenSMTPD", "An attempt to relay").click()
        matrix.button(self.widget, "Start").click()

    def reopened(self) -> None:
        titles = self.widget.locator(".session h4 > bdi:first-child")
        expect(titles).to_have_text(["Exim", "OpenSMTPD"])
        expect(matrix.steps_shown(self.widget)).to_have_count(1)
        matrix.cell(self.widget, "Exim", "An attempt to relay").click()
        expect(self.widget.locator(".session")).to_have_count(1)


class Quiz(Story):
    """Half of it is answered with a kernel, the other half after reopening."""

    selector = ".smtpedu-quiz >> nth=0"
    names = ("choice", "number")

    @property
    def cell(self) -> str:
        return test_quiz.cell(self.store, *self.names)

    def with_kernel(self) -> None:
        test_quiz.answer_first(self.widget)
        test_quiz.stored(self.store, 1, self.lab.page)

    def reopened(self) -> None:
        expect(self.widget.locator(".verdict.right")).to_be_visible()
        test_quiz.button(self.widget, "Next").click()
        test_quiz.answer_first(self.widget)
        test_quiz.press(self.widget, "Enter")
        expect(self.widget.locator(".quiz-summary")).to_contain_text("2 of 2 right")


class Feedback(Quiz):
    """An answer without a kernel is judged, and kept in the browser."""

    selector = ".smtpedu-quiz >> nth=1"
    names = ("choice", "diagnose")

    with_kernel = Story.with_kernel
    reopened = Story.reopened

    def without(self) -> None:
        self.widget.locator("fieldset input").first.check()
        test_quiz.press(self.widget, "Enter")
        expect(self.widget.locator(".verdict")).to_be_visible()
        notice = self.widget.locator(".notice")
        expect(notice).to_contain_text("Your answers are kept in this browser")
        assert len(test_quiz.journal(self.widget)) == 1


STORIES = (Player, Comparison, Explorer, Policy, Servers, Quiz, Feedback)


class Told:
    """The stories as far as they went, and what went wrong in each."""

    def __init__(self, lab: NotebookPage, stores: Store) -> None:
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
        lab.reopen()
        told.tell("reopened")
        yield told


@pytest.mark.parametrize("name", [kind.__name__ for kind in STORIES])
def test_goes_on_without_a_kernel_and_comes_back_when_reopened(told: Told, name: str) -> None:
    if name in told.trouble:
        raise told.trouble[name]
