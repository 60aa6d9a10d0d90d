"""The session player in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

MIXED = "import smtpedu as smtp\nplayer = smtp.session('mixed-recipients').play()\nplayer"
PREDICT = "import smtpedu as smtp\nsmtp.session('moved-refused').play(predict=True)"


def button(player: Locator, name: str) -> Locator:
    return player.get_by_role("button", name=name, exact=True)


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells), **size)
    lab.run_all()
    player = lab.page.locator(".smtpedu-player")
    expect(player.first).to_be_visible()
    return player


def test_steps_by_buttons_and_keys(lab: NotebookPage, page_errors: list[str]) -> None:
    player = opened(lab, MIXED)
    shown = player.locator(".turn .said:visible")
    expect(shown).to_have_count(1)
    button(player, "Next").click()
    expect(shown).to_have_count(2)
    button(player, "Next").press("ArrowRight")
    lab.page.keyboard.press("ArrowDown")
    expect(shown).to_have_count(4)
    lab.page.keyboard.press("ArrowLeft")
    expect(shown).to_have_count(3)
    lab.page.keyboard.press("End")
    expect(shown).to_have_count(19)
    expect(player).to_contain_text("the server, for every accepted recipient")
    shown.nth(8).click()
    expect(shown).to_have_count(9)
    expect(player.locator("dl")).to_contain_text("<carol@new.example>")
    lab.page.keyboard.press("Home")
    expect(shown).to_have_count(0)
    assert page_errors == []


def test_plays_and_pauses(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    button(player, "Play").click()
    expect(player.locator(".turn .said:visible")).to_have_count(3)
    button(player, "Pause").click()
    expect(button(player, "Play")).to_be_visible()


def test_predict_mode_hides_judges_and_remembers(lab: NotebookPage) -> None:
    player = opened(lab, PREDICT)
    expect(player.get_by_text("5.1.6")).to_be_hidden()
    group = player.get_by_role("group", name="What will the server say?")
    group.get_by_role("radio", name="220").focus()
    lab.page.keyboard.press("Space")
    lab.page.keyboard.press("Enter")
    expect(player.locator(".verdict:visible")).to_have_text("Right: 220.")
    # The keyboard goes on where it was: the focus is on Next.
    expect(button(player, "Next")).to_be_focused()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("End")
    expect(player.locator(".turn .said:visible")).to_have_count(2)
    group.get_by_role("radio", name="550").check()
    button(player, "Check").click()
    expect(player.locator(".verdict.wrong")).to_contain_text("You said 550; the server says 250.")
    expect(player).to_contain_text("1 of 2 predicted right")
    button(player, "Back").click()
    button(player, "Next").click()
    expect(player.locator(".verdict.wrong")).to_be_visible()
    button(player, "Next").click()
    button(player, "Skip").click()
    expect(player.locator(".verdict:visible").last).to_have_text("You passed on this one.")
    button(player, "Predict again").click()
    expect(player.locator(".turn .said:visible")).to_have_count(0)
    expect(group.get_by_role("radio", name="220")).to_be_visible()


def test_highlight_counts_what_each_250_promised(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    button(player, "End").click()
    player.get_by_label("Highlight").select_option("250")
    expect(player.locator(".turn.marked")).to_have_count(4)
    rows = player.locator("tbody tr")
    assert [row.split("\t")[:2] for row in rows.all_inner_texts()] == [
        ["EHLO", "1"],
        ["MAIL", "1"],
        ["RCPT", "1"],
        ["the end of the message", "1"],
    ]


def test_keys_stay_inside(lab: NotebookPage) -> None:
    """JupyterLab's `d d`, `b`, `a`, `x` would delete and add cells."""
    player = opened(lab, MIXED, "1 + 1")
    cells = lab.cell_ids()
    focused = [button(player, "Next"), button(player, "End"), player.get_by_label("Step")]
    for control in [*focused, player.get_by_label("Predict each reply")]:
        control.focus()
        for key in "ddbaxz":
            lab.page.keyboard.press(key)
    # A click on mere text, and then the same keys.
    player.get_by_role("heading", name="The envelope").click()
    for key in ["ArrowRight", *"ddbaxz"]:
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.cell_ids() == cells and len(cells) == 2


def test_focus_stays_inside_when_its_turn_is_hidden(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    button(player, "End").click()
    shown = player.locator(".turn .said:visible")
    shown.nth(8).click()
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("ArrowLeft")
    expect(shown).to_have_count(7)
    for key in "ddb":
        lab.page.keyboard.press(key)
    assert lab.cell_count() == 1


def test_saving_by_keyboard_works_from_inside(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    button(player, "Next").click()
    button(player, "Next").press("ControlOrMeta+s")
    lab.page.wait_for_function(
        "path => [...window.jupyterapp.shell.widgets('main')]"
        ".find(widget => widget.context?.path === path).context.model.dirty === false",
        arg=lab.path,
    )
    assert "widgets" in lab.saved().metadata


def test_two_views_follow_each_other(lab: NotebookPage) -> None:
    player = opened(lab, MIXED, "player")
    button(player.nth(0), "End").click()
    expect(player.nth(1).locator(".turn .said:visible")).to_have_count(19)
    player.nth(1).get_by_label("Highlight").select_option("551")
    expect(player.nth(0).locator(".turn.marked")).to_have_count(1)


def test_python_keeps_the_record(lab: NotebookPage) -> None:
    player = opened(lab, MIXED, "print(player.step, player.guesses)")
    player.get_by_label("Predict each reply").check()
    button(player, "Next").click()
    player.get_by_role("radio", name="250").check()
    button(player, "Check").click()
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("3 {'3': 250}")


def test_hostile_transcript_is_shown_as_text(lab: NotebookPage, page_errors: list[str]) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    dialogue = f"S: 220 {hostile}\\nC: {hostile}\\nS: 500 {hostile}"
    code = f"import smtpedu as smtp\nsmtp.annotate('{dialogue}')"
    player = opened(lab, code)
    button(player, "End").click()
    expect(player.locator(".turn .said:visible").nth(1)).to_contain_text(hostile)
    assert player.locator("img, script").count() == 0
    assert page_errors == []


def test_arabic_runs_from_right_to_left(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    player.get_by_role("button", name="العربية").click()
    expect(player).to_have_attribute("dir", "rtl")
    expect(player.get_by_role("button", name="English")).to_be_focused()
    shown = player.locator(".turn .said:visible")
    player.get_by_role("button", name="التالي").press("ArrowLeft")
    expect(shown).to_have_count(2)
    ends = player.locator(".ends span")
    assert ends.nth(0).bounding_box()["x"] > ends.nth(1).bounding_box()["x"]
    assert (
        player.locator(".said bdi").first.evaluate("node => getComputedStyle(node).direction")
        == "ltr"
    )


def test_what_was_left_out_of_a_paste_is_said_below_it(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    paste = "Connecting\\n<-  220-mx <b>a</b>\\n -> EHLO x\\n<** 551 not our user\\nbye\\n"
    player = opened(lab, f"import smtpedu as smtp\nsmtp.annotate('{paste}').play()")
    expect(player).to_contain_text("Row 1, 5: left out, as neither client nor server said it.")
    expect(player).to_contain_text("Row 2: the reply that begins here has no end")
    expect(player.locator("b").get_by_text("a", exact=True)).to_have_count(0)
    assert page_errors == []
