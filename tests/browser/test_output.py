"""What draws an output, when files of the extension come late, not at once, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
from playwright.sync_api import expect

from smtpedu.widgets.shared import MIME

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

PLAYER = "import smtpedu as smtp\nsmtp.session('mixed-recipients').play()"
EXPLORER = "import smtpedu as smtp\nsmtp.explorer()"
UPDATED = """import smtpedu as smtp
from IPython.display import display
shown = display(smtp.session("mixed-recipients").play(), display_id=True)
for name in ("all-accepted", "moved-refused"):
    shown.update(smtp.session(name).play())"""

FOREIGN = r"""import smtpedu as smtp
from IPython.display import HTML, Markdown, display
from smtpedu.questions.items import Item, Option
from smtpedu.questions.quiz import only
maths = r"$x$ $$x$$ \(x\) \[x\] \begin{equation}x\end{equation} \ref{x}"
asked = Item("one", "choice", maths, (Option(maths, maths, True), Option("b", "b")))
display(HTML(only(asked).to_html()), HTML(smtp.compare(250, 551).to_html()))
display(HTML(smtp.explain("551 5.1.6 try <b\u202e\u2067x@c.example>").to_html()))
Markdown("$z$")"""
# Where each letter of a text is seen, from left to right.
SEEN = """node => {
  const range = document.createRange();
  const at = n => {
    range.setStart(node, n);
    range.setEnd(node, n + 1);
    return range.getBoundingClientRect();
  };
  return [...node.data].map((one, n) => [at(n), one]).sort(([a], [b]) => a.top - b.top || a.x - b.x)
    .map(([, one]) => one).join("");
}"""


def test_foreign_text_in_plain_html_is_no_mathematics_and_turns_nothing(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    lab.open(lab.notebook([FOREIGN]))
    lab.run_all()
    # JupyterLab has set the one formula that is one.
    expect(lab.page.locator("mjx-container, .MathJax")).to_have_text(["z"])
    asked, _, explained = lab.output(0).locator("section").all()
    expect(asked.locator("li").first).to_contain_text(r"$x$ $$x$$ \(x\) \[x\] \begin{equation}x")
    expect(explained).to_contain_text(r"<b\u202e\u2067x@c.example>")
    for text in explained.locator("h2, h3, p, li").all():
        node = text.evaluate_handle("one => one.lastChild")
        if node.evaluate("one => one.nodeType === Node.TEXT_NODE && one.data.trim().length > 0"):
            assert node.evaluate(SEEN).strip() == node.evaluate("one => one.data").strip()
    assert page_errors == []


CODE = "data:text/javascript,globalThis.pwn=1;export default{render(){}}//"


def test_output_of_somebody_brings_no_code(lab: NotebookPage) -> None:
    """In a notebook that is not trusted, and before anything is run: its text is shown."""
    kinds = (CODE, "http://elsewhere.test/code?", "../../../../files/code", "/files/code?")
    outputs = [
        nbformat.v4.new_output(
            "display_data", {MIME: {"language": "en", kind: {}}, "text/html": f"<p>text {n}</p>"}
        )
        for n, kind in enumerate(kinds)
    ]
    (lab.server.root / "files").mkdir(exist_ok=True)
    for folder in (lab.server.root, lab.server.root / "files"):
        (folder / "code").write_text("globalThis.pwn = 2; export default {};")
    lab.open(lab.notebook([nbformat.v4.new_code_cell("1", outputs=[one]) for one in outputs]))
    for n in range(len(kinds)):
        expect(lab.output(n)).to_contain_text(f"text {n}")
    assert lab.page.evaluate("globalThis.pwn") is None
    assert lab.outside == []


def test_output_that_changes_while_it_is_drawn_holds_one_widget(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    """The code is still to come when the cell is run."""
    lab.open(lab.notebook([UPDATED]))
    lab.reload()
    lab.run_all()
    expect(lab.page.locator(".smtpedu-player h3")).to_have_text(["Session moved-refused"])
    lab.settle()
    expect(lab.page.locator(".smtpedu-player")).to_have_count(1)
    assert page_errors == []


def test_file_that_did_not_come_is_asked_for_again(lab: NotebookPage) -> None:
    """Until then an output is the page that it holds as text, or a widget without its style."""
    for name in ("strings.json", "player.js", "style.css"):
        lab.open(lab.notebook([PLAYER, EXPLORER]))
        lab.page.route(f"**/{name}", lambda route: route.abort())
        lab.reload()
        lab.run_cell(0)
        first = lab.output(0)
        expect(first.get_by_role("heading", name="Session mixed-recipients")).to_be_visible()
        lab.page.unroute(f"**/{name}")
        lab.run_cell(1)
        explorer = lab.output(1).locator(".smtpedu-explorer")
        expect(explorer).to_have_css("border-radius", "8px")
        lab.run_cell(0)
        player = first.locator(".smtpedu-player")
        player.get_by_role("button", name="Next", exact=True).click()
        expect(player).to_contain_text("Step 2 of 19")
