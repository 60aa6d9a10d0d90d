"""The session player in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

from smtpedu.learner.store import Store

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

MIXED = "import smtpedu as smtp\nplayer = smtp.session('mixed-recipients').play()\nplayer"
EVERY = "['connect', 'EHLO', 'MAIL', 'RCPT', 'RSET', 'QUIT']"
PREDICT = f"import smtpedu as smtp\nsmtp.session('moved-refused').play(predict={EVERY})"


def button(player: Locator, name: str) -> Locator:
    return player.get_by_role("button", name=name, exact=True)


def turns(player: Locator) -> Locator:
    return player.locator("button.s-said:visible")


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells), **size)
    lab.run_all()
    player = lab.page.locator(".smtpedu-player")
    expect(player.first).to_be_visible()
    return player


def test_steps_by_buttons_and_keys_and_by_itself(lab: NotebookPage, page_errors: list[str]) -> None:
    player = opened(lab, MIXED)
    shown = turns(player)
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
    rail = "Responsible for the message now: the server, for every accepted recipient"
    expect(player.get_by_role("img", name=rail)).to_be_visible()
    expect(player.locator(".s-outside")).to_contain_text("<bob@new.example>")
    button(player, "+5 more lines").click()
    more = player.get_by_text("250-SIZE 1000000")
    expect(more).to_be_visible()
    lab.page.keyboard.press("Home")
    lab.page.keyboard.press("End")
    expect(more).to_be_visible()
    shown.nth(8).click()
    expect(shown).to_have_count(9)
    expect(player.locator(".s-envelope")).to_contain_text("<carol@new.example>")
    expect(player.locator(".s-outside")).to_be_hidden()
    lab.page.keyboard.press("Home")
    expect(shown).to_have_count(0)
    button(player, "Play").click()
    expect(shown).to_have_count(2)
    button(player, "Pause").click()
    expect(button(player, "Play")).to_be_visible()
    assert page_errors == []


def test_what_is_opened_under_the_last_turn_comes_into_view(lab: NotebookPage) -> None:
    player = opened(lab, MIXED, height=500)
    button(player, "Next").press("End")
    button(player, "Highlight 221").click()
    promised = player.locator(".s-under p").last
    expect(promised).to_be_visible()
    lab.settle()
    end, box = (one.bounding_box() for one in (promised, player.locator(".s-rungs")))
    assert end["y"] + end["height"] <= box["y"] + box["height"] + 1


def test_the_map_is_pressed_dragged_and_moved_by_keys(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    line = player.get_by_role("slider", name="Step")
    line.get_by_text("551", exact=True).click()
    expect(line).to_have_attribute("aria-valuetext", "Step 11 of 19, Server: 551")
    line.get_by_text("220", exact=True).drag_to(line.get_by_text("354", exact=True))
    expect(turns(player)).to_have_count(15)
    for key, count in (("ArrowLeft", 14), ("ArrowUp", 15), ("End", 19), ("Home", 0)):
        line.press(key)
        expect(turns(player)).to_have_count(count)


def test_predict_mode_hides_judges_and_remembers(lab: NotebookPage) -> None:
    player = opened(lab, PREDICT)
    expect(player.get_by_text("5.1.6")).to_be_hidden()
    group = player.get_by_role("group", name="What will the server say?")
    verdict = player.locator(".player-verdict")
    group.get_by_role("button", name="220").press("ArrowDown")  # passes over nothing
    lab.page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Right: 220.")
    # The keyboard goes on where it was: the focus is on Next.
    expect(button(player, "Next")).to_be_focused()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("End")
    expect(turns(player)).to_have_count(2)
    lab.page.keyboard.press("4")
    expect(verdict).to_contain_text("You said 550. A server may say that here, and it would")
    expect(verdict).to_contain_text("This server said 250: The session is open")
    expect(player).to_contain_text("1 of 2 right")
    button(verdict, "Predict again").click()
    expect(group.get_by_role("button").first).to_be_focused()
    group.get_by_role("button", name="220").click()
    button(player, "Back").click()
    button(player, "Next").click()
    expect(verdict).to_contain_text("You said 220, but the server said 250.")
    expect(verdict).to_contain_text("Why not 220: 220 opens a connection, before any command.")
    button(player, "Next").click()
    button(player, "Skip").click()
    expect(verdict).to_contain_text("You skipped this one.")
    expect(player.locator(".s-behind .s-code:visible")).to_have_text("220")
    button(player, "Predict all again").click()
    expect(turns(player)).to_have_count(0)
    expect(group.get_by_role("button", name="220")).to_be_visible()


def test_only_the_replies_that_are_asked_for_are_predicted(lab: NotebookPage) -> None:
    player = opened(lab, MIXED.replace("play()", "play(predict=['rcpt'])"))
    expect(player.get_by_role("checkbox", name="Predict each reply to RCPT")).to_be_checked()
    button(player, "Next").press("End")
    expect(turns(player)).to_have_count(6)
    expect(player.get_by_role("slider").get_by_text("?", exact=True)).to_have_count(4)


def test_it_is_said_that_a_prediction_is_not_stored_and_how_long(
    lab: NotebookPage, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.touch()  # a file, where the folder of the answers should be
    set_path = f"import os\nos.environ['SMTPEDU_PROGRESS'] = '{home}/progress.sqlite3'"
    player = opened(lab, f"{set_path}\n{PREDICT}")
    note = player.locator(".s-note")
    expect(note).to_be_hidden()
    keys = player.locator(".player-keys button")
    keys.first.click()
    expect(note).to_contain_text(
        "What you predict here is not stored yet; the next prediction tries it again. "
        f"The file of your answers, {home}/progress.sqlite3, cannot be used"
    )
    home.unlink()
    button(player, "Next").click()
    keys.first.click()
    expect(note).to_be_hidden()
    assert len(Store(home / "progress.sqlite3").attempts()) == 2


def test_highlight_shows_what_each_250_promised_in_each_view(lab: NotebookPage) -> None:
    other, player = opened(lab, MIXED, "player").all()
    button(other, "Next").press("End")
    promises = player.locator(".s-under p")
    button(player, "Highlight 221").press("ArrowUp")
    lab.page.keyboard.press("Enter")
    expect(promises).to_have_count(4)
    assert len(set(promises.all_inner_texts())) == 4
    expect(button(player, "Highlight 250").last).to_have_attribute("aria-pressed", "true")
    expect(player.get_by_role("status")).to_contain_text("What each 250 said")
    # The other output hears of it from Python.
    expect(button(other, "Highlight 250").last).to_have_attribute("aria-pressed", "true")
    button(other, "Highlight 250").first.click()
    expect(promises).to_have_count(0)


def test_keys_stay_inside(lab: NotebookPage) -> None:
    """JupyterLab's `d d`, `b`, `a`, `x` would delete and add cells."""
    player = opened(lab, MIXED, "1 + 1")
    cells = lab.cell_ids()
    focused = [button(player, "Next"), button(player, "Play"), player.get_by_role("slider")]
    for control in [*focused, player.get_by_label("Predict each reply")]:
        control.focus()
        for key in "ddbaxz":
            lab.page.keyboard.press(key)
    # A turn that has the focus and is hidden; a click on mere text; and then the same keys.
    button(player, "Next").click()
    turns(player).last.press("ArrowLeft")
    lab.page.keyboard.type("ddb")
    player.get_by_role("heading", name="The envelope").click()
    for key in ["ArrowRight", *"ddbaxz"]:
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.cell_ids() == cells and len(cells) == 2


def test_saving_by_keyboard_works_from_inside(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    button(player, "Next").click()
    button(player, "Next").press("ControlOrMeta+s")
    lab.page.wait_for_function(
        "path => [...window.jupyterapp.shell.widgets('main')]"
        ".find(widget => widget.context?.path === path).context.model.dirty === false",
        arg=lab.path,
    )
    assert "widgets" not in lab.saved().metadata  # nothing of the widget but its output


def test_python_keeps_the_record(lab: NotebookPage) -> None:
    kept = "from smtpedu.learner.store import store\nlast = store().attempts()[-1]\n"
    player = opened(lab, MIXED, f"{kept}print(player.step, player.guesses, last.item, last.role)")
    player.get_by_label("Predict each reply between hello and bye").check()
    button(player, "Next").press("End")  # the replies to `connect` and EHLO are not asked
    expect(turns(player)).to_have_count(4)
    lab.page.keyboard.press("1")
    lab.run_cell(1)
    said = "5 {'5': 250} player:mixed-recipients:5 prediction"
    expect(lab.output(1)).to_contain_text(said)


def test_hostile_transcript_is_shown_as_text(lab: NotebookPage, page_errors: list[str]) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    dialogue = f"S: 220 {hostile}\\nC: {hostile}\\nS: 500 {hostile}"
    player = opened(lab, f"import smtpedu as smtp\nsmtp.annotate('{dialogue}')")
    button(player, "Next").press("End")
    expect(turns(player).nth(1)).to_contain_text(hostile)
    assert player.locator("img, script").count() == 0
    assert page_errors == []


def test_arabic_runs_from_right_to_left(lab: NotebookPage) -> None:
    player = opened(lab, MIXED)
    player.get_by_role("button", name="العربية").click()
    expect(player).to_have_attribute("dir", "rtl")
    expect(player.get_by_role("button", name="English")).to_be_focused()
    player.get_by_role("button", name="التالي").press("End")
    expect(turns(player)).to_have_count(19)
    ends = player.locator(".s-ends span")
    assert ends.nth(0).bounding_box()["x"] > ends.nth(1).bounding_box()["x"]
    # The codes are a column here, too.
    chips = player.locator(".s-rungs .s-code").evaluate_all(
        "nodes => nodes.map(node => Math.round(node.getBoundingClientRect().right))"
    )
    assert len(set(chips)) == 1


def test_what_was_left_out_of_a_paste_is_said_below_it(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    paste = "Connecting\\n<-  220-mx <b>a</b>\\n -> EHLO x\\n<** 551 not our user\\nbye\\n"
    player = opened(lab, f"import smtpedu as smtp\nsmtp.annotate('{paste}').play()")
    expect(player).to_contain_text("Row 1, 5: left out, as neither client nor server said it.")
    expect(player).to_contain_text("Row 2: the reply that begins here has no end")
    expect(player.locator("b").get_by_text("a", exact=True)).to_have_count(0)
    assert page_errors == []
