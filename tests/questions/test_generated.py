"""Generated questions: never ambiguous, the same from their ids, whole in both languages.

What is right is worked out here a second time, from the tables' files and from the lines that a
question shows, without the generator's own code.
"""

import csv
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache

import pytest

from smtpedu.dialogue.session import annotate
from smtpedu.files import folder
from smtpedu.i18n import strings
from smtpedu.lab.policy import Policies
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import MESSAGE
from smtpedu.questions.bank import misconceptions, objectives
from smtpedu.questions.generators import MAKERS, generate, rebuilt
from smtpedu.questions.kinds import grade, solution

SEEDS = 10_000
DATA = folder("data")
ENGLISH = strings("")["en"]
CHOICES = ("choice", "predict", "diagnose")


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CODES = {row["code"]: row for row in rows("reply_codes.csv")}
LISTED = {(row["command"], row["code"]) for row in rows("command_replies.csv")}
ANYWHERE = {code for command, code in LISTED if command == "any"}
TITLES = {
    code: card["title"]
    for code, card in tomllib.loads((DATA / "prose/en.toml").read_text("utf-8"))["codes"].items()
}
# RFC 3463 §2: what the second number of an enhanced code is about.
SUBJECTS = ("", "address", "mailbox", "mail system", "network", "protocol", "content", "security")
# RFC 5321 §4.2.1.
FIRST = {
    "2": "completion: done",
    "3": "intermediate",
    "4": "transient",
    "5": "permanent",
}
SECOND = {"0": "syntax", "1": "information", "2": "connections", "5": "mail system"}
VERBS = {ENGLISH["verb.connect"]: "connect", ENGLISH["verb.message"]: "message"}


@cache
def items():
    """One item per seed, made by whichever maker the seed chooses."""
    return [generate(seed) for seed in range(SEEDS)]


def made_by(maker):
    return [item for item in items() if item.id.split(":")[1] == maker]


def asked(item):
    """The protocol text in a stem."""
    return re.findall("`([^`]+)`", item.stem)


def plain(option):
    return option.text.strip("`")


# ---- where a session stands, by the lines shown: RFC 5321 §3.3, §4.1.4 ----


def replies(lines):
    """(code, is the last line of its reply) of each server line."""
    return [(said[3:6], said[6:7] != "-") for _, said in lines if said.startswith("S: ")]


def standing(lines):
    """Greeted, in a transaction, with a recipient, in the message; and the last thing sent."""
    state, sent = "connecting", "connect"
    for _, said in lines:
        if said.startswith("C:"):
            sent = "message" if state == "data" else said[2:].split()[0].upper()
        elif said[6:7] != "-":
            state = after(state, sent, said[3])
    return state, sent


def after(state, sent, digit):
    if (sent, digit) == ("RCPT", "2") and state in ("mail", "rcpt"):
        return "rcpt"
    moves = {
        ("connect", "2"): "greeted",
        **dict.fromkeys([("EHLO", "2"), ("HELO", "2")], "ready"),
        ("MAIL", "2"): "mail",
        ("DATA", "3"): "data",
        ("RSET", "2"): "greeted" if state == "greeted" else "ready",
        **{("message", digit): "ready" for digit in "245"},
    }
    return moves.get((sent, digit), state)


MAY = {
    "greeted": {"EHLO"},
    "ready": {"MAIL"},
    "mail": {"RCPT"},
    "rcpt": {"RCPT", "DATA"},
    "data": {"message"},
}


def in_order(state, verb):
    always = {"RSET", "NOOP", "QUIT", "HELP", "VRFY", "EXPN", "EHLO", "HELO"} - {"message"}
    if state == "data":
        return verb == "message"
    return verb in MAY[state] or verb in always


# ---- exactly the intended answers are right ----


def right_class(item, option):
    return FIRST[asked(item)[0][0]] in option.text


def right_category(item, option):
    return option.text.startswith(SECOND[asked(item)[0][1]])


def right_command(item, option):
    code, verb = asked(item)[0], VERBS.get(option.text, plain(option))
    assert code not in ANYWHERE
    assert verb == verb.upper() or verb in VERBS.values()
    return (verb, code) in LISTED


def right_number(item, option):
    title = re.search("“(.+)”", item.stem)[1]
    return TITLES[plain(option)] == title


def right_enhanced(item, option):
    return plain(option)[0] == asked(item)[0][0]


def right_subject(item, option):
    return SUBJECTS[int(asked(item)[0].split(".")[1])] in option.text.partition(":")[0]


def right_reply(item, option):
    state, sent = standing(item.lines)
    assert item.lines[-1][1].startswith("C:")
    if sent != "message" and not in_order(state, sent):
        return plain(option) == "503"
    return (sent, plain(option)) in LISTED


def right_next(item, option):
    state, _ = standing(item.lines)
    verb = "message" if option.text == ENGLISH["generated.message"] else plain(option)
    return in_order(state, verb)


def right_count(item, option):
    return option.value == sum(last for _, last in replies(item.lines))


WORDS = {
    (True, True): "forwarded to {new}",
    (True, False): "silently forwarded to {new}",
    (False, True): "moved to {new}",
    (False, False): "moved",
}


def right_for_one_who_moved(item, option):
    """What the lab's server says to the last line, if it is set up as the question tells."""
    forwards, tells = (ENGLISH[f"generated.{name}_yes"] in item.stem for name in ("moved", "shown"))
    [old] = asked(item)
    policy = WORDS[forwards, tells].format(new="someone@new.example")
    assert item.lines[-1][1] == f"C: RCPT TO:<{old}>"
    return plain(option) == str(Policies.of({old: policy}).to_rcpt(old).reply.code)


@cache
def followed(lines):
    """The replies to RCPT and to the message, as the session's tracker tells them apart."""
    turns = annotate("\n".join(line for _, line in lines)).turns
    said = [(turn.verb, turn.said.code) for turn in turns if isinstance(turn.said, Reply)]
    codes = [code for verb, code in said if verb == "RCPT"]
    [last] = [code for verb, code in said if verb == MESSAGE]
    return codes, last


def right_for_several(item, option):
    codes, last = followed(item.lines)
    accepted = [code for code in codes if str(code)[0] == "2"]
    counts = {
        "server": accepted if last == 250 else [],
        "later": [code for code in codes if str(code)[0] == "4"] + accepted * (last == 451),
        "client": [code for code in codes if code == 551],
    }
    [asked] = [key for key in counts if item.stem == ENGLISH[f"generated.{key}_stem"]]
    return option.value == len(counts[asked])


JUDGES = {
    "class-of-code": right_class,
    "category": right_category,
    "who-may-say": right_command,
    "name-the-code": right_number,
    "enhanced-class": right_enhanced,
    "enhanced-subject": right_subject,
    "next-reply": right_reply,
    "legal-next": right_next,
    "count-replies": right_count,
    "moved": right_for_one_who_moved,
    "mixed": right_for_several,
}


@pytest.mark.parametrize("maker", JUDGES)
def test_exactly_the_intended_option_is_right(maker):
    """Over the makers together, this is 10,000 seeds."""
    assert len(made_by(maker)) > SEEDS / len(MAKERS) * 0.8
    for item in made_by(maker):
        right = [JUDGES[maker](item, option) for option in item.options]
        assert right == [option.right for option in item.options], item.id
        assert sum(right) == 1, item.id


def test_retry_follows_the_first_digit_and_leaves_out_what_is_not_so_simple():
    special = {"503", "552", "432", "453", "458", "459", "530", "534", "538"}
    for item in made_by("retry-or-not"):
        for option in item.options:
            assert option.group == "45".index(plain(option)[0])
            assert plain(option) not in special
        assert {option.group for option in item.options} == {0, 1}


def test_most_items_on_several_recipients_can_show_a_belief():
    shown = [bool(item.misconceptions) for item in made_by("mixed")]
    assert sum(shown) > 0.8 * len(shown)
    names = Counter(name for item in made_by("mixed") for name in item.misconceptions)
    assert {"551-server-forwards", "551-temporary", "251-resend", "551-whole-message"} <= {*names}


def test_all_makers_are_judged():
    assert {*JUDGES, "retry-or-not"} == set(MAKERS)
    assert {item.id.split(":")[1] for item in items()} == set(MAKERS)


def test_predicted_reply_is_what_the_session_goes_on_with():
    sessions = [
        re.sub(r"\A---\n.*?\n---\n", "", path.read_text("utf-8"), flags=re.DOTALL).splitlines()
        for path in (DATA / "sessions").rglob("*.txt")
    ]
    for item in made_by("next-reply"):
        shown = [line.rstrip() for _, line in item.lines]
        assert item.at == len(shown) + 1
        [right] = [plain(option) for option in item.options if option.right]
        nexts = {
            session[len(shown)][3:6]
            for session in sessions
            if [line.rstrip() for line in session[: len(shown)]] == shown
        }
        assert right in nexts
        assert nexts & {plain(option) for option in item.options} == {right}


# ---- options ----


def normal(option):
    return " ".join(option.text.split()).casefold()


def test_no_option_repeats_another():
    for item in items():
        names = [normal(option) for option in item.options]
        assert len(set(names)) == len(names) == 4, item.id


# Chi-square with three degrees of freedom: above this once in 10,000, were it chance.
CRITICAL = 21.1


def chi_square(counts):
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


def places(chosen):
    """How often each of the four places holds the right answer."""
    found = Counter(
        place
        for item in chosen
        for place, option in enumerate(item.options)
        if option.right or option.group == 0
    )
    return [found[place] for place in range(4)]


def test_right_answer_stands_anywhere_equally_often():
    assert chi_square(places([item for item in items() if item.kind != "classify"])) < CRITICAL


@pytest.mark.parametrize("maker", MAKERS)
def test_right_answer_stands_anywhere_equally_often_whoever_made_it(maker):
    counts = places([generate(seed, maker) for seed in range(1500)])
    # Of a classification several are in one class, which makes the places more equal.
    assert chi_square(counts) < CRITICAL


def test_chi_square_would_show_a_habit():
    assert chi_square([400, 250, 250, 100]) > CRITICAL


def test_solution_is_right_and_every_other_choice_wrong():
    for item in items()[:2000]:
        assert grade(item, solution(item)).right
        if item.kind in CHOICES:
            verdicts = [grade(item, place).right for place in range(4)]
            assert verdicts.count(True) == 1


# ---- texts ----


def words(said):
    return len(said.split())


@pytest.mark.parametrize("name", ["en", "ar"])
def test_every_item_is_whole(name):
    for seed in range(1500):
        item = generate(seed, language=name)
        said = (item.stem, item.hint, item.why, item.source)
        assert all(said), item.id
        assert words(item.stem) <= 45, item.id
        assert item.language == name
        assert item.level in objectives()[item.objective].levels
        assert {o.misconception for o in item.options} <= {*misconceptions(), ""}
        assert not any(o.right and o.misconception for o in item.options)
        assert all(o.text and o.feedback and words(o.feedback) <= 25 for o in item.options)
        assert bool(item.otherwise) == (item.kind == "number")
        assert not re.search(r"[{}]", "".join((*said, *(o.feedback for o in item.options))))


def shape(item):
    options = [(o.right, o.misconception, o.value, o.group) for o in item.options]
    return item.id, item.kind, item.objective, item.level, item.lines, item.at, options


def test_both_languages_ask_the_same_in_the_same_places():
    for seed in range(1500):
        english, arabic = generate(seed, language="en"), generate(seed, language="ar")
        assert shape(english) == shape(arabic)
        assert sorted(asked(english)) == sorted(asked(arabic))
        assert english.stem != arabic.stem


def test_the_current_language_is_the_one_that_is_used(each_language):
    assert generate(1).language == each_language


@pytest.mark.parametrize("maker", MAKERS)
def test_a_maker_asks_many_questions(maker):
    """Unlimited from seeds; and not one question again and again."""
    asked = {
        (item.stem, item.lines, tuple(o.text for o in item.options))
        for item in (generate(seed, maker) for seed in range(300))
    }
    assert len(asked) > 100


def test_hint_does_not_tell_the_answer():
    for item in items()[:3000]:
        if item.kind == "number":
            assert str(solution(item)) not in re.findall(r"\d+", item.hint)


# ---- ids ----


def test_item_is_rebuilt_from_its_id():
    for seed in (0, 1, 17, -5, 10**17):
        item = generate(seed)
        assert rebuilt(item.id) == item
        assert rebuilt(item.id, "ar") == generate(seed, item.id.split(":")[1], "ar")
        assert item.id == f"generated:{item.id.split(':')[1]}:{seed}"


def test_item_is_the_same_in_every_process():
    code = "from smtpedu.questions.generators import *; print([generate(s) for s in range(60)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "SMTPEDU_LANGUAGE": "en"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{[generate(seed) for seed in range(60)]}\n"}


@pytest.mark.parametrize(
    "name",
    [
        *("generated", "generated:", "generated:category", "generated:category:"),
        *("generated:nobody:1", "generated:category:1x", "generated:category:1:2"),
        *("generated:category:01", "generated:category:+1", "generated:category: 1"),
        *("generated:category:١", "generated:category:" + "9" * 5000, "generated:category:--1"),
        *("other:category:1", "generated:category:-0", "generated:__class__:1"),
    ],
)
def test_what_is_no_id_is_an_error_that_names_it(name):
    with pytest.raises(LookupError, match=re.escape(repr(name[:50]).strip("'"))):
        rebuilt(name)


def test_unknown_maker_is_an_error_that_names_the_known():
    with pytest.raises(LookupError, match=r"'nobody'.*class-of-code"):
        generate(1, "nobody")
