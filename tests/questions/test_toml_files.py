"""What someone who writes a file of questions is told of its slips."""

import json
import os
from pathlib import Path

import pytest

import smtpedu as smtp
from smtpedu.cli import main
from smtpedu.files import DataError
from smtpedu.questions.bank import unknown_names
from smtpedu.questions.toml_files import load, read

WILD = Path(__file__).with_name("wild.json")
FIRST = '''language = "en"  # "a [[question]] of
# [[question]]
[[question]]
id = "first"
kind = "diagnose"
stem = "Which?"
transcript = """
[[question]]
kind = "choice"
S: 250 OK
""" # """
[[question.options]]
text = "a"
right = true
feedback = "Yes."
[[question.options]]
text = "b"
feedback = "No."
'''.replace('\nkind = "choice"', "")
SECOND = """
[[question]]
id = "second"
kind = "choice"
level = "recall"
objective = "digits"
stem = 'It is "so"'
why = "Because."

[[ question . options ]]
text = "a"
right = true
feedback = "Yes."

[[question.options]]
text = "b"
misconception = "551-relay-denied"
feedback = "No."

[[question.options]]
"text" = "c"
feedback = "No."
"""
GOOD = FIRST.replace("[[question]]\nS:", "S:") + SECOND
NUMBER = SECOND.replace('"choice"', '"number"').replace('text = "a"', "value = 551")
NUMBER = NUMBER.replace('text = "b"', "value = 550").replace('"text" = "c"', "value = 250")


@pytest.fixture
def check(tmp_path, capsys, monkeypatch):
    """What the command says of this content: the lines with problems, as (line, problem)."""
    monkeypatch.chdir(tmp_path)

    def run(content, name="mine.toml"):
        (tmp_path / name).write_text(content, "utf-8")
        main(["check", name])
        told = capsys.readouterr().out.splitlines()
        parts = [row.removeprefix(f"{name}, line ").partition(": ") for row in told]
        return [(int(line), said) for line, _, said in parts if line.isdigit()]

    return run


def line_of(content, row, nth=1):
    """The number of the nth line that reads so."""
    return [n for n, one in enumerate(content.split("\n"), 1) if one == row][nth - 1]


def test_the_file_that_is_broken_here_is_good(check):
    assert check(GOOD) == []
    assert check(FIRST.replace("[[question]]\nS:", "S:") + NUMBER.replace("why", "otherwise")) == []


# ---- which line, and what was meant ----

SLIPS = {
    "kind": ('kind = "choice"', 'kind = "choise"', "`choice`"),
    "kind in capitals": ('kind = "choice"', 'kind = "CHOICE"', "`choice`"),
    "level": ('level = "recall"', 'level = "recal"', "`recall`"),
    "objective": ('objective = "digits"', 'objective = "digit"', "`digits`"),
    "misconception": ("551-relay-denied", "551-relaying-denied", "`551-relay-denied`"),
    "field": ("why =", "wyh =", "`why`"),
    "needed field": ("stem = 'It", "stemm = 'It", "`stem`"),
    "field of an option": ("misconception =", "misconcepton =", "`misconception`"),
    "needed field of an option": ('"text" = "c"', '"txet" = "c"', "`text`"),
    "field with quotes": ("why =", '"wyh" =', "`why`"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slip_is_told_once_in_its_line_with_what_was_meant(check, name):
    old, new, meant = SLIPS[name]
    assert old in SECOND
    content = GOOD.replace(old, new)
    [line] = [n for n, row in enumerate(content.split("\n"), 1) if new in row]
    [(told_in, said)] = check(content)
    assert told_in == line
    assert "question 2 `second`" in said
    assert f"did you mean {meant}?" in said


def test_slip_in_an_option_is_told_in_that_option(check):
    content = GOOD.replace(
        'right = true\nfeedback = "Yes."\n\n', 'rigth = true\nfeedback = "Yes."\n'
    )
    found = check(content)
    assert found == [
        (
            line_of(content, "rigth = true"),
            "question 2 `second`: option 1: `rigth` is not a field here; did you mean `right`?",
        )
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_in_a_file_of_a_windows_editor(tmp_path, end):
    content = GOOD.replace('level = "recall"', 'level = "recal"')
    path = tmp_path / "mine.toml"
    path.write_bytes(("\ufeff" + content).replace("\n", end).encode())
    with pytest.raises(DataError) as caught:
        load(path)
    assert caught.value.line == line_of(content, 'level = "recal"')


def test_first_question_of_a_file_with_a_byte_order_mark_has_its_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("\ufeff" + SECOND.strip().replace("recall", "recal"), "utf-8")
    with pytest.raises(DataError) as caught:
        load(path)
    assert caught.value.line == 4


def test_what_is_missing_is_told_where_its_table_begins(check):
    content = GOOD.replace("stem = 'It is \"so\"'\n", "").replace('"text" = "c"\n', "")
    assert [line for line, _ in check(content)] == [
        line_of(content, "[[question]]", 2),
        len(content.split("\n")) - 2,
    ]


def test_options_in_one_line_are_told_in_that_line(check):
    options = 'options = [{ text = "a", right = true, feedback = "Yes." }, { txet = "b" }]'
    content = SECOND.partition("[[ question")[0] + options + "\n"
    told = check(content)
    assert {line for line, _ in told} == {line_of(content, options)}
    assert [said.partition("option 2: ")[2] for _, said in told] == [
        "`feedback` is missing or empty",
        "`txet` is not a field here; did you mean `text`?",
    ]


def test_of_many_slips_the_first_are_told(check):
    strange = "".join(f"strange{n} = 1\n" for n in range(5_000))
    assert len(check(strange + GOOD)) == 30
    assert len(check(GOOD.replace("why =", f"{strange}why ="))) == 30


def test_a_name_like_no_other_is_told_with_those_there_are(check):
    [(_, said)] = check(GOOD.replace('kind = "choice"', 'kind = "xyz"'))
    assert said.endswith(
        "`kind` must be one of "
        + ", ".join(
            ["choice", "choices", "number", "order", "point", "predict", "classify", "diagnose"]
        )
    )
    [(_, said)] = check(GOOD.replace("why =", "xyz ="))
    assert "known are `id`, `kind`" in said


# ---- all of them ----


def test_every_problem_of_a_question_is_told_and_loading_raises_the_first(check, tmp_path):
    content = (
        GOOD.replace('kind = "choice"', 'kind = "choise"')
        .replace('level = "recall"', 'level = "recal"')
        .replace("why =", "wyh =")
        .replace('"text" = "c"', "text = 3")
    )
    told = check(content)
    rows = ['kind = "choise"', 'wyh = "Because."', 'level = "recal"', "text = 3"]
    assert [line for line, _ in told] == [line_of(content, row) for row in rows]
    with pytest.raises(DataError, match="choise") as caught:
        load(tmp_path / "mine.toml")
    assert caught.value.line == told[0][0]


def test_all_that_shows_only_in_the_whole_is_told_in_one_run(check):
    content = GOOD.replace("551-relay-denied", "551-relaying").replace("digits", "digit")
    content = content.replace('"second"', '"first"').replace(
        '"text" = "c"', '"text" = "c"\nmisconception = "x"'
    )
    words = ["`id`", "objective", "551-relay-denied", "`x`|there is no misconception x"]
    told = check(content)
    assert [line for line, _ in told] == [
        line_of(content, 'id = "first"', 2),
        line_of(content, 'objective = "digit"'),
        line_of(content, 'misconception = "551-relaying"'),
        line_of(content, 'misconception = "x"'),
    ]
    for (_, said), word in zip(told, words, strict=True):
        assert any(one in said for one in word.split("|"))


def test_broken_dialogue_hides_nothing(check):
    content = GOOD.replace("S: 250 OK", "Hello").replace(
        'text = "b"\nfeedback', 'text = "b"\nmisconception = "551-relay-denid"\nfeedback'
    )
    told = check(content)
    assert [line for line, _ in told] == [
        line_of(content, 'transcript = """'),
        line_of(content, 'misconception = "551-relay-denid"'),
    ]


def test_good_questions_beside_broken_ones_are_still_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("recall", "recal").replace("why =", "wyh ="), "utf-8")
    kinds = [type(one).__name__ for one in read(path, unknown_names)]
    assert kinds == ["Item", "DataError", "DataError"]


def test_errors_of_a_thousand_options_are_few(check):
    option = '[[question.options]]\ntxet = "a"\n'
    assert len(check(SECOND.partition("[[ question")[0] + 1000 * option)) < 30


@pytest.mark.skipif(os.name == "nt", reason="pipes among files")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.toml", GOOD.replace("why =", "wyh ="), "line 24"),
        ("b.toml", GOOD + 'why = """x\ny', "line 39"),
        ("a.json", WILD.read_text("utf-8"), "can be imported"),
    ],
)
def test_a_pipe_is_read_once(name, content, said, tmp_path, capsys):
    path = tmp_path / name
    os.mkfifo(path)
    held = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # what is written waits for the next reader
    path.write_text(content, "utf-8")
    main(["check", str(path)])
    os.close(held)
    assert said in "".join(capsys.readouterr())


# ---- fields below the options ----


def test_field_below_the_options_is_told_where_it_belongs(check):
    content = GOOD.replace(SECOND, NUMBER) + 'otherwise = "Look again."\n'
    [(line, said)] = check(content)
    assert line == line_of(content, 'otherwise = "Look again."')
    assert said.endswith(
        "`otherwise` stands inside option 3; move it above the first `[[question.options]]`"
    )


@pytest.mark.parametrize("field", ['why = "x"', 'hint = "x"', 'source = "x"', 'session = "x"'])
def test_every_field_of_a_question_can_stand_too_low(check, field):
    content = GOOD.replace('why = "Because."\n', "") + field + "\n"
    [(line, said)] = check(content)
    assert line == line_of(content, field)
    assert "stands inside option 3" in said


def test_field_of_an_option_with_a_letter_too_many_is_no_field_of_the_question(check):
    point = GOOD.replace('"diagnose"', '"point"\notherwise = "x"', 1)
    point = point.replace('text = "a"', "lines = 1", 1).replace('text = "b"', "line = 2", 1)
    assert any("did you mean `line`?" in said for _, said in check(point))


@pytest.mark.parametrize("field", ['language = "ar"', 'title = "Mine"'])
def test_field_of_the_file_in_a_question_is_told_where_it_belongs(check, field):
    content = GOOD.replace('level = "recall"', field)
    [(line, said)] = check(content)
    assert line == line_of(content, field)
    assert "above the first `[[question]]`" in said


# ---- the top of a file ----


def test_title_of_a_file_heads_its_quiz(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Week 3"\n' + GOOD, "utf-8")
    quiz = smtp.quiz(path)
    assert (quiz.name, quiz.title) == ("mine", "Week 3")
    assert "Week 3" in quiz.to_html()
    path.write_text(GOOD, "utf-8")
    assert smtp.quiz(path).title == "mine"


@pytest.mark.parametrize("title", ["1", '""', '" "', '["a"]', f'"{"x" * 201}"'])
def test_title_that_is_none_is_told_in_its_line(check, title):
    [(line, said)] = check(f"# mine\ntitle = {title}\n" + GOOD)
    assert line == 2
    assert "`title`" in said


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ('language = "en"', 'langauge = "en"', "`language`"),
        ('language = "en"', 'titel = "Mine"', "`title`"),
        ("[[question]]", "[[questions]]", "`question`"),
    ],
)
def test_slip_at_the_top_is_told_in_its_line(check, old, new, near):
    # Without the second question all tables but one would still be called right.
    content = GOOD.partition('[[question]]\nid = "second"')[0].replace(old, new)
    content = content.replace("[[question.", "[[questions.") if "questions" in new else content
    [(line, said)] = check(content)
    assert new in content.split("\n")[line - 1]
    assert f"did you mean {near}?" in said


# ---- broken TOML ----

UNCLOSED = 'stem = "Which?\n'


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('why = "Because."', 'why = "Because.', "not closed by a quote"),
        ('why = "Because."', "why = 'Because.", "not closed by a quote"),
        ('text = "a"', "text = 'a", "not closed by a quote"),
        ('why = "Because."', "why = “Because.”", "straight quotes"),
        ("right = true", "right = True", "`true`"),
        ('why = "Because."', 'why = "C:\\users"', "written twice"),
        ('why = "Because."', 'why = "The "reason""', "stands after the end"),
        ('why = "Because."', "why: because", "`name = value`"),
        ('why = "Because."', "Because of this", "`name = value`"),
        ('why = "Because."', 'why = "Because."\nwhy = "Two"\n', "second time"),
        ('[[question]]\nid = "second"', '[[question]\nid = "second"', "brackets"),
    ],
)
def test_broken_toml_is_told_in_plain_words_with_its_place_once(check, old, new, word):
    before, _, after = GOOD.rpartition(old)
    content = before + new + after
    [(line, said)] = check(content)
    expected = (before + new).count("\n") + 1 - new.count("\n")
    assert expected <= line <= expected + new.count("\n")
    assert word in said
    assert "line" not in said.replace("lines", "")
    # A single quote that nothing closes is noticed where the file ends.
    assert said.count("(column ") == ("'" not in new)


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_text_of_several_lines_that_never_ends_is_told_where_it_begins(check, quotes):
    content = GOOD.replace('why = "Because."', f"why = {quotes}Because.\nOf")
    [(line, said)] = check(content)
    assert line == line_of(content, f"why = {quotes}Because.")
    assert "three quotes" in said


def test_broken_toml_is_told_in_the_current_language(tmp_path):
    smtp.language("ar")
    path = tmp_path / "mine.toml"
    path.write_text(UNCLOSED, "utf-8")
    with pytest.raises(DataError, match="العمود"):
        smtp.quiz(path)


# ---- a file that is not there ----


@pytest.mark.parametrize("name", ["nope.toml", "nope.json", "folder/nope.toml"])
def test_file_that_is_not_there_is_told_with_the_folder_looked_in(
    each_language, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        smtp.quiz(name)
    told = str(caught.value)
    assert name.rpartition("/")[2] in told
    assert str((tmp_path / name).parent) in told
    assert "Errno" not in told


def test_import_of_no_file_is_told_so_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"nope\.json in the folder"):
        smtp.import_questions("nope.json")


@pytest.mark.parametrize("file", ["mine.toml", "mine.json"])
def test_name_of_a_file_without_its_ending_offers_the_file(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_text(GOOD, "utf-8")
    with pytest.raises(LookupError, match=file.replace(".", r"\.")):
        smtp.quiz("mine")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 9_999, "."])
def test_name_that_no_file_can_have_is_an_unknown_quiz(name):
    with pytest.raises(LookupError, match="250-vs-551"):
        smtp.quiz(name)


# ---- jupyterquiz ----


def choice(**more):
    answers = [{"answer": "a", "correct": True}, {"answer": "b", "correct": False}]
    return {"question": "Which?", "type": "multiple_choice", "answers": answers} | more


@pytest.fixture
def jupyterquiz(tmp_path):
    def write(*questions, name="jq.json"):
        path = tmp_path / name
        path.write_text(json.dumps(questions), "utf-8")
        return path

    return write


def test_check_says_how_much_of_a_jupyterquiz_file_can_be_imported(jupyterquiz, capsys):
    path = jupyterquiz(choice(), choice(type="essay"), choice(), name="JQ.JSON")
    assert main(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("Question 2 is left out: ")
    assert len(out.splitlines()) == 1
    assert err == "smtpedu: 2 of 3 questions can be imported\n"


def test_check_of_a_jupyterquiz_file_that_is_taken_whole_succeeds(jupyterquiz, capsys):
    assert main(["check", str(jupyterquiz(choice()))]) == 0
    assert capsys.readouterr() == ("1 of 1 questions can be imported\n", "")


@pytest.mark.parametrize("content", ["[", "[]", '[{"type": "essay"}]', None])
def test_check_of_what_is_no_jupyterquiz_file_is_one_error(content, tmp_path, capsys):
    path = tmp_path / "jq.json"
    if content is not None:
        path.write_text(content, "utf-8")
    assert main(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "jq.json" in err


@pytest.mark.parametrize("ask", [smtp.quiz, smtp.import_questions], ids=["quiz", "import"])
def test_warning_points_at_the_line_that_asked(jupyterquiz, ask):
    path = jupyterquiz(choice(), choice(type="essay"))
    with pytest.warns(UserWarning, match="Question 2") as caught:
        ask(path)
    [warning] = caught
    assert warning.filename == __file__
    rows = Path(__file__).read_text("utf-8").split("\n")
    assert rows[warning.lineno - 1] == "        ask(path)"
