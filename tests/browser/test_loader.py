"""Where no extension draws the output (VS Code, Colab, Voila): the widget view asks Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

import smtpedu as smtp
from smtpedu.widgets.page import content

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOADER = (content.WIDGETS / "page" / "loader.js").read_text("utf-8")
# What anywidget gives a view: a model whose custom messages Python answers.
START = """async ([loader, widgets]) => {
  const address = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  const { default: view } = await import(address);
  for (const traits of widgets) {
    const listeners = [];
    const model = {
      get: name => traits[name],
      on: (name, listener) => listeners.push([name, listener]),
      off: (_, listener) =>
        listeners.splice(listeners.findIndex(([, one]) => one === listener), 1),
      send: async said => {
        const answers = await window.python(traits.id, said);
        for (const answer of answers)
          for (const [name, listener] of [...listeners])
            if (name === "msg:custom") listener(answer);
      },
    };
    view.render({ model, el: document.body.appendChild(document.createElement("div")) });
  }
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_loader_asks_for_the_code_once_and_draws_every_widget(page: Page) -> None:
    made = [
        smtp.session("mixed-recipients").play(),
        smtp.session("mixed-recipients").play(predict=["RCPT"]),
        smtp.compare(250, 551).widget(),
        smtp.quiz("250-vs-551").widget(),
    ]
    living = {widget.model_id: widget for widget in made}
    asked: list[dict[str, object]] = []

    def python(name: str, said: dict[str, object]) -> list[object]:
        asked.append(said)
        answers: list[object] = []
        living[name].heard(said, answers.append)
        return json.loads(json.dumps(answers))

    page.expose_function("python", python)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("about:blank")
    traits = [{"id": w.model_id, "data": w.data, "_silent": w._silent} for w in made]
    page.evaluate(START, [LOADER, traits])
    expect(page.locator(".smtpedu")).to_have_count(len(made))
    assert [said["load"] for said in asked if "load" in said].count("code") == 1
    player = page.locator(".smtpedu-player").first
    player.get_by_role("button", name="Next", exact=True).click()
    expect(player.get_by_text("Step 2 of 19")).to_be_visible()
    assert made[0].step == 2
    border = page.locator(".smtpedu-comparison").evaluate(
        "node => getComputedStyle(node).borderRadius"
    )
    assert border == "8px", "its sheet is there"
    assert errors == []
