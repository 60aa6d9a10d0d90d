"""The texts in both languages are whole, agree with each other and name only what there is."""

import re
from collections import Counter
from dataclasses import astuple

import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.files import folder, read_toml
from smtpedu.protocol.reply import parse_reply
from smtpedu.protocol.states import ANY, EFFECTS, LEGAL
from smtpedu.reference import texts
from smtpedu.reference.registry import defined_codes, replies, unofficial
from smtpedu.reference.situations import Situation

LANGUAGES = ("en", "ar")
PROSE = {name: read_toml(folder("data") / "prose" / f"{name}.toml") for name in LANGUAGES}
EXERCISES = sorted((folder("data") / "exercises").glob("*.toml"))
COMMANDS = {row["command"] for row in replies()}
RFC = r"RFC \d{3,4}(?: §\d+(?:\.\d+)*)?(?![\d§])"
KNOWN = {*defined_codes(), *unofficial()}
UNKNOWN = {557, 457, 259}  # exercises ask what to do with a code that nobody knows
ARABIC = re.compile("[\u0621-\u064a]")


def leaves(part, path=""):
    """Every string below a table, with the path to it."""
    if isinstance(part, str):
        yield path, part
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(value, f"{path}.{key}" if path else str(key))


def marked(text):
    return re.findall("`([^`]*)`", text)


def codes_in(text):
    return {int(span) for span in marked(text) if re.fullmatch(r"\d{3}", span)}


TEXTS = {name: dict(leaves(PROSE[name])) for name in LANGUAGES}


@for_each("code", defined_codes())
def test_every_code_has_a_card(code, each_language):
    card = texts.card(code)
    assert card.language == each_language
    assert all(map(str.strip, astuple(card)))


def test_cards_pairs_and_meanings_are_of_known_codes_and_commands():
    assert set(PROSE["en"]["codes"]) == set(map(str, defined_codes()))
    assert {code for pair in texts.pairs() for code in pair} <= set(defined_codes())
    assert set(PROSE["en"]["meanings"]) == COMMANDS


def test_both_languages_have_the_same_texts():
    """In the same places, so each pair written in English is also written in Arabic."""
    assert set(TEXTS["en"]) == set(TEXTS["ar"])


@for_each("a, b", texts.pairs())
def test_pair_is_complete(a, b, each_language):
    """Lower code first; a use for each of the two; RFCs and sections to read."""
    pair = texts.pair(a, b)
    assert a < b
    assert pair.language == each_language
    assert set(pair.use) == {a, b}
    assert 2 <= len(pair.difference) <= 5
    assert all(re.fullmatch(RFC, source) for source in pair.read)


def test_pairs_of_the_four_central_codes_are_written():
    central = {(250, 251), (250, 550), (250, 551), (251, 550), (251, 551), (550, 551)}
    assert central <= set(texts.pairs())


def test_pair_that_is_not_written():
    assert texts.pair(211, 556) is None


@for_each("row", replies())
def test_every_command_reply_has_its_own_meaning(row, each_language):
    table = PROSE[each_language]["meanings"][row["command"]]
    said = texts.code_meaning(row["command"], row["code"])
    assert said == table[str(row["code"])]
    assert len(said.split()) <= 22


def test_no_reason_stands_for_what_is_lawful_there():
    rows = {f"{row['command']} {row['code']}" for row in replies()}
    written = PROSE["en"]["why_not"]
    assert {
        f"{verb} {key}" for verb in written for key in written[verb] if key != "503"
    } & rows == set()


def test_greeting_and_goodbye_say_why_they_are_no_250():
    said = texts.why_not("en")
    assert "Nothing has been asked yet" in said["connect 250"]
    assert "Only `221` says goodbye" in said["QUIT 250"]


def test_no_meaning_without_a_command_reply():
    """But for `any`, which stands in for what a command lacks, by code or by first digit."""
    meanings = PROSE["en"]["meanings"]
    rows = {(row["command"], str(row["code"])) for row in replies()}
    written = {(verb, key.split()[0]) for verb in COMMANDS - {"any"} for key in meanings[verb]}
    assert written <= rows
    general = {key.split()[0] for key in meanings["any"]}
    assert set("2345") <= general <= {*"2345", *map(str, defined_codes())}


def test_each_condition_of_a_meaning_can_be_met_and_says_another_thing():
    """It is a situation; `251 unnamed` is for a 251 that does not tell the new address."""
    for meanings in (PROSE[name]["meanings"] for name in LANGUAGES):
        for verb, table_of_verb in meanings.items():
            special = {key for key in table_of_verb if " " in key}
            assert {key[4:] for key in special} <= {*Situation, "unnamed"}, verb
            said = [table_of_verb[key] for key in table_of_verb if key[:3] in ("550", "551")]
            assert len(said) == len(set(said)), verb
            assert special == {key for key in PROSE["en"]["meanings"][verb] if " " in key}, verb


ADDRESS = {"en": "names the (new )?address", "ar": "يذكر النص العنوان|النص يذكر العنوان"}
LIKE_550 = {"en": "names no address.*`550`", "ar": "لا يذكر.*عنوانًا.*`550`"}
HIDDEN = {"en": "does not say where", "ar": "لا يذكر الخادم (إلى )?أين|ولا يذكر إلى أين"}
REFUSED = {"en": "[Rr]efuse", "ar": "مرفوض|رفض|لرُفض"}


@for_each("verb", ["RCPT", "VRFY", ANY])
@for_each(
    "line, wanted",
    [
        # As they are in bounces and logs.
        ("551 5.7.1 Forwarding to remote hosts disabled", LIKE_550),
        ("551 5.7.1 relaying denied", LIKE_550),
        ("551 User not local", LIKE_550),
        ("551 not our customer", LIKE_550),
        ("551 Server access forbidden by invalid RDNS record of your mail server", LIKE_550),
        ("551 5.7.1 <b@x.example>: Recipient address rejected: not authorized", LIKE_550),
        ("551 5.1.1 <h@x.example>: Recipient address rejected: Failed validation", LIKE_550),
        ("551 bounce as<the destination mailbox <x@y.example> is full> queue as 1", LIKE_550),
        ('551 5.7.1 User "bob" not local, he is at "other.example"', LIKE_550),
        ("551 5.7.1 <b@x.example> - relaying denied", LIKE_550),
        ("551 5.7.1 Not authorised to send from <ann@example.test>; try again later", LIKE_550),
        ("551-5.7.1 Your IP is black listed\n551 5.7.1 ask admin@x.example", LIKE_550),
        ("551 5.1.6 User not local; please try <bob@new.example>", ADDRESS),
        ("551 5.1.1 User has moved; please try <bob@new.example>", ADDRESS),
        ("551 5.7.1 User not local; please try <bob@new.example>", ADDRESS),
        ("551 5.1.6 <bob@example.test>: not local; please try <bob@new.example>", ADDRESS),
        ("550 5.1.6 <bob@example.test>: User has moved to bob@new.example", ADDRESS),
        ("550 5.1.6 Mailbox has moved; please try <bob@new.example>", ADDRESS),
        ("550 5.1.6 Mailbox has moved, new address not disclosed", HIDDEN),
        ("550 5.1.6 <bob@example.test>: has moved", HIDDEN),
    ],
)
def test_what_a_reply_means_depends_on_all_that_it_says(verb, line, wanted, each_language):
    said = texts.reply_meaning(verb, parse_reply(line))
    assert re.search(wanted[each_language], said), said
    others = [one[each_language] for one in (ADDRESS, LIKE_550, HIDDEN) if one is not wanted]
    assert not [pattern for pattern in others if re.search(pattern, said)], said
    if verb == "RCPT":
        assert re.search(REFUSED[each_language], said)


SITUATIONS = [
    ("RCPT", "550 5.1.1 No such user", "unknown-user"),
    ("RCPT", "550 5.7.1 <b@x.example>... Relaying denied", "relay-denied"),
    ("RCPT", "554 5.7.1 <b@x.example>: Relay access denied", "relay-denied"),
    ("RCPT", "454 4.7.1 <b@x.example>: Relay access denied", "relay-denied"),
    ("RCPT", "551 5.7.1 Forwarding to remote hosts disabled", "relay-denied"),
    ("RCPT", "550 5.7.1 Client host blocked using zen.spamhaus.org", "blocked"),
    ("RCPT", "450 4.2.0 <b@x.example>: Recipient address rejected: Greylisted", "greylisted"),
    ("RCPT", "451 4.7.1 Greylisting in action, please come back later", "greylisted"),
    ("RCPT", "452 4.2.2 Over quota", "mailbox-full"),
    ("RCPT", "550 5.1.1 <b@x.example>: mailbox is full", "mailbox-full"),
    ("RCPT", "530 5.7.0 Authentication required", "authentication-needed"),
    ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "encryption-needed"),
    ("connect", "554 5.7.1 Your IP has a poor reputation", "blocked"),
    ("message", "554 5.7.1 Message contains a virus", "content-refused"),
]


@for_each("verb, line, situation", SITUATIONS)
def test_a_reply_that_tells_its_situation_means_just_that(verb, line, situation, each_language):
    said = texts.reply_meaning(verb, parse_reply(line))
    assert texts.situation(situation)["happened"] in said
    now = {"en": "Not now", "ar": "ليس الآن"}[each_language]
    assert said.startswith(now) == (line[0] == "4")


def test_251_that_names_no_address_is_not_said_to_name_one(each_language):
    named, unnamed = (
        texts.reply_meaning("RCPT", parse_reply(f"251 User not local; will forward{to}"))
        for to in (" to <b@new.example>", "")
    )
    assert re.search({"en": "names the new", "ar": "النص يذكر"}[each_language], named)
    assert re.search({"en": "does not name", "ar": "لا يذكر النص"}[each_language], unnamed)


@for_each("verb, line", [("DATA", "554 5.5.1 no valid recipients"), ("DATA", "503 Need RCPT")])
def test_where_the_code_says_it_better_it_says_it(verb, line, each_language):
    reply = parse_reply(line)
    assert texts.reply_meaning(verb, reply) == texts.code_meaning(verb, reply.code)


@pytest.mark.parametrize("line", ["550 No", "550 try <a@b.example>", "250 OK", "550 5.7.1 No"])
def test_what_has_no_condition_means_what_its_code_means(line, each_language):
    reply = parse_reply(line)
    assert texts.reply_meaning("RCPT", reply) == texts.code_meaning("RCPT", reply.code)


def test_what_a_language_lacks_of_a_replys_meanings_is_said_in_english(monkeypatch):
    reply = parse_reply("551 User not local")
    said = texts.reply_meaning("RCPT", reply, "en")
    monkeypatch.delitem(texts._prose("ar")["meanings"]["RCPT"], "551 not-local")
    assert texts.reply_meaning("RCPT", reply, "ar") == said


def test_551_where_no_text_is_known_says_both(each_language):
    said = texts.code_meaning("RCPT", 551)
    assert {"en": "An address in the text", "ar": "إن ذكر النص عنوانًا"}[each_language] in said
    assert "`550`" in said


@pytest.mark.parametrize("code", [299, 399, 499, 599])
def test_unknown_code_means_what_its_first_digit_says(code, each_language):
    """RFC 5321 §4.2."""
    said = PROSE[each_language]["meanings"]["any"][str(code)[0]]
    assert texts.code_meaning("RCPT", code) == texts.code_meaning("NONSENSE", code) == said


def test_code_that_this_command_never_gets_means_what_it_means_anywhere():
    assert texts.code_meaning("RCPT", 421) == PROSE["en"]["meanings"]["any"]["421"]


def test_what_a_language_lacks_is_given_in_english(monkeypatch):
    monkeypatch.delitem(texts._prose("ar")["codes"], "551")
    assert texts.card(551, "ar") == texts.card(551, "en")
    assert texts.card(551, "ar").language == "en"


@for_each("code", unofficial())
def test_every_unofficial_code_is_described(code, each_language):
    title, description = texts.unofficial(code)
    assert title.strip()
    assert description.strip()


def test_no_other_unofficial_code_is_described():
    assert set(PROSE["en"]["unofficial"]) == set(map(str, unofficial()))


def test_protocol_text_is_the_same_in_both_languages():
    spans = [{path: Counter(marked(text)) for path, text in TEXTS[name].items()} for name in TEXTS]
    assert spans[0] == spans[1]


def test_sources_are_the_same_in_both_languages():
    sources = [
        {path: set(re.findall(RFC, text)) for path, text in TEXTS[name].items()} for name in TEXTS
    ]
    assert sources[0] == sources[1]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda text: text.count("`") % 2, id="a backtick without its pair"),
        pytest.param(lambda text: re.search(r"§|RFC ?\d", re.sub(RFC, "", text)), id="RFC format"),
        pytest.param(lambda text: text != " ".join(text.split()), id="stray space"),
        pytest.param(lambda text: codes_in(text) - KNOWN, id="unknown code"),
    ],
)
def test_form_of_texts(name, wrong):
    assert [path for path, text in TEXTS[name].items() if wrong(text)] == []


def test_arabic_never_names_a_section_without_its_rfc():
    """Only as one piece it is set apart; a bare one is shown turned around."""
    files = [path for end in ("toml", "po") for path in folder("data").rglob(f"*.{end}")]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    arabic = [line for line in lines if ARABIC.search(line)]
    assert len(arabic) > 1000
    assert [line for line in arabic if "§" in re.sub(RFC, "", line)] == []


def test_titles_are_plain():
    """They also stand in lists to choose from, where nothing can be marked up."""
    titles = {path: text for name in TEXTS for path, text in TEXTS[name].items() if "title" in path}
    assert [path for path, text in titles.items() if "`" in text] == []


def test_arabic_text_is_arabic():
    """With Western digits and without tatweel."""
    said = {path: text for path, text in TEXTS["ar"].items() if ".read." not in path}
    assert [path for path, text in said.items() if not ARABIC.search(text)] == []
    assert [path for path, text in said.items() if re.search("[\u0640\u0660-\u0669]", text)] == []


def test_protocol_names_only_known_commands():
    assert {key.split()[0] for key, _ in EFFECTS} <= COMMANDS
    assert {verb for verbs in LEGAL.values() for verb in verbs} <= COMMANDS
    assert {digit for _, digit in EFFECTS} <= {2, 3, 4, 5}


@pytest.mark.parametrize("name", [name for name in smtp.sessions().index if "/" not in name])
def test_sessions_name_only_known_codes_and_commands(name):
    """Those of the lab; what other servers say, and are asked, is not in our hands."""
    session = smtp.session(name)
    assert set(session.codes) <= set(defined_codes())
    assert {turn.verb for turn in session.turns} <= COMMANDS


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_exercises_name_only_known_codes(path):
    codes = set().union(*(codes_in(text) for _, text in leaves(read_toml(path))))
    assert codes <= {*KNOWN, *UNKNOWN}
