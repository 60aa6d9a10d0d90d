"""All widgets on one page, in both themes, wide and narrow: axe-core, targets, what fits, keys."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from smtpedu.questions.toml_files import load

from . import test_progress
from .conftest import used
from .test_console import paste

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

KINDS = Path(__file__).parents[1] / "questions" / "kinds.toml"
COUNT = len(load(KINDS))
# Also what a window of 720 has at 200 %; the side bar is folded away then.
NARROW = 360
WIDTHS = [("light", 1280), ("light", NARROW)]
LOOKS = [*WIDTHS, ("dark", 1280)]
STEMS = ("player", "comparison", "explorer", "console", "policy", "servers", "overview")
STEMS += ("progress", "quiz")
CELLS = (
    "import smtpedu as smtp\nsmtp.session('mixed-recipients').play()",
    "smtp.session('moved-refused').play(predict=['connect', 'EHLO', 'RCPT'])",
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
    "smtp.overview()",
    "smtp.overview()",
    f"{test_progress.ANSWERS}\nsmtp.progress()",
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
# A radio button or a box is as large as its label; what is drawn instead of it is, too.
SMALL = """roots => roots.flatMap(root => [
  ...root.querySelectorAll("button, input, select, summary, a")]
  .filter(node => node.checkVisibility({ visibilityProperty: true }))
  .map(node => [node, node.matches("[type=radio], [type=checkbox]") && node.closest("label")])
  .map(([node, label]) => [node, (label || node).getBoundingClientRect()])
  .filter(([, box]) => box.width && Math.min(box.width, box.height) < 24)
  .map(([node]) => `${root.className}: ${node.outerHTML}`))"""
WIDE = """roots => roots.filter(root => root.scrollWidth > root.clientWidth).map(root => {
  const { left, right } = root.getBoundingClientRect();
  const isOut = box => box.width && (box.left < left - 1 || box.right > right + 1);
  const out = [...root.querySelectorAll("*")].filter(node => isOut(node.getBoundingClientRect()));
  const all = out.map(node => `${node.localName}.${node.className}`);
  return `${root.className}, ${root.dir}: ${[...new Set(all)].join(", ")}`;
})"""

# Other tests answer by mouse and by keyboard; here only what is seen afterwards matters.
FAIL = """async (quizzes, [which, second]) => {
  const find = (node, selector) => [...node.querySelectorAll(selector)];
  for (const quiz of which.map(n => quizzes[n])) {
    if (!quiz.querySelector(".quiz-bar input")) continue; // it is answered
    const number = quiz.querySelector("input[inputmode=numeric]");
    if (number) {
      number.value = ["551", "250"][second];
      number.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (quiz.querySelector(".quiz-steps"))
      find(quiz, ".quiz-steps button:not([aria-disabled=true])")[1 + second].click();
    else if (quiz.querySelector(".quiz-sorting"))
      for (const row of find(quiz, ".quiz-sorting tbody tr")) find(row, "input")[second].click();
    else find(quiz, "fieldset input:enabled")[second].click();
    quiz.querySelector("button[type=submit]").click();
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
# Looking at contrast takes long: once at every text that looks, and lies on what looks, the same.
DISTINCT = """widgets => {
  const looks = new Set();
  for (const widget of widgets) for (const node of widget.querySelectorAll("*")) {
    if (![...node.childNodes].some(one => one.nodeType === 3 && one.data.trim())) continue;
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    const { color, font } = getComputedStyle(node);
    const look = [widget.className, node.localName, node.className, color, font];
    for (let on = node; on !== widget.parentNode; on = on.parentNode) {
      const { background, opacity } = getComputedStyle(on);
      look.push(background, opacity);
    }
    const size = looks.size;
    node.toggleAttribute("data-looked-at", looks.add(look.join()).size > size);
  }
}"""
# How many nodes of each widget have colours that axe-core could compare.
SEEN = """passes => {
  const counts = {};
  for (const { target } of passes[0].nodes) {
    const widget = document.querySelector(target.at(-1))?.closest(".smtpedu");
    const [, stem] = widget?.className.match(/smtpedu-(\\w+)/) ?? [];
    counts[stem] = (counts[stem] ?? 0) + 1;
  }
  return counts;
}"""
TONES = """root => ["s-2", "s-4", "s-5"].map(kind => {
  const node = root.appendChild(document.createElement("i"));
  Object.assign(node, { className: kind, style: "color: var(--smtp-tone)" });
  const { color } = getComputedStyle(node);
  node.remove();
  return color;
})"""
# Linear sRGB as people see it who lack one kind of cones: G. M. Machado, M. M. Oliveira and
# L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# IEEE TVCG 15 (2009), severity 1.0.
SIGHT = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
# IEC 61966-2-1: linear sRGB to CIE XYZ, and its white (D65).
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1.0, 1.08883)


def button(widget: Locator, name: str) -> Locator:
    return widget.get_by_role("button", name=name, exact=True)


# ---- states in which most of the parts are drawn ----


def play(players: Locator) -> None:
    button(players.first, "Next").press("End")
    button(players.first, "Highlight 250").first.click()
    button(players.nth(1), "Skip").click()


def compare(comparisons: Locator) -> None:
    unfold_all(comparisons)
    in_arabic(comparisons)
    unfold_all(comparisons)


def in_arabic(widgets: Locator) -> None:
    button(widgets.nth(1), "العربية").click()
    expect(widgets.nth(1)).to_have_attribute("dir", "rtl")


def talk(console: Locator) -> None:
    button(console, "Hint").first.click()
    paste(console, MAIL + "RCPT TO:<ann@example.test>\nDATA\nSubject: x\n")
    expect(console).to_contain_text("A line with only a dot")
    expect(console.locator(".s-turn")).to_have_count(12)


def ask(explorers: Locator) -> None:
    explorers.nth(0).get_by_role("button", name="Do not forward, but disclose it").click()
    explorers.nth(0).get_by_role("button", name="Ask a real server").click()
    expect(explorers.nth(0).locator(".policy-asked").first).to_be_visible()
    in_arabic(explorers)


def unfold_all(widgets: Locator) -> None:
    widgets.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    expect(widgets.locator("details:not([open])")).to_have_count(0)


def unfold(servers: Locator) -> None:
    in_arabic(servers)
    unfold_all(servers.nth(1))


def send(overviews: Locator) -> None:
    overviews.first.locator(".overview-who button").nth(1).click()
    expect(overviews.first.get_by_role("status")).to_contain_text("250")
    in_arabic(overviews)


def show_progress(reports: Locator) -> None:
    expect(reports.get_by_role("heading", name="What you may believe")).to_be_visible()


def answer(quizzes: Locator) -> None:
    expect(quizzes).to_have_count(2 * COUNT + 1)
    answered = range(COUNT, 2 * COUNT)
    answer_wrong(quizzes, [*answered, 2 * COUNT])
    for _ in range(COUNT - 1):
        go_on(quizzes.last)
        answer_wrong(quizzes, [2 * COUNT])
    go_on(quizzes.last)
    expect(quizzes.last.locator(".quiz-summary")).to_be_visible()
    unfold_all(quizzes.last)
    expect(quizzes.last.locator(".quiz-questions button")).to_have_count(COUNT)
    expect(quizzes.locator(".quiz-verdict")).to_have_count(COUNT)


def answer_wrong(quizzes: Locator, which: list[int]) -> None:
    """Answer wrong more often than not, and then once more."""
    for second in range(2):
        quizzes.evaluate_all(FAIL, [which, second])
    for n in which:
        expect(quizzes.nth(n).locator(".quiz-verdict")).to_be_visible()
        expect(quizzes.nth(n).locator(".quiz-bar input")).to_have_count(0)


def go_on(quiz: Locator) -> None:
    place = quiz.locator(".quiz-where").text_content() or ""
    quiz.locator("button[type=submit]").evaluate("button => button.click()")
    expect(quiz.locator(".quiz-where")).not_to_have_text(place)


USE: dict[str, Callable[[Locator], None]] = {
    "player": play,
    "comparison": compare,
    "explorer": in_arabic,
    "console": talk,
    "policy": ask,
    "servers": unfold,
    "overview": send,
    "progress": show_progress,
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


def seen_as(looks: list[tuple[str, int]]) -> pytest.MarkDecorator:
    """Run a test for each of these: a theme, and the width of the page."""
    names = [f"{theme}-{width}" for theme, width in looks]
    return pytest.mark.parametrize("looked_at", looks, ids=names, indirect=True)


@pytest.fixture(scope="module")
def looked_at(all_widgets: NotebookPage, request: pytest.FixtureRequest) -> NotebookPage:
    """The page as it is looked at; quizzes and progress are in Arabic where it is narrow."""
    theme, width = request.param
    all_widgets.look(theme, width)
    is_narrow = width == NARROW
    side = "collapseLeft" if is_narrow else "expandLeft"
    all_widgets.evaluate(f"app.shell.{side}();")
    all_widgets.settle()
    direction = "rtl" if is_narrow else "ltr"
    for stem in ("quiz", "progress"):
        widgets = all_widgets.page.locator(f".smtpedu-{stem}")
        widgets.evaluate_all(
            """(widgets, direction) => widgets.filter(one => one.dir !== direction)
              .forEach(one => one.querySelector("button[lang]").click())""",
            direction,
        )
        turned = all_widgets.page.locator(f".smtpedu-{stem}[dir={direction}]")
        expect(turned).to_have_count(widgets.count())
    return all_widgets


@seen_as(WIDTHS)
def test_axe_finds_nothing(looked_at: NotebookPage) -> None:
    """But it does not count that two widgets have parts of one name."""
    but = {"color-contrast": {"enabled": False}}
    results = looked_at.axe_results(".smtpedu", rules=but)
    found = looked_at.page.evaluate(ALIKE, results["violations"])
    assert [f"{rule} at {node['target'][-1]}: {node['html']}" for rule, node in found] == []


@seen_as(LOOKS)
def test_every_text_has_contrast(looked_at: NotebookPage) -> None:
    page = looked_at.page
    page.locator(".smtpedu").evaluate_all(DISTINCT)
    results = looked_at.axe_results("[data-looked-at]", runOnly=["color-contrast"])
    assert results["violations"] == []
    counts = page.evaluate(SEEN, results["passes"])
    assert {stem: counts.get(stem, 0) for stem in STEMS if counts.get(stem, 0) < 10} == {}
    assert sum(counts.values()) > 300


@seen_as(WIDTHS)
def test_targets_are_large_enough(looked_at: NotebookPage) -> None:
    assert looked_at.page.locator(".smtpedu").evaluate_all(SMALL) == []


@seen_as(WIDTHS)
def test_widgets_fit_into_any_width(looked_at: NotebookPage) -> None:
    widgets = looked_at.page.locator(".smtpedu")
    expect(widgets).to_have_count(2 * COUNT + 1 + len(CELLS))
    assert widgets.evaluate_all(WIDE) == []


# ---- colours that others see ----


def times(matrix: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix]


def seen(colour: str, sight: str) -> list[float]:
    """A colour in CIE Lab, as somebody sees it."""
    srgb = [float(value) for value in re.findall(r"[\d.]+", colour.removeprefix("color(srgb"))]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in srgb]
    shown = [min(1.0, max(0.0, v)) for v in times(SIGHT[sight], linear)]
    xyz = [v / white for v, white in zip(times(TO_XYZ, shown), WHITE, strict=True)]
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in xyz)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chips_differ_for_who_sees_no_red_or_no_green(
    all_widgets: NotebookPage, theme: str
) -> None:
    """How far apart the colours are in Lab (CIE 1976); temporary and final differ by line, too."""
    all_widgets.look(theme, 1280)
    colours = all_widgets.page.locator(".smtpedu").first.evaluate(TONES)
    for sight in SIGHT:
        two, four, five = (seen(colour, sight) for colour in colours)
        distances = (math.dist(two, five), math.dist(two, four), math.dist(four, five))
        assert [d > least for d, least in zip(distances, (30, 30, 15), strict=True)] == [True] * 3


# ---- keys ----


@pytest.mark.parametrize("stem", STEMS)
def test_tab_leads_into_a_widget_whose_keys_change_no_cell(
    all_widgets: NotebookPage, stem: str
) -> None:
    """What would delete the cell (`d d`), or add one (`a`, `b`), is only a key in here."""
    lab, page = all_widgets, all_widgets.page
    before = lab.cell_ids()
    lab.evaluate(
        f"""const isHere = ({{ node }}) => node.querySelector(".smtpedu-{stem}");
        panel.content.activeCellIndex = panel.content.widgets.findIndex(isHere);
        panel.content.mode = "command";
        panel.content.activate();"""
    )
    inside = page.locator(f".smtpedu-{stem} :focus")
    for _ in range(12):
        if inside.count():
            break
        page.keyboard.press("Tab")
    expect(inside).to_have_count(1)
    for focused in (inside.first, page.locator(f".smtpedu-{stem}").first):
        focused.focus()
        for key in "ddab":
            page.keyboard.press(key)
    lab.settle()
    assert lab.cell_ids() == before
