"""The tree of questions behind a reply to RCPT: its leaves, its ways, other servers' leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.lab.policy import (
    EXAMPLE_MAILBOXES,
    FIRST_QUESTION,
    TREE,
    Policies,
    decide,
    leaves,
    questions,
    rows,
)

LEAVES = leaves()
# Answers → the reply's code, its enhanced code and the section of RFC 5321 behind it.
REPLIES = [
    ({"ours": "no"}, 550, "5.7.1", "3.6.2"),
    ({"ours": "yes", "here": "yes"}, 250, "2.1.5", "3.3"),
    ({"ours": "yes", "here": "no", "known": "no"}, 550, "5.1.1", "3.3"),
    *(
        ({"ours": "yes", "here": "no", "known": "yes", "handling": handling}, *reply, "3.4")
        for handling, *reply in (
            ("forward_tell", 251, "2.1.5"),
            ("forward_hide", 250, "2.1.5"),
            ("refuse_tell", 551, "5.1.6"),
            ("refuse_hide", 550, "5.1.6"),
        )
    ),
]
ANSWERS = st.fixed_dictionaries(
    {}, optional={question: st.sampled_from([*offered]) for question, offered in TREE.items()}
)


@pytest.mark.parametrize(("answers", "code", "enhanced", "section"), REPLIES)
def test_answers_lead_to_the_reply(answers, code, enhanced, section):
    leaf = decide(answers)
    reply = leaf.policy.reply
    assert (reply.code, str(reply.enhanced)) == (code, enhanced)
    assert leaf.policy.source == f"RFC 5321 §{section}"


def test_these_are_all_the_leaves():
    known = [answers for answers, *_ in REPLIES]
    assert [leaf for leaf in LEAVES if leaf.answers not in known] == []
    assert len(LEAVES) == len(known)


def test_every_leaf_is_a_known_policy_and_none_comes_twice():
    words = [leaf.policy.words for leaf in LEAVES]
    assert set(words) <= set(rows())
    assert len(set(words)) == len({leaf.name for leaf in LEAVES}) == len(words)


def test_the_address_is_told_exactly_where_it_may_be():
    told = {leaf.answers.get("handling") for leaf in LEAVES if leaf.policy.reply.forward_path}
    assert told == {"forward_tell", "refuse_tell"}


def test_a_moved_mailbox_is_accepted_exactly_where_it_is_forwarded():
    handled = {leaf.answers["handling"]: leaf for leaf in LEAVES if "handling" in leaf.answers}
    accepted = {answer for answer, leaf in handled.items() if leaf.policy.accepted}
    assert accepted == {answer for answer in TREE["handling"] if answer.startswith("forward")}


def test_every_question_is_reached_and_asked_once():
    nexts = [after for offered in TREE.values() for after in offered.values() if after in TREE]
    assert sorted([FIRST_QUESTION, *nexts]) == sorted(TREE)


@given(ANSWERS)
def test_answers_are_open_or_lead_to_one_leaf(answers):
    """Whatever else is answered: what does not matter changes nothing."""
    asked, leaf = questions(answers), decide(answers)
    relevant = {question: answers[question] for question in asked if question in answers}
    assert decide(relevant) == leaf
    assert (leaf is None) == (asked[-1] not in answers)
    assert leaf is None or leaf.answers == relevant


@pytest.mark.parametrize("ask", [decide, questions])
def test_unknown_answer_is_an_error_that_names_the_known(ask):
    with pytest.raises(ValueError, match="here: no answer 'maybe'; there are: yes, no"):
        ask({"ours": "yes", "here": "maybe"})


# ---- the mailboxes ----


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)
def test_the_mailbox_of_a_leaf_gets_its_reply(leaf):
    assert Policies.of(EXAMPLE_MAILBOXES).policy(leaf.mailbox) == leaf.policy


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)
def test_what_is_written_makes_the_leaf_of_another_server(leaf):
    policies = Policies.of({leaf.mailbox: leaf.written}, domains=["example.test"])
    assert decide(leaf.answers, policies) == leaf


def test_leaves_of_a_server_have_its_mailboxes():
    policies = Policies.of({"zoe@school.example": "moved to zoe@new.example"})
    leaf = decide(dict(REPLIES[5][0]), policies)
    assert (leaf.mailbox, leaf.policy.address) == ("zoe@school.example", "zoe@new.example")
    assert leaf.line == "551 5.1.6 User not local; please try <zoe@new.example>"


def test_a_policy_that_no_mailbox_has_is_shown_by_an_example():
    without = {leaf.name: leaf for leaf in leaves(Policies.of({"zoe@school.example": "full"}))}
    assert {name for name, leaf in without.items() if leaf.mailbox} == {"unknown", "relay-denied"}
    assert without["unknown"].mailbox == "nobody@school.example"
    assert without["moved-to"].line == decide(REPLIES[5][0]).line


@pytest.mark.parametrize("domain", ["example.com", "new.example", "school.example"])
def test_relaying_is_asked_of_a_domain_that_is_not_the_servers(domain):
    policies = Policies.of({f"zoe@{domain}": "local"})
    stranger = decide({"ours": "no"}, policies).mailbox
    assert stranger
    assert not stranger.endswith(domain)
