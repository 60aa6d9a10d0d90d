"""The code tables as frames, and `explain`."""

import re

import numpy as np
import pandas as pd
import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.protocol.reply import ReplySyntaxError
from smtpedu.reference.registry import KINDS, OUTCOMES, UnknownCodeError, defined_codes

FRAMES = {
    "codes": {
        "code": "int64",
        "name": "string",
        "text": "string",
        "severity": "category",
        "category": "category",
        "outcome": "category",
        "permanent": "bool",
        "obsolete": "bool",
        "rfc": "int64",
        "section": "string",
    },
    "enhanced_codes": {
        "code": "string",
        "subject": "int64",
        "detail": "int64",
        "name": "string",
        "description": "string",
        "basic_codes": "string",
        "rfc": "Int64",
        "section": "string",
    },
    "unofficial_codes": {"code": "int64", "claimed": "string", "instead": "string"},
    "command_replies": {
        "command": "category",
        "code": "int64",
        "kind": "category",
        "rfc": "int64",
        "section": "string",
        "condition": "string",
    },
}
NOT_CODES = [True, False, None, 250.0, np.float64(250), b"250", [250], "abc", "2.5", "٢٥٠"]


@pytest.mark.parametrize("name", FRAMES)
def test_frame_has_the_documented_columns_and_dtypes(name):
    frame = getattr(smtp, name)()
    if frame.index.name:
        frame = frame.reset_index()
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == FRAMES[name]


@pytest.mark.parametrize("name", FRAMES)
def test_frame_is_fresh_at_each_call(name):
    changed = getattr(smtp, name)()
    before = changed.copy()
    del changed[changed.columns[-1]]
    pd.testing.assert_frame_equal(getattr(smtp, name)(), before)


@pytest.mark.parametrize(("name", "rows"), [("codes", 39), ("enhanced_codes", 81)])
def test_frame_has_a_unique_index(name, rows):
    index = getattr(smtp, name)().index
    assert len(index) == rows
    assert index.is_unique


def test_codes_ascend():
    assert smtp.codes().index.is_monotonic_increasing
    assert smtp.unofficial_codes().index.is_monotonic_increasing


def test_categories_are_known_and_outcomes_ordered():
    frame = smtp.codes()
    assert list(frame["outcome"].cat.categories) == list(OUTCOMES.values())
    assert list(frame["severity"].cat.categories) == list(OUTCOMES)
    assert set(frame.index[frame["severity"] >= 4]) == {
        code for code in defined_codes() if code >= 400
    }
    assert set(frame.index[frame["outcome"] > OUTCOMES[4]]) == {
        code for code in defined_codes() if code > 499
    }
    assert list(smtp.command_replies()["kind"].cat.categories) == list(KINDS)


def test_nothing_is_missing_but_one_rfc():
    for name in FRAMES:
        missing = getattr(smtp, name)().isna().sum()
        assert missing[missing > 0].to_dict() == ({"rfc": 1} if name == "enhanced_codes" else {})


# ---- parts of a frame ----


def test_codes_that_are_wanted_come_in_their_order():
    assert list(smtp.codes(550, 251, 450).index) == [550, 251, 450]
    assert list(smtp.codes(250, 250).index) == [250]
    pd.testing.assert_frame_equal(smtp.codes(551, 250), smtp.codes().loc[[551, 250]])


def test_codes_of_a_first_digit():
    for digit in (2, 3, 4, 5):
        wanted = [code for code in defined_codes() if code // 100 == digit]
        assert list(smtp.codes(first_digit=digit).index) == wanted
    assert list(smtp.codes(250, 551, first_digit=5).index) == [551]
    assert smtp.codes(250, first_digit=5).empty


def test_columns_that_are_wanted_come_in_their_order():
    frame = smtp.codes(450, 550, columns=["outcome", "name"])
    assert list(frame.columns) == ["outcome", "name"]
    pd.testing.assert_frame_equal(frame, smtp.codes().loc[[450, 550], ["outcome", "name"]])
    assert list(smtp.codes(columns="name").columns) == ["name"]
    assert list(smtp.enhanced_codes("X.1.6", columns="name")["name"]) == [
        "Destination mailbox has moved, No forwarding address"
    ]


def test_the_index_is_there_whether_it_is_named_among_the_columns_or_not():
    pd.testing.assert_frame_equal(
        smtp.codes(551, columns=["code", "name"]), smtp.codes(551, columns=["name"])
    )


def test_enhanced_codes_with_and_without_a_class():
    assert list(smtp.enhanced_codes("5.7.24", "X.1.6", "x.2.2").index) == [
        *("X.7.24", "X.1.6", "X.2.2")
    ]


def test_unofficial_codes_that_are_wanted():
    assert list(smtp.unofficial_codes(515, 510).index) == [515, 510]


def test_replies_of_a_command_and_of_a_code():
    whole = smtp.command_replies()
    frame = smtp.command_replies("rcpt")
    assert list(frame["code"]) == list(whole.loc[whole["command"] == "RCPT", "code"])
    assert list(frame.index) == list(range(len(frame)))
    assert list(smtp.command_replies("connect")["code"]) == [220, 521, 554]
    assert list(smtp.command_replies(code=354)["command"]) == ["DATA"]
    assert len(smtp.command_replies("RCPT", 551)) == 1
    assert smtp.command_replies("DATA", 551).empty


def test_a_part_may_be_changed():
    part = smtp.codes(551)
    part["name"] = "mine"
    assert smtp.codes(551)["name"].item() == defined_codes()[551].name


@for_each(
    "ask, told",
    [
        (lambda: smtp.codes(450, 559), "559.* 556, "),
        (lambda: smtp.codes(columns=["name", "outcom"]), "'outcom'.* outcome, "),
        (lambda: smtp.codes(columns="nme"), "'nme'.* name, "),
        (lambda: smtp.codes(first_digit=6), "6.*2.*3.*4.*5"),
        (lambda: smtp.enhanced_codes("5.1.99"), r"5\.1\.99.*X\.1\.6"),
        (lambda: smtp.enhanced_codes("3.1.6"), r"3\.1\.6.*X\.1\.6"),
        (lambda: smtp.enhanced_codes("X.1.6", columns=["text"]), "'text'.* detail"),
        (lambda: smtp.unofficial_codes(518), "518.* 51"),
        (lambda: smtp.command_replies("RCTP"), "'RCTP'.* RCPT, "),
        (lambda: smtp.command_replies(code=559), "559.* 556, "),
    ],
)
def test_what_is_unknown_is_named_with_what_is_like_it(ask, told, each_language):
    with pytest.raises(LookupError, match=told):
        ask()


# ---- explain ----


@pytest.mark.parametrize("written", [551, "551", " 551 ", np.int64(551), np.uint16(551)])
def test_a_code_can_be_written_as_number_or_text(written):
    assert smtp.explain(written).code == defined_codes()[551]
    assert smtp.compare(written, 250).a == defined_codes()[551]


@for_each("code", defined_codes())
def test_explanation_of_a_code_shows_its_card(code, each_language):
    said = str(smtp.explain(code))
    assert said.startswith(f"{code} ")
    assert defined_codes()[code].text.split()[0] in said
    assert defined_codes()[code].source in " ".join(said.split())


@pytest.mark.parametrize(
    ("written", "head"),
    [
        ("5.1.6", "5.1.6 Destination mailbox has moved"),
        ("X.1.6", "X.1.6 Destination mailbox has moved"),
        ("x.1.6", "X.1.6 Destination mailbox has moved"),
        (" 4.2.2 ", "4.2.2 Mailbox full"),
        ("2.0.0", "2.0.0 Other undefined Status"),
    ],
)
def test_explanation_of_an_enhanced_code(written, head, each_language):
    said = str(smtp.explain(written))
    assert said.startswith(head)
    assert "(RFC 3463 §3." in said


@pytest.mark.parametrize("show", [smtp.explain, lambda code: smtp.compare(code, 250)])
def test_rows_of_digits_are_not_turned_around_where_text_runs_from_the_right(show):
    """`5··` must not be seen as `··5`, which would be about another digit."""
    smtp.language("ar")
    rows = re.findall(
        r'<li>(<bdi dir="ltr"><code>)?([\d·]{3})(</code></bdi>)?: ', show(551).to_html()
    )
    assert [pattern for _, pattern, _ in rows[:3]] == ["5··", "·5·", "··1"]
    assert all(before and after for before, pattern, after in rows if "·" in pattern)


def test_english_of_the_registry_is_set_apart_in_arabic():
    smtp.language("ar")
    html = smtp.explain("5.1.6").to_html()
    for said in ("5.1.6 Destination mailbox has moved", "The address used to be valid"):
        assert f'<bdi lang="en" dir="ltr">{said}' in html


@for_each("code", smtp.enhanced_codes().index)
def test_every_enhanced_code_is_explained(code):
    description = smtp.enhanced_codes().loc[code, "description"]
    assert description in " ".join(str(smtp.explain(code)).split())


def test_explanation_of_a_whole_reply():
    """The code, the enhanced code and the forward-path, from text as from a `Reply`."""
    line = "551 5.1.6 User not local; please try <bob@new.example>"
    said = smtp.explain(line)
    assert (said.code, str(said.enhanced)) == (defined_codes()[551], "5.1.6")
    heads = [row for row in str(said).splitlines() if row.startswith(("551", "5.1.6"))]
    assert len(heads) == 2
    assert "`<bob@new.example>`" in str(said) or "<bob@new.example>" in str(said)
    assert smtp.explain(smtp.parse_reply(line)) == said


def test_explanation_of_a_multiline_reply():
    assert smtp.explain("250-mail.example.test\r\n250 SIZE 1000\r\n").code == defined_codes()[250]


@pytest.mark.parametrize(("line", "word"), [("299 Fine", "success"), ("513 No", "permanent")])
def test_whole_reply_with_an_unknown_code_is_explained_by_its_first_digit(line, word):
    said = smtp.explain(line)
    assert said.code is None
    assert f"An unknown {word}" in str(said)


def test_unregistered_enhanced_code_in_a_reply_is_no_error():
    assert "`5.1.99`" in str(smtp.explain("550 5.1.99 No"))


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [(559, (556, 555, 554)), ("25", (250, 251, 252)), (351, (354, 355, 251)), (0, ()), (-250, ())],
)
def test_unknown_code_names_the_nearest(wanted, nearest):
    with pytest.raises(UnknownCodeError, match=f"code {wanted}; the nearest") as caught:
        smtp.explain(wanted)
    assert caught.value.wanted == int(wanted)
    assert set(caught.value.nearest) <= set(defined_codes())
    assert all(str(code) in str(caught.value) for code in caught.value.nearest)
    assert caught.value.nearest[: len(nearest)] == nearest


@for_each("code", smtp.unofficial_codes().index)
def test_unofficial_code_is_refused_with_the_codes_to_use_instead(code, each_language):
    with pytest.raises(UnknownCodeError, match=str(code)) as caught:
        smtp.compare(250, code)
    instead = smtp.unofficial_codes().loc[code, "instead"]
    assert " ".join(map(str, caught.value.nearest)) == instead


@pytest.mark.parametrize("wanted", NOT_CODES, ids=repr)
def test_only_codes_can_be_compared(wanted):
    error = ValueError if isinstance(wanted, str) else TypeError
    with pytest.raises(error, match="three digits, not "):
        smtp.compare(250, wanted)


@pytest.mark.parametrize(
    "wanted", [x for x in NOT_CODES if not isinstance(x, str | bytes)], ids=repr
)
def test_only_codes_and_text_can_be_explained(wanted):
    with pytest.raises(TypeError, match="three digits, not "):
        smtp.explain(wanted)


@pytest.mark.parametrize("wanted", ["", "abc", "2.5.", "3.1.6", "٢٥٠", "²", "5.1.6 Moved", "999 x"])
def test_text_that_is_no_reply_cannot_be_explained(wanted):
    with pytest.raises(ReplySyntaxError):
        smtp.explain(wanted)


def test_unknown_enhanced_code_names_its_family():
    with pytest.raises(UnknownCodeError, match=r"5\.1\.99 .*X\.1\.0, .*X\.1\.6"):
        smtp.explain("5.1.99")
    with pytest.raises(UnknownCodeError, match=r"5\.99\.1 .*X\.0\.0"):
        smtp.explain("5.99.1")


def test_error_is_in_the_current_language():
    smtp.language("ar")
    with pytest.raises(UnknownCodeError, match=r"[\u0621-\u064a]"):
        smtp.explain(999)


def test_long_values_are_cut_in_errors():
    with pytest.raises(ValueError, match="xxx") as caught:
        smtp.compare(250, "x" * 10_000)
    assert len(str(caught.value)) < 200
