"""The quiz in a real JupyterLab: by keyboard, twice, after a crash, as an exam."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Locator, expect

from smtpedu.learner.store import Attempt, Store
from smtpedu.questions.bank import bank
from smtpedu.questions.items import Item
from smtpedu.questions.toml_files import load

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage
    from .jupyterlab_server import Server

KINDS = Path(__file__).parents[1] / "questions" / "kinds.toml"
ITEMS = {item.id: item for item in load(KINDS)}
CELL = """import os
from pathlib import Path
from smtpedu.questions.toml_files import load
import smtpedu as smtp
os.environ["SMTPEDU_PROGRESS"] = {store!r}
items = {{item.id: item for item in load(Path({kinds!r}))}}
smtp.quiz([items[name] for name in {names!r}]{options})"""
OPEN = """async path => {
  await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
}"""
PID = "print(os.getpid())"
FIRST = "input:not([type=text]), .quiz-steps button:not([aria-disabled=true])"
LONG = """[[question]]
id = "long"
kind = "point"
stem = "Which line takes the message?"
otherwise = "This line does not."
why = "It answers the final dot."
transcript = '''
S: 220 mail.example.test
{recipients}
S: 250 2.0.0 Queued
'''
[[question.options]]
line = {last}
right = true
feedback = "Yes."
[[question.options]]
line = 2
feedback = "No: this is a recipient."
"""


@pytest.fixture
def answers(tmp_path: Path) -> Store:
    """The store that the quizzes of a test write to."""
    return Store(tmp_path / "progress.sqlite3")


def cell(answers: Store, *names: str, options: str = "") -> str:
    found = names or tuple(ITEMS)
    return CELL.format(store=str(answers.path), kinds=str(KINDS), names=found, options=options)


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells), **size)
    lab.run_all()
    quiz = lab.page.locator(".smtpedu-quiz")
    expect(quiz.first).to_be_visible()
    return quiz


def button(quiz: Locator, name: str) -> Locator:
    return quiz.get_by_role("button", name=name, exact=True)


def press(quiz: Locator, *keys: str) -> None:
    for key in keys:
        quiz.page.keyboard.press(key)


def option(quiz: Locator, text: str) -> Locator:
    return quiz.locator("label", has_text=text).locator("input")


def said_of(quiz: Locator, text: str) -> Locator:
    """What is told of an option, in it."""
    return quiz.locator(".quiz-option", has_text=text).first


def verdict(quiz: Locator) -> Locator:
    return quiz.get_by_role("region", name="What your answer means")


def summary_of(quiz: Locator) -> Locator:
    return quiz.locator(".quiz-summary")


def result(quiz: Locator) -> Locator:
    return summary_of(quiz).locator("h4").first


def to_number(quiz: Locator) -> Locator:
    """The way to the question that is answered by a number, from the end."""
    questions = summary_of(quiz).locator("details").last
    if not questions.evaluate("(node) => node.open"):
        questions.locator("summary").press("Enter")
    return questions.get_by_role("button").filter(has_text="user is not local, but")


def aloud(quiz: Locator) -> Locator:
    return quiz.locator("> .quiz-aloud")


def place(quiz: Locator) -> Locator:
    return quiz.locator(".quiz-where")


def to(quiz: Locator, number: int) -> Locator:
    """The button of a question in the strip."""
    return quiz.get_by_role("button", name=f"Question {number}: ")


def stored(answers: Store, count: int, page: Any) -> list[Attempt]:
    """The attempts in the store once there are so many."""
    for _ in range(300):
        if len(answers.attempts()) >= count:
            break
        page.wait_for_timeout(50)
    found = answers.attempts()
    assert len(found) == count
    return found


def write(lab: NotebookPage, index: int, source: str) -> None:
    lab.evaluate(f"panel.content.model.sharedModel.cells[{index}].setSource({json.dumps(source)});")


JOURNAL = "Object.keys(localStorage).filter((key) => key.startsWith('smtpedu:'))"


def journal(quiz: Locator) -> list[str]:
    """The keys of the answers that wait in the browser."""
    return quiz.page.evaluate(JOURNAL)


# ---- every kind, by keyboard alone ----


def arrows(quiz: Locator, wanted: str) -> None:
    """Choose a radio button with the arrow keys."""
    press(quiz, "Tab", "Space")
    for _ in range(20):
        if option(quiz, wanted).is_checked():
            return
        press(quiz, "ArrowDown")
    raise AssertionError(wanted)


def tick_several(quiz: Locator) -> None:
    press(quiz, "Tab")
    for text in quiz.locator(".quiz-option").all_inner_texts():
        press(quiz, *(["Tab"] if "452" in text else ["Space", "Tab"]))
    press(quiz, "Shift+Tab")


def move_steps(quiz: Locator) -> None:
    """Bring each step up to its place; the focus stays on the button that moves it."""
    for place, text in enumerate(("EHLO", "MAIL", "RCPT", "DATA")):
        step = quiz.locator(".quiz-steps > li", has_text=text)
        up = step.get_by_role("button").first
        up.focus()
        while (now := step.locator(".quiz-place").inner_text()) != str(place + 1):
            press(quiz, "Enter" if place % 2 else "ArrowUp")
            expect(up).to_be_focused()
            said = f"now {int(now) - 1} of 4"
            expect(aloud(quiz)).to_contain_text(said)
    button(quiz, "Check").focus()


def sort_things(quiz: Locator) -> None:
    nothing, recipient, message = ITEMS["classify"].classes
    groups = {"EHLO": nothing, "RCPT": recipient, "final dot": message, "NOOP": nothing}
    for text in quiz.get_by_role("rowheader").all_inner_texts():
        wanted = next(group for name, group in groups.items() if name in text)
        press(quiz, "Tab", "Space")
        row = quiz.get_by_role("row").filter(has_text=text)
        while not row.get_by_label(wanted.replace("`", "")).is_checked():
            press(quiz, "ArrowDown")


def type_number(quiz: Locator) -> None:
    press(quiz, "Tab")
    quiz.page.keyboard.type("251")


RIGHT = {
    "choice": lambda quiz: arrows(quiz, "The client"),
    "choices": tick_several,
    "number": type_number,
    "order": move_steps,
    "point": lambda quiz: arrows(quiz, "2.0.0 Queued"),
    "predict": lambda quiz: arrows(quiz, "250 2.0.0 Ok"),
    "classify": sort_things,
    "diagnose": lambda quiz: arrows(quiz, "before MAIL"),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_each_kind_is_answered_by_keyboard_alone(
    lab: NotebookPage, answers: Store, page_errors: list[str], kind: str
) -> None:
    quiz = opened(lab, cell(answers, kind))
    quiz.locator("fieldset").focus()
    RIGHT[kind](quiz)
    press(quiz, "Enter")
    expect(verdict(quiz)).to_contain_text(ITEMS[kind].why.replace("`", ""))
    expect(aloud(quiz)).to_contain_text("Right")
    expect(button(quiz, "To the summary")).to_be_focused()
    press(quiz, "Enter")
    expect(result(quiz)).to_have_text("1 of 1 right")
    expect(result(quiz)).to_be_focused()
    (attempt,) = stored(answers, 1, lab.page)
    assert (attempt.item, attempt.right, attempt.guessed, attempt.hints) == (kind, True, False, 0)
    assert page_errors == []


def test_nothing_chosen_is_told_and_nothing_is_sent(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choice", "classify", "number"))
    for _ in range(3):
        button(quiz, "Check").press("Enter")
        expect(quiz.locator(".quiz-note")).to_contain_text("first")
        button(quiz, "Skip").click()
    expect(result(quiz)).to_have_text("0 of 3 finished")
    expect(summary_of(quiz)).to_contain_text("3 not finished yet")
    expect(summary_of(quiz)).not_to_contain_text("right")
    button(quiz, "Go on with what is open").click()
    expect(place(quiz)).to_contain_text("Question 1 of 3")
    assert answers.attempts() == []


# ---- feedback ----


def test_learner_who_believes_551_is_relay_denied(lab: NotebookPage, answers: Store) -> None:
    """Wrong, a second try, right; pictures and the summary answer the belief."""
    quiz = opened(lab, cell(answers, "choice"))
    scene = quiz.get_by_role("complementary", name="Where the message is")
    button(quiz, "Hint").press("Enter")
    expect(quiz.locator(".quiz-hint")).to_contain_text("Look at the first digit")
    expect(scene).to_have_count(0)
    option(quiz, "relaying is denied").focus()
    press(quiz, "Space", "Enter")
    expect(said_of(quiz, "relaying is denied")).to_contain_text("This is no refusal to relay")
    expect(said_of(quiz, "relaying is denied")).to_contain_text("your first try")
    expect(quiz.locator(".quiz-tag")).to_have_count(1)  # of the others nothing is told
    expect(aloud(quiz)).to_contain_text("Not yet: try once more")
    expect(verdict(quiz)).not_to_contain_text("only a suggestion")
    expect(scene).to_contain_text("What you said: that would be 550")
    expect(scene).not_to_contain_text("What happens")
    expect(option(quiz, "relaying is denied")).to_be_disabled()
    expect(quiz.locator("fieldset input:enabled").first).to_be_focused()
    option(quiz, "The client").focus()
    press(quiz, "Space")
    quiz.get_by_label("I am guessing").check()
    press(quiz, "Enter")
    expect(verdict(quiz)).to_contain_text("Right, at the second try")
    expect(verdict(quiz)).to_contain_text("only a suggestion")
    expect(said_of(quiz, "The client")).to_contain_text("your second try")
    expect(scene.get_by_role("img")).to_have_count(2)
    expect(scene).to_contain_text("What happens with 551")
    expect(to(quiz, 1)).to_have_accessible_name("Question 1: right at the second try")
    press(quiz, "Enter")
    summary = summary_of(quiz)
    expect(aloud(quiz)).to_have_text("")
    expect(summary).to_contain_text("1 of 1 right")
    expect(summary.locator(".quiz-belief")).to_contain_text("550 is the refusal to relay")
    expect(summary).to_contain_text("Lesson 4")
    link = summary.locator(".quiz-belief a").first
    expect(link).to_have_attribute("href", "https://www.rfc-editor.org/rfc/rfc5321#section-3.4")
    first, second = stored(answers, 2, lab.page)
    assert first.misconceptions == ("551-relay-denied",)
    assert (first.guessed, first.hints, second.guessed, second.right) == (False, 1, True, True)


def test_the_summary_opens_the_lesson_without_loading_the_page_anew(
    lab: NotebookPage, answers: Store, page_errors: list[str]
) -> None:
    lesson = "04-250-and-551-side-by-side.ipynb"
    lab.add(new_notebook(cells=[new_markdown_cell("# Side by side")]), f"a class/{lesson[:-6]}")
    lab.open(lab.notebook([cell(answers, "choice")], "a class/quiz"))
    lab.run_all()
    quiz = lab.page.locator(".smtpedu-quiz")
    option(quiz, "relaying is denied").check()
    press(quiz, "Enter")
    option(quiz, "The server,").check()
    press(quiz, "Enter")
    button(quiz, "To the summary").press("Enter")
    expect(summary_of(quiz)).to_contain_text("What to read")
    lab.page.evaluate("globalThis.isTheSamePage = true")
    summary_of(quiz).get_by_role("link", name="Lesson 4", exact=True).press("Enter")
    tab = lab.page.get_by_role("tab", name=lesson)
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(lab.page.get_by_role("heading", name="Side by side")).to_be_visible()
    assert lab.page.evaluate("globalThis.isTheSamePage")
    assert page_errors == []


def test_letters_choose_and_enter_checks(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choice"))
    quiz.locator("fieldset").focus()
    options = quiz.locator(".quiz-option")
    letter = "ABC"[next(n for n, one in enumerate(options.all_inner_texts()) if "client" in one)]
    press(quiz, letter.lower())
    expect(option(quiz, "The client")).to_be_checked()
    expect(option(quiz, "The client")).to_have_attribute("aria-keyshortcuts", letter)
    press(quiz, "Enter")
    expect(verdict(quiz)).to_contain_text("Right.")
    expect(said_of(quiz, "The client")).to_contain_text("your answer")


def test_strip_is_one_stop_and_leads_to_each_question(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choice", "number", "diagnose"))
    expect(to(quiz, 1)).to_have_attribute("aria-current", "step")
    to(quiz, 1).focus()
    press(quiz, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "End")
    expect(to(quiz, 3)).to_be_focused()
    assert [to(quiz, n).get_attribute("tabindex") for n in (1, 2, 3)] == ["0", "-1", "-1"]
    press(quiz, "Enter")
    expect(place(quiz)).to_contain_text("Question 3 of 3")
    expect(quiz.locator("fieldset")).to_be_focused()
    box = to(quiz, 3).bounding_box()
    assert box and min(box["width"], box["height"]) >= 24


def test_both_tries_and_what_is_said_of_them_stay(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choice"))

    def hold() -> None:
        first, second = (said_of(quiz, text) for text in ("relaying is denied", "The server,"))
        expect(first).to_contain_text("your first try")
        expect(first).to_contain_text("This is no refusal")
        expect(second).to_contain_text("your second try")
        expect(second).to_contain_text("A server that forwards")
        expect(said_of(quiz, "The client")).to_contain_text("the right answer")

    for text in ("relaying is denied", "The server, because"):
        option(quiz, text).check()
        button(quiz, "Check" if verdict(quiz).count() == 0 else "Check again").click()
    hold()
    expect(aloud(quiz)).to_contain_text("A server that")
    expect(aloud(quiz)).to_contain_text("Not right.")
    expect(aloud(quiz)).not_to_contain_text("This is no refusal")
    button(quiz, "To the summary").click()
    expect(aloud(quiz)).to_have_text("")
    to(quiz, 1).click()
    hold()


def test_what_was_missed_is_told_in_the_end_only(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choices"))
    for action in ("Check", "Check again"):
        option(quiz, "251").check()
        option(quiz, "452").set_checked(action == "Check")
        button(quiz, action).click()
        if action == "Check":
            expect(quiz.locator(".quiz-tag")).to_have_count(1)
            expect(said_of(quiz, "452")).to_contain_text("a move is not")
            expect(verdict(quiz)).to_contain_text("A right one is still missing.")
    expect(said_of(quiz, "251")).to_contain_text("your second try")
    expect(said_of(quiz, "452")).to_contain_text("your first try")
    for code in ("551", "550"):
        expect(said_of(quiz, f"{code}: the server")).to_contain_text("✓ missed")


def test_what_is_missing_is_said_until_something_else_is_done(
    lab: NotebookPage, answers: Store
) -> None:
    quiz = opened(lab, cell(answers, "order"))
    note = quiz.locator(".quiz-note")
    for act in (button(quiz, "Hint").click, lambda: press(quiz, "ArrowDown")):
        button(quiz, "Check").click()
        expect(note).to_have_text("Put the steps in order first.")
        quiz.locator(".quiz-steps button").nth(1).focus()
        expect(note).not_to_have_text("")
        act()
        expect(note).to_have_text("")
    button(quiz, "Check").click()
    expect(quiz.locator(".quiz-orders")).to_contain_text("Neighbours in the right order")


def test_long_dialogue_scrolls_in_itself_and_check_stays_near(
    lab: NotebookPage, answers: Store, tmp_path: Path
) -> None:
    pairs = "\n".join(f"C: RCPT TO:<user{n}@example.test>\nS: 250 2.1.5 Ok" for n in range(20))
    path = tmp_path / "long.toml"
    path.write_text(LONG.format(recipients=pairs, last=42), "utf-8")
    source = cell(answers, "long").replace(str(KINDS), str(path))
    quiz = opened(lab, source)
    lines = quiz.locator(".quiz-dialogue")
    for action in ("Check", "Check again"):
        box, check = lines.bounding_box(), button(quiz, action).bounding_box()
        assert box and check and box["height"] <= 430
        assert check["y"] < box["y"] + 800
        if action == "Check":
            lines.focus()
            press(quiz, "End")
            lines.locator("input").nth(30).check()
            button(quiz, action).click()
            expect(quiz.locator(".quiz-line.quiz-wrong")).to_be_in_viewport()
            expect(lines.locator(".quiz-wrong + li input")).to_be_focused()
    lines.locator("input").nth(1).check()
    button(quiz, "Check again").click()
    expect(quiz.locator(".quiz-line.quiz-wrong")).to_have_count(2)
    expect(verdict(quiz)).to_contain_text("No: this is a recipient.")
    expect(verdict(quiz)).to_contain_text("The right answer: line 42")
    expect(quiz.locator(".quiz-line.quiz-right")).to_be_in_viewport()
    assert lab.axe(".smtpedu-quiz") == []


def test_second_wrong_answer_ends_with_the_solution(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "number"))
    for code in ("551", "551", "250"):
        quiz.locator("input[inputmode=numeric]").fill(code)
        press(quiz, "Enter")
    expect(verdict(quiz)).to_contain_text("Not right. The right answer: 251")
    expect(verdict(quiz)).to_contain_text("sends it on")
    expect(quiz.locator("input[inputmode=numeric]")).not_to_be_editable()
    expect(quiz.locator(".s-says")).to_contain_text("mail system")
    # The same wrong answer given twice was no second try.
    assert [attempt.response for attempt in stored(answers, 2, lab.page)] == [551, 250]


# ---- nothing is lost ----


def answer_first(quiz: Locator) -> str:
    """Answer the question that is shown, rightly; the item's id."""
    kind = quiz.locator("form").get_attribute("data-kind") or ""
    quiz.locator("fieldset").focus()
    RIGHT[kind](quiz)
    press(quiz, "Enter")
    expect(verdict(quiz)).to_contain_text("Right.")
    return kind


def reload(lab: NotebookPage) -> Locator:
    """Load the page again in the same browser, and run the notebook again."""
    lab.reload()
    lab.run_all()
    quiz = lab.page.locator(".smtpedu-quiz")
    expect(quiz).to_be_visible()
    return quiz


def come_back(lab: NotebookPage) -> Locator:
    """As `reload`, but JupyterLab stays; for the notebook it is another tab."""
    lab.page.evaluate("() => { sessionStorage.clear(); delete globalThis.smtpeduPage; }")
    lab.open_again()
    lab.run_all()
    quiz = lab.page.locator(".smtpedu-quiz")
    expect(quiz).to_be_visible()
    return quiz


def test_reloaded_page_resumes_where_it_was(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choice", "number", "diagnose"))
    answer_first(quiz)
    stored(answers, 1, lab.page)
    expect(place(quiz)).to_contain_text("1 answered, 1 right")
    quiz = reload(lab)
    expect(place(quiz)).to_contain_text("Question 2 of 3")
    button(quiz, "Back").click()
    expect(verdict(quiz)).to_contain_text("Right.")
    expect(button(quiz, "Start again")).to_have_count(0)  # one click would cost the answers
    button(quiz, "To the summary").click()
    expect(result(quiz)).to_have_text("1 of 3 finished")
    expect(summary_of(quiz)).to_contain_text("1 of them right so far.")
    button(quiz, "Start again").click()
    expect(place(quiz)).to_contain_text("0 answered")
    stored(answers, 1, lab.page)


def test_kernel_killed_in_mid_answer_loses_nothing(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "choice", "number"), PID)
    pid = int(lab.output(1).inner_text())
    lab.kernel_gone = True
    os.kill(pid, signal.SIGSTOP)
    kind = answer_first(quiz)  # Python hears nothing of it
    assert len(journal(quiz)) == 1
    assert answers.attempts() == []
    os.kill(pid, signal.SIGKILL)
    quiz = reload(lab)
    expect(place(quiz)).to_contain_text("Question 2 of 2")
    (attempt,) = stored(answers, 1, lab.page)
    assert (attempt.item, attempt.right) == (kind, True)
    lab.page.wait_for_function(f"() => {JOURNAL}.length === 0")


def test_answer_of_one_person_never_reaches_the_record_of_another(
    lab: NotebookPage, answers: Store, tmp_path: Path
) -> None:
    """A's kernel has gone when A answers; then B sits down at the same browser, then A again."""
    others = Store(tmp_path / "b.sqlite3")
    of_a, of_b = (lab.notebook([cell(one, "choice", "number")]) for one in (answers, others))

    def quiz_of(path: str) -> Locator:
        lab.visit(path)
        lab.run_all()
        return lab.page.locator(".smtpedu-quiz")

    lab.open(of_a)
    lab.run_all()
    quiz = lab.page.locator(".smtpedu-quiz")
    for _ in range(5):  # Python has said whose file it uses
        lab.evaluate("await session.session.kernel.requestExecute({ code: '' }).done;")
    lab.shutdown_kernel()
    kind = answer_first(quiz)
    waiting = journal(quiz)
    assert len(waiting) == 1 and answers.file_ids()[0] in waiting[0]
    quiz = quiz_of(of_b)
    expect(place(quiz)).to_contain_text("0 answered")
    expect(quiz.locator(".quiz-notice")).to_contain_text("for another record")
    answer_first(quiz)
    (attempt,) = stored(others, 1, lab.page)
    assert attempt.run == others.runs()[0].id
    assert answers.attempts() == []
    lab.page.wait_for_function(f"() => {JOURNAL}.length === 1")
    assert journal(quiz) == waiting
    quiz = quiz_of(of_a)
    expect(place(quiz)).to_contain_text("1 answered")
    expect(quiz.locator(".quiz-notice")).to_have_text("")
    assert [one.item for one in stored(answers, 1, lab.page)] == [kind]
    lab.page.wait_for_function(f"() => {JOURNAL}.length === 0")
    stored(others, 1, lab.page)


def test_what_is_answered_on_somebody_elses_saved_page_is_ones_own(
    lab: NotebookPage, answers: Store, tmp_path: Path
) -> None:
    """B opens what A has saved, answers before running it, loads the page again, and runs it."""
    others = Store(tmp_path / "b.sqlite3")
    opened(lab, cell(answers, "choice", "number"))
    lab.save()
    lab.shutdown_kernel()
    lab.reopen()
    quiz = lab.page.locator(".smtpedu-quiz")
    kind = answer_first(quiz)
    (waiting,) = journal(quiz)
    assert answers.file_ids()[0] not in (lab.server.root / lab.path).read_text("utf-8") + waiting
    lab.reload()
    expect(place(quiz)).to_contain_text("1 answered, 1 right")
    write(lab, 0, cell(others, "choice", "number"))
    lab.run_all()
    assert [attempt.item for attempt in stored(others, 1, lab.page)] == [kind]
    lab.page.wait_for_function(f"() => {JOURNAL}.length === 0")
    assert answers.attempts() == []


def test_answer_without_python_goes_to_the_file_that_its_own_notebook_uses(
    lab: NotebookPage, answers: Store, tmp_path: Path
) -> None:
    """Two saved notebooks in one page: one answers in the first, and runs the second first."""
    others = Store(tmp_path / "b.sqlite3")
    paths = []
    for one in (answers, others):
        lab.open(lab.notebook([cell(one, "choice", "number")]))
        lab.run_all()
        lab.save()
        paths.append(lab.add(lab.saved()))
    lab.visit(paths[0])
    lab.shutdown_kernel()
    kind = answer_first(lab.page.locator(".smtpedu-quiz"))
    lab.page.evaluate(OPEN, paths[1])
    lab.path = paths[1]
    lab.wait_idle()
    lab.run_all()
    quiz = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .smtpedu-quiz")
    answer_first(quiz)
    stored(others, 1, lab.page)
    expect(quiz.locator(".quiz-notice")).to_contain_text("for another record")
    assert answers.attempts() == []
    lab.page.evaluate(OPEN, paths[0])
    lab.path = paths[0]
    lab.evaluate("await session.restartKernel();")
    lab.run_all()
    assert [one.item for one in stored(answers, 1, lab.page)] == [kind]
    lab.page.wait_for_function(f"() => {JOURNAL}.length === 0")


def test_what_is_answered_without_python_goes_to_the_store_when_the_cell_is_run(
    lab: NotebookPage, answers: Store
) -> None:
    """After a reload without a kernel; then after a restart of the kernel."""
    quiz = opened(lab, cell(answers, "choice", "number", "diagnose"))
    lab.save()
    lab.shutdown_kernel()
    answer_first(quiz)
    quiz = lab.reload().locator(".smtpedu-quiz")
    expect(place(quiz)).to_contain_text("0 answered")
    lab.run_all()
    expect(place(quiz)).to_contain_text("Question 2 of 3")
    stored(answers, 1, lab.page)
    lab.evaluate("await session.restartKernel();")
    answer_first(quiz)
    lab.run_all()
    expect(place(quiz)).to_contain_text("Question 3 of 3")
    assert len({one.run for one in stored(answers, 2, lab.page)}) == 1
    lab.page.wait_for_function(f"() => {JOURNAL}.length === 0")


NAMED = """import os
import smtpedu as smtp
os.environ["SMTPEDU_PROGRESS"] = {store!r}
smtp.quiz("250-vs-551")"""


def shown(quiz: Locator) -> Item:
    """The item of the bank that is shown."""
    stem = quiz.locator("legend").inner_text()
    return next(item for item in bank().values() if item.stem.replace("`", "") == stem)


def choose(quiz: Locator, item: Item, place: int) -> None:
    """Choose this option of the item, and check it."""
    quiz.get_by_role("radio", name=item.options[place].text.replace("`", ""), exact=True).check()
    button(quiz, "Check").click()


def test_ones_own_run_goes_on_from_what_the_page_asked_without_python(
    lab: NotebookPage, answers: Store
) -> None:
    quiz = opened(lab, NAMED.format(store=str(answers.path)))
    lab.save()
    lab.shutdown_kernel()
    quiz = lab.reload().locator(".smtpedu-quiz")
    item = shown(quiz)
    assert item.kind == "choice", "the opening is"
    expect(quiz.locator(".quiz-strip button")).to_have_count(10)
    choose(quiz, item, next(n for n, option in enumerate(item.options) if option.right))
    button(quiz, "Next").click()
    second = shown(quiz)
    lab.run_all()
    (attempt,) = stored(answers, 1, lab.page)
    expect(place(quiz)).to_contain_text("Question 2 of 10")
    assert shown(quiz) == second
    run = answers.runs()[-1]
    assert (attempt.run, attempt.item, run.items[:2]) == (run.id, item.id, (item.id, second.id))
    assert len(answers.runs()) == 1


def test_suspicion_is_followed_up_while_the_feedback_is_read(
    lab: NotebookPage, answers: Store
) -> None:
    """The next questions change; the one that is shown, the focus and a draft do not."""
    quiz = opened(lab, NAMED.format(store=str(answers.path)))
    expect(quiz.locator("legend")).to_have_text(
        bank()[answers.runs()[0].items[0]].stem.replace("`", "")
    )
    for number in range(1, 10):
        item = shown(quiz)
        beliefs = [
            (n, one.misconception) for n, one in enumerate(item.options) if one.misconception
        ]
        if beliefs and item.kind in ("choice", "diagnose", "predict"):
            break
        to(quiz, number + 1).click()
    wrong, belief = beliefs[0]
    before = answers.runs()[0].items
    choose(quiz, item, wrong)
    stored(answers, 1, lab.page)
    lab.page.wait_for_timeout(500)
    after = answers.runs()[0].items
    assert after[:number] == before[:number]
    assert any(belief in bank()[one].misconceptions for one in after[number : number + 3])
    assert shown(quiz) == item
    expect(quiz.locator(".quiz-given")).to_contain_text(
        item.options[wrong].feedback.replace("`", "")
    )
    expect(quiz.locator(":focus")).to_have_count(1)
    assert quiz.locator("fieldset:focus").count() == 0, "it was not drawn anew"
    to(quiz, number + 1).click()
    assert shown(quiz).id == after[number]


def test_what_is_answered_before_a_busy_kernel_listens_counts(
    lab: NotebookPage, answers: Store
) -> None:
    """The notebook is opened again meanwhile, and asks on."""
    quiz = opened(lab, cell(answers, "number", "choice"))
    lab.save()
    lab.evaluate("session.session.kernel.requestExecute({ code: 'import time; time.sleep(9)' });")
    lab.evaluate("panel.dispose();")
    lab.page.evaluate(OPEN, lab.path)
    kind = answer_first(quiz)
    expect(quiz.locator(".quiz-notice")).to_contain_text("Python does not answer")
    (attempt,) = stored(answers, 1, lab.page)
    assert (attempt.item, attempt.run) == (kind, answers.runs()[0].id)
    expect(place(quiz)).to_contain_text("1 answered, 1 right")
    expect(quiz.locator(".quiz-notice")).to_have_text("")


def test_voila_keeps_nothing_and_says_so(lab: NotebookPage, tmp_path: Path) -> None:
    """As a kernel of Voila sees itself; JupyterLab draws the page."""
    env = {"VOILA_BASE_URL": "/", "XDG_DATA_HOME": str(tmp_path), "SMTPEDU_PROGRESS": ""}
    start = f"import os\nos.environ |= {env}"
    ask = cell(Store("unused"), "choice").partition("\n")[2].splitlines()
    quiz = opened(lab, start, "\n".join(line for line in ask if "environ" not in line))
    expect(quiz.locator(".quiz-notice")).to_contain_text("Nothing that you answer here is kept")
    quiz.locator("fieldset input").first.check()
    press(quiz, "Enter")
    expect(verdict(quiz)).to_be_visible()
    lab.run_all()
    expect(quiz.locator(".quiz-notice")).to_contain_text("Nothing that you answer here is kept")
    assert journal(quiz) == [] and not list(tmp_path.iterdir())


def test_two_notebooks_at_once_lose_nothing(
    lab: NotebookPage, browser: Browser, lab_server: Server, answers: Store
) -> None:
    one = opened(lab, cell(answers, "choice", "number", "diagnose"))
    other_lab = type(lab)(browser, lab_server)
    try:
        other = opened(other_lab, cell(answers, "choice", "number", "diagnose"))
        for _ in range(3):
            for quiz in (one, other):
                answer_first(quiz)
                press(quiz, "Enter")
        for quiz in (one, other):
            expect(summary_of(quiz)).to_contain_text("3 of 3 right")
        found = stored(answers, 6, lab.page)
        assert len({attempt.run for attempt in found}) == 1
    finally:
        other_lab.close()


def test_store_that_cannot_be_used_is_told_and_the_quiz_goes_on(
    lab: NotebookPage, answers: Store
) -> None:
    nowhere = Store("/dev/null/progress.sqlite3")
    quiz = opened(lab, cell(nowhere, "choice", "number"))
    expect(quiz.locator(".quiz-notice")).to_contain_text("/dev/null")
    kind = answer_first(quiz)
    expect(quiz.locator(".quiz-notice")).to_contain_text("kept in this browser")
    assert len(journal(quiz)) == 1
    press(quiz, "Enter")
    expect(place(quiz)).to_contain_text("Question 2 of 2")
    write(lab, 0, cell(answers, "choice", "number"))
    lab.run_all()
    assert [attempt.item for attempt in stored(answers, 1, lab.page)] == [kind]


# ---- the exam ----


def secrets(text: str) -> list[str]:
    """The texts that tell what is right which a page or a file holds."""
    told = [
        secret
        for item in ITEMS.values()
        for secret in (item.why, item.hint, *(option.feedback for option in item.options))
    ]
    return [secret for secret in told if secret and secret in text.replace('\\"', '"')]


def everything(lab: NotebookPage) -> str:
    """What a curious learner can find: the page, the saved notebook, the browser's store."""
    lab.save()
    saved = (lab.server.root / lab.path).read_text("utf-8")
    return saved + lab.page.content() + lab.page.evaluate("JSON.stringify(localStorage)")


def test_exam_keeps_its_key_until_it_is_handed_in(
    lab: NotebookPage, answers: Store, page_errors: list[str]
) -> None:
    quiz = opened(lab, cell(answers, options=", exam=True"))
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    for _ in range(len(ITEMS)):
        first = quiz.locator("fieldset").locator(FIRST)
        if first.count():
            first.first.click()
        else:
            quiz.locator("fieldset input").fill("551")
        expect(button(quiz, "Hint")).to_have_count(0)
        quiz.locator(".quiz-bar .s-go").click()
    expect(result(quiz)).to_contain_text("7 of 8 answered")  # half a sorting
    stored(answers, 7, lab.page)
    assert secrets(everything(lab)) == []
    to_number(quiz).click()
    expect(quiz.locator("input[inputmode=numeric]")).to_have_value("551")
    quiz.locator("input[inputmode=numeric]").fill("251")
    button(quiz, "To the end").first.click()
    button(quiz, "Hand in").click()
    expect(result(quiz)).to_contain_text("of 8 right")
    summary_of(quiz).locator("summary").first.press("Enter")
    expect(quiz.locator(".quiz-belief").last).to_be_visible()
    to_number(quiz).click()
    expect(verdict(quiz)).to_contain_text("251 is a positive reply")
    assert secrets(everything(lab)) == []  # who reopens the notebook sits the exam
    # One answer was changed: its first draft is still one.
    given = stored(answers, 8, lab.page)
    final = {attempt.item: attempt for attempt in given if attempt.role == "exam"}
    assert len(final) == 7
    assert (final["number"].response, final["number"].number) == (251, 1)
    assert final["number"].right
    assert page_errors == []


def test_exam_that_was_handed_in_is_shown_until_another_is_begun(
    lab: NotebookPage, answers: Store
) -> None:
    quiz = opened(lab, cell(answers, "number", "choice", options=", exam=True"))
    button(quiz, "To the end").click()
    expect(summary_of(quiz)).to_contain_text("Answer at least one")
    expect(button(quiz, "Hand in")).to_have_count(0)
    to_number(quiz).click()
    quiz.locator("input[inputmode=numeric]").fill("251")
    button(quiz, "To the end").first.click()
    button(quiz, "Hand in").click()
    expect(result(quiz)).to_have_text("1 of 2 right")
    expect(summary_of(quiz)).not_to_contain_text("first try")
    assert [one.role for one in stored(answers, 1, lab.page)] == ["exam"]
    assert answers.runs()[0].finished_at
    lab.run_all()
    expect(result(quiz)).to_have_text("1 of 2 right")
    to_number(quiz).click()
    expect(verdict(quiz)).to_contain_text("Right.")
    expect(quiz.locator("input[inputmode=numeric]")).to_have_value("251")
    quiz = come_back(lab)
    button(quiz, "Start again").click()
    expect(place(quiz)).to_contain_text("0 answered")
    expect(quiz.locator(".quiz-verdict, .quiz-summary")).to_have_count(0)
    stored(answers, 1, lab.page)


def test_what_was_handed_in_to_a_killed_kernel_counts(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "number", options=", exam=True"), PID)
    pid = int(lab.output(1).inner_text())
    quiz.locator("input[inputmode=numeric]").fill("251")
    press(quiz, "Enter")
    stored(answers, 1, lab.page)
    lab.kernel_gone = True
    os.kill(pid, signal.SIGSTOP)
    button(quiz, "Hand in").click()
    os.kill(pid, signal.SIGKILL)
    quiz = come_back(lab)
    expect(result(quiz)).to_have_text("1 of 1 right")


def test_busy_kernel_is_told_at_hand_in_and_the_result_comes_later(
    lab: NotebookPage, answers: Store
) -> None:
    quiz = opened(lab, cell(answers, "number", options=", exam=True"), PID)
    pid = int(lab.output(1).inner_text())
    quiz.locator("input[inputmode=numeric]").fill("251")
    press(quiz, "Enter")
    stored(answers, 1, lab.page)
    os.kill(pid, signal.SIGSTOP)
    button(quiz, "Hand in").click()
    expect(quiz.locator(".quiz-notice")).to_contain_text("Handing in")
    expect(quiz.locator(".quiz-notice")).to_contain_text("Nothing is lost")
    expect(button(quiz, "Hand in")).to_be_visible()
    os.kill(pid, signal.SIGCONT)
    expect(result(quiz)).to_have_text("1 of 1 right")
    expect(quiz.locator(".quiz-notice")).to_have_text("")


# ---- the frame ----


def test_keys_stay_inside(lab: NotebookPage, answers: Store) -> None:
    """JupyterLab's `d d`, `b`, `a`, `x` would delete and add cells, Ctrl+Enter run them."""
    quiz = opened(lab, cell(answers, "choice", "order"), "1 + 1")
    cells = lab.cell_ids()
    for _ in range(2):
        for control in quiz.locator(":is(button, input:enabled):visible").all()[1:4]:
            control.focus()
            press(quiz, *"ddbaxz", "Shift+M", "Control+m")
        quiz.locator("fieldset").focus()
        press(quiz, *"ddbaxz", "Control+Enter")
        quiz.locator("button", has_text="Skip").click()
    lab.settle()
    assert lab.cell_ids() == cells and len(cells) == 2
    expect(summary_of(quiz)).to_be_visible()  # the cell did not run again


def test_language_switch_keeps_what_is_half_answered(lab: NotebookPage, answers: Store) -> None:
    quiz = opened(lab, cell(answers, "classify"))
    thing = quiz.locator("tbody tr").first
    thing.locator("input").nth(1).check()
    quiz.get_by_label("I am guessing").check()
    button(quiz, "العربية").press("Enter")
    expect(quiz).to_have_attribute("dir", "rtl")
    expect(quiz.locator("fieldset")).to_have_attribute("dir", "ltr")  # the question is in English
    expect(thing.locator("input").nth(1)).to_be_checked()
    expect(quiz.get_by_label("أنا أخمّن")).to_be_checked()
    expect(button(quiz, "تحقّق")).to_be_visible()


def test_hostile_questions_stay_text(
    lab: NotebookPage, answers: Store, page_errors: list[str], tmp_path: Path
) -> None:
    evil = "<img src=x onerror=alert(1)> \u202e <script>alert(2)</script>"
    text = KINDS.read_text("utf-8")
    for word in ("The client, if it chooses to.", "The server has refused;", "Who sends"):
        assert word in text
        text = text.replace(word, f"{evil} {word}")
    path = tmp_path / "evil.toml"
    path.write_text(text, "utf-8")
    source = cell(answers, "choice").replace(str(KINDS), str(path))
    quiz = opened(lab, source)
    expect(quiz.locator("legend")).to_contain_text("<img src=x onerror=alert(1)>")
    option(quiz, "The client").check()
    button(quiz, "Check").click()
    expect(said_of(quiz, "The client")).to_contain_text("<script>alert(2)</script>")
    button(quiz, "To the summary").click()
    expect(summary_of(quiz)).to_contain_text("<img")
    assert quiz.locator("img, script").count() == 0
    assert page_errors == []
