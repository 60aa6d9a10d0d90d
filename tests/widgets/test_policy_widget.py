"""The policy explorer as Python sees it: what it takes along, and what a server really says."""

import json
import threading

import pytest

import smtpedu as smtp
from smtpedu.i18n import LANGUAGES, strings
from smtpedu.lab.limits import Limits
from smtpedu.lab.policy import TREE
from smtpedu.reference import texts as prose
from smtpedu.widgets.page import content
from smtpedu.widgets.policy import tried

LEAVES = smtp.policy_explorer().leaves
NAMES = [leaf.name for leaf in LEAVES]


def leaf_of(explorer, name):
    return next(leaf for leaf in explorer.leaves if leaf.name == name)


def answered(widget, name):
    """Ask as the browser does, and wait until the answer is there."""
    done = threading.Event()
    widget.observe(lambda change: change["new"] or done.set(), "asking")
    widget.asking = name
    assert done.wait(30)
    return widget.tried[name]


# ---- what the browser is given ----


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("leaf", LEAVES, ids=NAMES)
def test_each_leaf_is_explained_in_both_languages(leaf, name):
    drawn = {row["name"]: row for row in content.PARTS["decision"]()["leaves"]}
    texts, said = drawn[leaf.name]["texts"][name], content.PARTS["strings"]()[name]
    assert texts["means"] == prose.reply_meaning("RCPT", leaf.policy.reply, name)
    assert texts["title"]
    assert texts["enhanced"]
    assert said[f"next.{leaf.name}"] == strings("")[name][f"next.{leaf.name}"]


@pytest.mark.parametrize("name", LANGUAGES)
def test_each_question_and_answer_has_words(name):
    said = content.PARTS["strings"]()[name]
    asked = {f"decision.{question}-{answer}" for question in TREE for answer in TREE[question]}
    assert asked | {f"decision.{question}" for question in TREE} <= set(said)


def test_order_survives_a_notebook_that_sorts_its_keys():
    saved = json.loads(content.part("decision"))["tree"]
    assert {question: dict(offered) for question, offered in saved} == TREE
    assert [question for question, _ in saved] == list(TREE)


def test_the_code_that_fits_its_reply_badly_is_pointed_out():
    """X.1.6 is named "no forwarding address"; the 551 that carries it gives one."""
    odd = [leaf for leaf in content.PARTS["decision"]()["leaves"] if leaf["odd"]]
    assert [(leaf["code"], leaf["enhanced"]) for leaf in odd] == [(551, "5.1.6")]


# ---- a real server ----


@pytest.mark.parametrize("name", NAMES)
def test_the_server_says_what_the_leaf_says(name):
    leaf = leaf_of(smtp.policy_explorer(), name)
    result = answered(smtp.policy_explorer().widget(), name)
    assert result["said"] == leaf.line
    assert result["agrees"] is True
    said = [line for who, _, line in result["lines"] if who == "client"]
    assert [line.split()[0] for line in said] == ["EHLO", "MAIL", "RCPT", "QUIT"]
    assert said[2] == f"RCPT TO:<{leaf.mailbox}>"


def test_nothing_is_left_running():
    before = set(threading.enumerate())
    widget = smtp.policy_explorer().widget()
    for name in NAMES:
        answered(widget, name)
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
    assert set(threading.enumerate()) <= before


def test_a_given_lab_is_the_one_that_is_asked():
    with smtp.Lab({"zoe@school.example": "moved to zoe@new.example"}) as lab:
        result = answered(smtp.policy_explorer(lab).widget(), "moved-to")
        assert result["said"] == "551 5.1.6 User not local; please try <zoe@new.example>"
        assert lab.session.codes == [220, 250, 250, 551, 221]
        assert lab.inbox == {}


def test_a_mailbox_beyond_ascii_is_asked_about():
    with smtp.Lab({"زينب@example.test": "local"}) as lab:
        assert tried(leaf_of(smtp.policy_explorer(lab), "local"), lab)["agrees"] is True


def test_a_server_that_says_something_else_is_shown_as_it_is():
    """No prediction knows of limits."""
    with smtp.Lab({"zoe@school.example": "local"}, limits=Limits(connections=0)) as lab:
        result = tried(leaf_of(smtp.policy_explorer(lab), "local"), lab)
    assert result["said"].startswith("421 ")
    assert result["agrees"] is False


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "never started"])
def test_a_lab_that_does_not_run_is_a_problem_and_no_crash(stopped):
    lab = smtp.Lab({"zoe@school.example": "local"})
    if stopped:
        lab.start().stop()
    assert answered(smtp.policy_explorer(lab).widget(), "local") == {"problem": "unreachable"}


@pytest.mark.parametrize("name", ["moved-to", "no such leaf", ""])
def test_what_cannot_be_asked_is_not_asked(name):
    lab = smtp.Lab({"zoe@school.example": "local"})
    widget = smtp.policy_explorer(lab).widget()
    before = threading.active_count()
    widget.asking = name
    assert threading.active_count() == before
    assert widget.tried == {}


# ---- without a browser ----


def test_fallback_shows_every_leaf(each_language):
    text = smtp.policy_explorer().to_html()
    for leaf in LEAVES:
        assert leaf.line.replace("<", "&lt;").replace(">", "&gt;") in text
        assert leaf.policy.source in text
    assert text.count("<tr>") == len(LEAVES) + 1


def test_frame_has_a_row_for_each_leaf():
    frame = smtp.policy_explorer().to_frame()
    assert list(frame["code"]) == [leaf.policy.reply.code for leaf in LEAVES]
    moved = frame.set_index("handling").loc["refuse_tell"]
    assert (moved["code"], moved["source"]) == (551, "RFC 5321 §3.4")
    assert (frame["handling"] == "").sum() == len(LEAVES) - len(TREE["handling"])


def test_anything_but_a_lab_is_an_error_that_says_so():
    with pytest.raises(TypeError, match="a lab is wanted, not dict"):
        smtp.policy_explorer({"zoe@school.example": "local"})
