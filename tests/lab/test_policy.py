"""Policies: words, a teacher's replies, the tables they come in, the questions behind them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.files import DataError
from smtpedu.lab import policy as module
from smtpedu.lab.policy import (
    EXAMPLE_MAILBOXES,
    FIRST_QUESTION,
    TREE,
    Policies,
    PolicyError,
    decide,
    leaves,
    parse,
    questions,
    rows,
)
from smtpedu.protocol.reply import parse_reply
from smtpedu.reference.registry import enhanced, replies

ADDRESS = "bob@new.example"
WORDS = sorted(rows())
RCPT = {row["code"] for row in replies() if row["command"] in ("RCPT", "any")}


def written(words):
    return words.replace("<address>", ADDRESS)


@pytest.mark.parametrize("words", WORDS)
def test_every_policy_gives_a_reply_that_rcpt_may_get(words):
    policy = parse("bob@example.test", written(words), host="mail.example.test")
    reply = parse_reply(policy.reply.format(), strict=True)
    assert reply.code in RCPT
    assert reply.enhanced.class_ == reply.severity
    assert f"X.{reply.enhanced.subject}.{reply.enhanced.detail}" in enhanced()
    assert "<host>" not in reply.text and "<address>" not in reply.text
    assert policy.source.startswith("RFC 5321 §")
    assert policy.words == words


@pytest.mark.parametrize(
    ("written", "code", "enhanced"),
    [
        ("local", 250, "2.1.5"),
        (f"forwarded to {ADDRESS}", 251, "2.1.5"),
        (f"moved to {ADDRESS}", 551, "5.1.6"),
        ("moved", 550, "5.1.6"),
        ("unknown", 550, "5.1.1"),
        ("relay denied", 550, "5.7.1"),
        ("full for now", 452, "4.2.2"),
        ("full", 552, "5.2.2"),
        ("greylisted", 450, "4.7.1"),
        ("not allowed", 553, "5.1.3"),
        ("shutting down", 421, "4.3.2"),
    ],
)
def test_the_policies_of_the_course(written, code, enhanced):
    reply = parse("bob@example.test", written).reply
    assert (reply.code, str(reply.enhanced)) == (code, enhanced)


@pytest.mark.parametrize("written", ["Moved  to  Bob@New.example", "moved to <Bob@New.example>"])
def test_spelling_of_words_is_lenient_and_of_addresses_is_kept(written):
    policy = parse("bob@example.test", written)
    assert policy.address == policy.reply.forward_path == "Bob@New.example"


@pytest.mark.parametrize(
    "written",
    [
        "lokal",
        "",
        "moved to",
        "moved to <address>",
        "moved to bob",
        "moved to a@b@c",
        "local to a@b",
    ],
)
def test_misspelt_policy_names_mailbox_and_words(written):
    with pytest.raises(PolicyError) as caught:
        Policies.of({"carol@example.test": written})
    assert "carol@example.test" in str(caught.value)
    assert all(words in str(caught.value) for words in WORDS)


@pytest.mark.parametrize("said", ["571 Blocked", "250 Welcome", "421 4.3.2 Bye", "550"])
def test_a_reply_of_the_teachers_own(said):
    policy = parse("bob@example.test", f" {said}\n")
    assert policy.reply.format() == f"{said}{' ' * (said == '550')}\r\n"
    assert policy.accepted is said.startswith("2")


def test_a_reply_of_many_lines():
    policy = parse("bob@example.test", "550-5.7.1 No\n550 5.7.1 Never")
    assert policy.reply.lines == ("5.7.1 No", "5.7.1 Never")


def test_a_251_of_the_teachers_own_forwards():
    said = f"251 2.1.5 User not local; will forward to <{ADDRESS}>"
    assert parse("bob@example.test", said).address == ADDRESS


@pytest.mark.parametrize("said", ["550 Désolé", "550 " + "x" * 600, "moved to bøb@new.example"])
def test_a_reply_that_cannot_be_sent_is_refused(said):
    with pytest.raises(PolicyError, match=r"bob@example\.test.*cannot be sent"):
        parse("bob@example.test", said)


@pytest.mark.parametrize("mailbox", ["bob", "", "@example.test", "a b@c", None, 5])
def test_a_mailbox_is_name_and_domain(mailbox):
    with pytest.raises(PolicyError, match="mailbox"):
        Policies.of({mailbox: "local"})


def test_a_mailbox_has_one_policy():
    with pytest.raises(PolicyError, match=r"Bob@example\.test"):
        Policies.of({"bob@example.test": "local", "Bob@example.test": "moved"})


def test_case_of_a_mailbox_does_not_matter():
    policies = Policies.of({"Bob@Example.Test": "full"}, domains=["EXAMPLE.test"])
    assert policies.policy("bob@EXAMPLE.TEST").words == "full"
    assert policies.policy("nobody@Example.TEST").words == "unknown"


def test_domains_are_those_of_the_mailboxes_or_those_given():
    boxes = {"a@one.example": "local", "b@two.example": "relay denied"}
    assert Policies.of(boxes).domains == {"one.example"}
    assert Policies.of(boxes, domains="three.example").domains == {"three.example"}
    assert Policies.of(boxes).policy("x@two.example").words == "relay denied"


@pytest.mark.parametrize("mailbox", ["postmaster", "PostMaster@example.test"])
def test_postmaster_is_always_there(mailbox):
    assert Policies.of({"a@example.test": "full"}).policy(mailbox).words == "local"
    assert Policies.of({"postmaster": "full"}).policy("Postmaster").words == "full"


def test_greylisting_refuses_each_sender_once():
    policies = Policies.of({"f@example.test": "greylisted"})
    said = [policies.to_rcpt("F@example.test", who).reply.code for who in ("a@x", "a@x", "b@x")]
    assert said == [450, 250, 450]


def test_greylisting_forgets_before_memory_fills(monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    policies = Policies.of({"f@example.test": "greylisted"})
    for number in range(9):
        policies.to_rcpt("f@example.test", f"{number}@x")
        policies.to_rcpt(f"nobody{number}@example.test", "a@x")
    assert len(policies._seen) <= 2


# ---- tables ----


def test_from_a_frame():
    frame = pd.DataFrame({"mailbox": ["a@example.test"], "policy": ["moved"], "note": ["x"]})
    assert Policies.of(frame).policy("a@example.test").words == "moved"


def test_a_frame_without_the_columns():
    with pytest.raises(PolicyError, match=r"missing: policy; found: mailbox, polcy"):
        Policies.of(pd.DataFrame({"mailbox": ["a@b"], "polcy": ["local"]}))


def test_a_frame_with_a_gap_names_the_mailbox():
    with pytest.raises(PolicyError, match="a@b"):
        Policies.of(pd.DataFrame({"mailbox": ["a@b"], "policy": [None]}))


def test_a_frame_with_a_mailbox_twice():
    with pytest.raises(PolicyError, match="two policies"):
        Policies.of(pd.DataFrame({"mailbox": ["a@b", "a@b"], "policy": ["local", "full"]}))


TOML = 'domains = ["example.test", "b"]\n[mailboxes]\n"a@example.test" = "full"\n'


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_from_a_toml_file(tmp_path, as_path):
    file = tmp_path / "policies.toml"
    file.write_text(TOML, "utf-8")
    policies = Policies.of(as_path(file))
    assert policies.policy("a@example.test").words == "full"
    assert policies.domains == {"example.test", "b"}
    assert Policies.of(file, domains=["c"]).domains == {"c"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("mailboxes = 5", r"missing table \[mailboxes\]"),
        ("", r"missing table \[mailboxes\]"),
        ("[mailboxes", "line 1"),
        ("domain = []\n[mailboxes]", "unknown field 'domain'"),
        ("domains = 'x'\n[mailboxes]", "'domains' is not a list"),
        ("domains = [5]\n[mailboxes]", "'domains' is not a list"),
    ],
)
def test_a_bad_toml_file_is_named(tmp_path, content, problem):
    file = tmp_path / "policies.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(DataError, match=problem) as caught:
        Policies.of(file)
    assert "policies.toml" in str(caught.value)


def test_a_policy_in_toml_that_is_no_text_names_the_mailbox(tmp_path):
    file = tmp_path / "policies.toml"
    file.write_text('[mailboxes]\n"a@example.test" = 5\n', "utf-8")
    with pytest.raises(PolicyError, match=r"a@example\.test"):
        Policies.of(file)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.toml"):
        Policies.of("nowhere.toml")


# ---- the questions behind a policy ----

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
