"""Policies: words, a teacher's replies, and the tables they come in."""

import pandas as pd
import pytest

from smtpedu.files import DataError
from smtpedu.lab import policy as module
from smtpedu.lab.policy import Policies, PolicyError, parse
from smtpedu.protocol.reply import parse_reply
from smtpedu.reference.registry import enhanced, replies

ADDRESS = "bob@new.example"
WORDS = sorted(module.rows())
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
