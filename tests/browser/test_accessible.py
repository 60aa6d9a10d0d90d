"""All widgets on one page, in both themes, wide and narrow: axe-core, targets, what fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from smtpedu.questions.toml_files import load

from .conftest import used
from .test_console import paste

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

KINDS = Path(__file__).parents[1] / "questions" / "kinds.toml"
COUNT = len(load(KINDS))
NARROW = 480
LOOKS = [("light", 1280), ("dark", 1280), ("dark", NARROW), ("light", NARROW)]
STEMS = ("player", "comparison", "explorer", "console", "policy", "servers", "quiz")
CELLS = (
    "import smtpedu as smtp\nsmtp.session('mixed-recipients').play()",
    "smtp.session('moved-refused').play(predict=True)",
    "smtp.compare(250, 551)",
    "smtp.compare(421, 354)",
    "smtp.explorer()",
    "smtp.explorer(551)",
    "boxes = {'ann@example.test': 'local', 'bob@example.test': 'moved to bob@new.example'}\n"
    "lab = smtp.Lab(boxes).start()\nlab.console()",
    "smtp.policy_explorer()",
    "smtp.policy_explorer()",
    "smtp.servers(scenario='moved')",
    "smtp.servers('mixed')",
)
# Each question as it is asked, each as it is answered, and one quiz to be played to its end.
QUIZZES = """import os
from pathlib import Path
from IPython.display import display
from smtpedu.questions.toml_files import load
import smtpedu as smtp
os.environ["SMTPEDU_PROGRESS"] = {store!r}
items = load(Path({kinds!r}))
for place in [*range(len(items)), *range(len(items)), 0]:
    widget = smtp.quiz(items).widget()
    widget.at = place
    display(widget)"""
MAIL = "EHLO me\nMAIL FROM:<me@example.test>\nRCPT TO:<bob@example.test>\n"
SMALL = """roots => roots.flatMap(root => [
  ...root.querySelectorAll("button, input, select, summary")]
  .filter(node => node.checkVisibility({ visibilityProperty: true }))
  .map(node => [node, node.matches("[type=radio], [type=checkbox]") && node.closest("label")])
  .map(([node, label]) => [node, (label || node).getBoundingClientRect()])
  .filter(([, box]) => box.width && Math.min(box.width, box.height) < 24)
  .map(([node]) => `${root.className}: ${node.outerHTML}`))"""
WIDE = """roots => roots.filter(root => root.scrollWidth > root.clientWidth)
  .map(root => root.outerHTML.slice(0, 200))"""

# Other tests answer by mouse and by keyboard; here only what is seen afterwards matters.
FAIL = """async (quizzes, [which, second]) => {
  const open = which.map(n => quizzes[n])
    .filter(quiz => !quiz.querySelector(".verdict:is(.right, .second, .wrong)"));
  const find = (node, selector) => [...node.querySelectorAll(selector)];
  for (const quiz of open) {
    const number = quiz.querySelector("input[inputmode=numeric]");
    if (number) {
      number.value = ["551", "250"][second];
      number.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (quiz.querySelector("form.order"))
      find(quiz, ".quiz-steps button:not([aria-disabled=true])")[1 + second].click();
    else if (quiz.querySelector("form.classify"))
      for (const row of find(quiz, ".quiz-sorting tbody tr")) find(row, "input")[second].click();
    else find(quiz, "fieldset input:enabled")[second].click();
    quiz.querySelector("button.main").click();
  }
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
ALIKE = """violations => {
  const widget = ({ target }) => document.querySelector(target.at(-1))?.closest(".smtpedu");
  const others = node => [...node.any, ...node.all, ...node.none].flatMap(one => one.relatedNodes);
  const isWithin = node => others(node).some(other => widget(other) === widget(node));
  return violations.flatMap(({ id, nodes }) =>
    nodes.filter(node => id !== "landmark-unique" || isWithin(node)).map(node => [id, node]));
}"""


def button(widget: Locator, name: str) -> Locator:
    return widget.get_by_role("button", name=name, exact=True)


# ---- states in which most of the parts are drawn ----


def play(players: Locator) -> None:
    button(players.first, "Next").press("End")
    button(players.first, "Highlight 250").first.click()
    button(players.nth(1), "Skip").click()


def in_arabic(widgets: Locator) -> None:
    button(widgets.nth(1), "العربية").click()
    expect(widgets.nth(1)).to_have_attribute("dir", "rtl")


def talk(console: Locator) -> None:
    button(console, "What may I send now?").click()
    console.locator("summary").first.click()
    paste(console, MAIL + "RCPT TO:<ann@example.test>\nDATA\nSubject: x\n")
    expect(console).to_contain_text("A line with only a dot")
    expect(console.locator(".turn")).to_have_count(12)


def ask(explorers: Locator) -> None:
    explorers.nth(0).get_by_role("button", name="Do not forward, but disclose it").click()
    explorers.nth(0).get_by_role("button", name="Ask a real server").click()
    expect(explorers.nth(0).locator(".policy-asked").first).to_be_visible()
    in_arabic(explorers)


def unfold(servers: Locator) -> None:
    in_arabic(servers)
    servers.locator("summary").evaluate_all("all => all.forEach(summary => summary.click())")
    expect(servers.locator("details:not([open])")).to_have_count(0)


def answer(quizzes: Locator) -> None:
    expect(quizzes).to_have_count(2 * COUNT + 1)
    answered = range(COUNT, 2 * COUNT)
    answer_wrong(quizzes, [*answered, 2 * COUNT])
    for _ in range(COUNT - 1):
        go_on(quizzes.last)
        answer_wrong(quizzes, [2 * COUNT])
    go_on(quizzes.last)
    expect(quizzes.last.locator(".quiz-summary")).to_be_visible()
    expect(quizzes.last.locator(".quiz-questions button")).to_have_count(COUNT)
    expect(quizzes.locator(".verdict")).to_have_count(COUNT)


def answer_wrong(quizzes: Locator, which: list[int]) -> None:
    """Answer wrong more often than not, and then once more."""
    for second in range(2):
        quizzes.evaluate_all(FAIL, [which, second])
    for n in which:
        expect(quizzes.nth(n).locator(".verdict:not(.again)")).to_be_visible()


def go_on(quiz: Locator) -> None:
    place = quiz.locator(".meter").text_content() or ""
    quiz.locator("button.main").evaluate("button => button.click()")
    expect(quiz.locator(".meter")).not_to_have_text(place)


USE: dict[str, Callable[[Locator], None]] = {
    "player": play,
    "comparison": in_arabic,
    "explorer": in_arabic,
    "console": talk,
    "policy": ask,
    "servers": unfold,
    "quiz": answer,
}


@pytest.fixture(scope="module")
def all_widgets(
    kept_page: NotebookPage,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[NotebookPage]:
    """The page with every widget in use."""
    store = tmp_path_factory.mktemp("answers") / "progress.sqlite3"
    quizzes = QUIZZES.format(store=str(store), kinds=str(KINDS))
    with used(kept_page, request.node) as lab:
        lab.open(lab.notebook([*CELLS, quizzes]))
        lab.run_all()
        for stem in STEMS:
            USE[stem](lab.page.locator(f".smtpedu-{stem}"))
        lab.page.mouse.move(0, 0)
        yield lab


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def looked_at(all_widgets: NotebookPage, request: pytest.FixtureRequest) -> NotebookPage:
    """The page as it is looked at; the quizzes are in Arabic where it is narrow."""
    theme, width = request.param
    all_widgets.look(theme, width)
    direction = "rtl" if width == NARROW else "ltr"
    quizzes = all_widgets.page.locator(".smtpedu-quiz")
    quizzes.evaluate_all(
        """(quizzes, direction) => quizzes.filter(quiz => quiz.dir !== direction)
          .forEach(quiz => quiz.querySelector(".language").click())""",
        direction,
    )
    turned = all_widgets.page.locator(f".smtpedu-quiz[dir={direction}]")
    expect(turned).to_have_count(quizzes.count())
    return all_widgets


def violations(lab: NotebookPage, selector: str) -> list[str]:
    """What axe-core finds, but not that two widgets have parts of one name."""
    found = lab.page.evaluate(ALIKE, lab.axe(selector))
    return [f"{rule} at {node['target'][-1]}: {node['html']}" for rule, node in found]


def test_axe_finds_nothing(looked_at: NotebookPage) -> None:
    assert violations(looked_at, ".smtpedu:not(.smtpedu-servers)") == []


def test_axe_finds_nothing_in_the_matrix(looked_at: NotebookPage) -> None:
    """It has the page to itself where there is little room."""
    is_narrow = looked_at.page.viewport_size == {"width": NARROW, "height": 900}
    if is_narrow:
        looked_at.command("application:toggle-left-area")
    found = violations(looked_at, ".smtpedu-servers")
    if is_narrow:
        looked_at.command("application:toggle-left-area")
    assert found == []


def test_targets_are_large_enough(looked_at: NotebookPage) -> None:
    assert looked_at.page.locator(".smtpedu").evaluate_all(SMALL) == []


def test_console_and_quiz_fit_into_any_width(looked_at: NotebookPage) -> None:
    widgets = looked_at.page.locator(".smtpedu-console, .smtpedu-quiz")
    expect(widgets).to_have_count(2 * COUNT + 2)
    assert widgets.evaluate_all(WIDE) == []
