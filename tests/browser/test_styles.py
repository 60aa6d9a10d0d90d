"""All widgets on one page: the style sheet of one changes nothing in another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

from smtpedu.questions.toml_files import load
from smtpedu.widgets.page import content

from . import test_progress
from .test_console import button, typed

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

KINDS = Path(__file__).parents[1] / "questions" / "kinds.toml"
WIDGETS = content.WIDGETS
STEMS = [path.stem for path in sorted(WIDGETS.glob("*/*.js")) if path.stem == path.parent.name]
CELLS = (
    "from pathlib import Path\nfrom IPython.display import display\nimport smtpedu as smtp\n"
    "from smtpedu.questions.toml_files import load\nsession = smtp.session('mixed-recipients')",
    "played = session.play()\nplayed.step = 13\nplayed",
    "guessed = session.play(predict=True)\nguessed.step = 4\nguessed",
    "smtp.compare(250, 551)",
    "smtp.explorer(551)",
    "lab = smtp.Lab({'ann@example.test': 'moved to ann@new.example'}).start()\nlab.console()",
    "smtp.policy_explorer()",
    "smtp.servers(scenario='moved')",
    "smtp.overview()",
    f"{test_progress.ANSWERS}\nsmtp.progress()",
    f"for item in load(Path({str(KINDS)!r})):\n    display(smtp.quiz([item]).widget())",
)
# Every style of every element, and of what stands before and after it: with what widgets share and
# the sheet of its own widget alone, and with the sheet of the page. Only what a sheet declares can
# leak; where a thing is and how big follows from that.
COMPARED = """([stem, own]) => {
  const nodes = [...document.querySelectorAll(`.smtpedu-${stem}, .smtpedu-${stem} *`)];
  const { sheet } = document.querySelector("link[href*='/extensions/smtpedu/'][rel=stylesheet]");
  const declared = rule => [...(rule.style ?? []), ...[...(rule.cssRules ?? [])].flatMap(declared)];
  const names = [...new Set(declared(sheet))];
  const parts = nodes.flatMap(node => ["", "::before", "::after"].map(part => [node, part]));
  const taken = () => parts.flatMap(([node, part]) => {
    const style = getComputedStyle(node, part || null);
    const isThere = !part || style.content !== "none";
    return names.map(name => isThere && style.getPropertyValue(name));
  });
  const among = [taken()];
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = own;
  sheet.disabled = true;
  const alone = taken();
  sheet.disabled = false;
  style.remove();
  const called = node => [node.localName, ...node.classList].join(".");
  const changes = new Set();
  alone.forEach((before, n) => among.forEach(values => {
    if (values[n] === before) return;
    const [node, part] = parts[Math.floor(n / names.length)];
    const where = `${called(node.parentNode)} > ${called(node)}${part}`;
    changes.add(`${where} { ${names[n % names.length]}: ${before} -> ${values[n]} }`);
  }));
  return [[nodes.length, names.length], ...changes];
}"""


def needed(stem: str) -> list[str]:
    """The folders of whose sheets a widget may use classes: its own, and those it imports from."""
    texts = [path.read_text("utf-8") for path in WIDGETS.glob(f"{stem}/*.js")]
    return sorted({stem, *(name for text in texts for name in re.findall(r'"\.\./(\w+)/', text))})


def answer(quiz: Locator, kind: str) -> None:
    """Give the first answer that can be given, and see what is said of it."""
    if kind == "number":
        quiz.locator("input[inputmode=numeric]").fill("551")
    elif kind == "order":
        quiz.locator(".quiz-steps button:not([aria-disabled=true])").first.click()
    elif kind == "classify":
        for row in quiz.locator("tbody tr").all():
            row.locator("input").last.check()
    else:
        quiz.locator("fieldset input").last.check()
    button(quiz, "Check").click()
    expect(quiz.locator(".quiz-verdict")).to_be_visible()


def bring_to_life(lab: NotebookPage) -> None:
    """Bring each widget into a state in which most of its parts are drawn."""
    page = lab.page
    page.locator(".smtpedu-player").first.get_by_role("button", name="Highlight").first.click()
    page.locator(".smtpedu-player").last.locator(".player-keys button").first.click()
    console = page.locator(".smtpedu-console")
    typed(console, "EHLO me")
    expect(console.locator(".console-tasks .s-mark")).to_have_count(1)
    expect(console.locator(".console-keys button").first).to_be_visible()
    page.get_by_role("button", name="Do not forward, but disclose it").click()
    page.get_by_role("button", name="Ask a real server").click()
    expect(page.locator(".policy-asked").first).to_be_visible()
    expect(page.locator(".servers-step:visible").first).to_be_visible()
    expect(page.locator(".progress-belief")).to_be_visible()
    page.locator(".smtpedu-overview .overview-who button").nth(1).click()
    quizzes = page.locator(".smtpedu-quiz")
    for n, item in enumerate(load(KINDS)):
        answer(quizzes.nth(n), item.kind)
    quizzes.first.locator("fieldset input:enabled").first.check()
    for name in ("Check again", "To the summary"):
        button(quizzes.first, name).click()
    expect(quizzes.first.locator(".quiz-summary")).to_be_visible()
    page.locator(".smtpedu details").evaluate_all("all => all.forEach(one => { one.open = true; })")


def test_a_widget_looks_the_same_alone_and_among_all(lab: NotebookPage) -> None:
    lab.open(lab.notebook(CELLS))
    lab.page.emulate_media(reduced_motion="reduce")  # nothing moves while it is compared
    lab.run_all()
    bring_to_life(lab)
    lab.page.evaluate("document.activeElement.blur()")
    lab.page.mouse.move(0, 0)
    lab.settle()
    told = []
    for stem in STEMS:
        own = content.style(needed(stem))
        (nodes, names), *changes = lab.page.evaluate(COMPARED, [stem, own])
        assert (nodes > 20, names > 100) == (True, True), stem
        changes.sort(key=lambda one: " height:" in one or " width:" in one)  # these follow
        if changes:
            told.append(f"{stem}: {len(changes)} changes\n  " + "\n  ".join(changes[:12]))
    assert not told, "\n".join(told)
