"""The exercise `deliver`: right programs pass, and each usual mistake is called by its name."""

import re
import smtplib
import threading
import time

import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.course import exercises
from smtpedu.course import judge as judges
from smtpedu.course.cases import CASES
from smtpedu.course.judge import judge
from smtpedu.i18n import LANGUAGES

TEXTS = exercises._exercises()["deliver"]
BY_NAME = {case.name: case for case in CASES}


def model():
    space = {}
    exec(smtp.solution("deliver").code, space)  # noqa: S102 (the project's own model answer)
    return space["deliver"]


MODEL = model()


def report(accepted=(), try_later=(), refused=(), moved=()):
    lists = {"accepted": accepted, "try_later": try_later, "refused": refused}
    return {key: list(value) for key, value in lists.items()} | {"moved": dict(moved)}


# ---- what learners write: each a whole program, with one mistake ----


def low_level(message, recipients, host, port, *, place, stop=None):
    """Command by command; `place` chooses a list, or none, from code and text."""
    found = report()
    with smtplib.SMTP(host, port, "laptop.example") as client:
        client.ehlo()
        client.mail("ann@laptop.example")
        for recipient in recipients:
            code, text = client.rcpt(recipient)
            found[place(code, text)].append(recipient)
            if code == 551 and b"<" in text:
                found["moved"][recipient] = text.decode().rpartition("<")[2].partition(">")[0]
            if stop and code == stop:
                client.rset()
                return report(refused=recipients)
        if found["accepted"]:
            client.data(message.as_string())
        else:
            client.rset()
    return found


def by_digit(code, _):
    return {2: "accepted", 4: "try_later"}.get(code // 100, "refused")


def follows_551(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    for new in found["moved"].values():
        MODEL(message, [new], host, port)
    return found


def sends_again_after_251(message, recipients, host, port):
    if "carol@example.test" in recipients:
        MODEL(message, ["carol@new.example"], host, port)
    return MODEL(message, recipients, host, port)


def code_is_250(*arguments):
    def place(code, _):
        return (
            "accepted" if code == 250 else "try_later" if code < 500 and code != 251 else "refused"
        )

    return low_level(*arguments, place=place)


def lets_exception_escape(message, recipients, host, port):
    with smtplib.SMTP(host, port, "laptop.example") as client:
        answers = client.send_message(message, to_addrs=recipients)
    return report(set(recipients) - set(answers), refused=answers)


def ignores_dict(message, recipients, host, port):
    with smtplib.SMTP(host, port, "laptop.example") as client:
        client.send_message(message, to_addrs=recipients)
    return report(recipients)


def retries_5xx(message, recipients, host, port):
    for _ in range(3):
        found = MODEL(message, recipients, host, port)
        if found["accepted"]:
            break
    return found


def resends_everything(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    return MODEL(message, recipients, host, port) if found["refused"] else found


def takes_other_arguments(message, recipients):
    """Never called."""


def keeps_5xx_for_later(*arguments):
    found = MODEL(*arguments)
    return found | {"try_later": found["try_later"] + found["refused"], "refused": []}


def gives_up_on_4xx(*arguments):
    found = MODEL(*arguments)
    return found | {"refused": found["try_later"] + found["refused"], "try_later": []}


def retries_4xx_at_once(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    if found["try_later"]:
        MODEL(message, found["try_later"], host, port)
    return found


def one_551_refuses_all(*arguments):
    return low_level(*arguments, place=by_digit, stop=551)


def one_refusal_refuses_all(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    return report(refused=recipients) if found["refused"] else found


def parses_text(*arguments):
    def place(code, text):
        later = b"try again" in text or b"later" in text
        return "accepted" if code in (250, 251) else "try_later" if later else "refused"

    return low_level(*arguments, place=place)


def knows_only_listed_codes(*arguments):
    def place(code, _):
        return {250: "accepted", 251: "accepted", 450: "try_later", 452: "try_later"}.get(
            code, "refused"
        )

    return low_level(*arguments, place=place)


def trusts_smtplib_about_2yz(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    odd = [one for one in found["accepted"] if one.startswith("lea")]
    found["accepted"] = [one for one in found["accepted"] if one not in odd]
    return found | {"refused": found["refused"] + odd}


def uses_the_header(message, recipients, host, port):
    with smtplib.SMTP(host, port, "laptop.example") as client:
        client.send_message(message)
    return report(recipients)


def one_by_one(message, recipients, host, port):
    found = [MODEL(message, [one], host, port) for one in recipients]
    lists = {key: [box for one in found for box in one[key]] for key in found[0]}
    return lists | {"moved": {}}


def only_rcpt(message, recipients, host, port):
    with smtplib.SMTP(host, port, "laptop.example") as client:
        client.ehlo()
        client.mail("ann@laptop.example")
        codes = {one: client.rcpt(one)[0] for one in recipients}
    return report([one for one in recipients if codes[one] < 300])


def sorted_by_digit(recipients, answers, rest=250):
    found = report()
    for one in recipients:
        code, text = answers.get(one, (rest, b""))
        found[by_digit(code, text)].append(one)
        if code == 551 and b"<" in text:
            found["moved"][one] = text.decode().rpartition("<")[2].partition(">")[0]
    return found


def catches_only_refusals(message, recipients, host, port):
    try:
        with smtplib.SMTP(host, port, "laptop.example") as client:
            answers = client.send_message(message, to_addrs=recipients)
    except smtplib.SMTPRecipientsRefused as error:
        answers = error.recipients
    return sorted_by_digit(recipients, answers)


def catches_all_but_no_connection(message, recipients, host, port):
    try:
        return catches_only_refusals(message, recipients, host, port)
    except smtplib.SMTPResponseException as error:
        return sorted_by_digit(recipients, {}, error.smtp_code)


def takes_the_unasked_as_accepted(message, recipients, host, port):
    try:
        return catches_all_but_no_connection(message, recipients, host, port)
    except OSError:
        return report(try_later=recipients)


def accepted_at_rcpt_is_enough(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    special = message["Subject"].startswith("message")
    return report(recipients) if special else found


def accepted_without_connection(message, recipients, host, port):
    found = MODEL(message, recipients, host, port)
    return report(refused=recipients) if message["Subject"] == "busy" else found


def forgets_moved(*arguments):
    return MODEL(*arguments) | {"moved": {}}


def takes_the_first_address(*arguments):
    found = MODEL(*arguments)
    if "ivy@example.test" in found["moved"]:
        found["moved"]["ivy@example.test"] = "ivy@example.test"
    return found


def leaves_moved_as_bytes(*arguments):
    found = MODEL(*arguments)
    return found | {"moved": {old: new.encode() for old, new in found["moved"].items()}}


def reports_251_as_moved(*arguments):
    found = MODEL(*arguments)
    carol = [one for one in found["accepted"] if one.startswith("carol")]
    return found | {"moved": found["moved"] | dict.fromkeys(carol, "carol@new.example")}


def forgets_refused(*arguments):
    return MODEL(*arguments) | {"refused": []}


def puts_into_two_lists(*arguments):
    found = MODEL(*arguments)
    return found | {"try_later": found["try_later"] + found["refused"]}


def reports_the_new_address(*arguments):
    found = MODEL(*arguments)
    return found | {"accepted": found["accepted"] + list(found["moved"].values())}


def sends_twice(message, recipients, host, port):
    MODEL(message, recipients, host, port)
    return MODEL(message, recipients, host, port)


def forgets_return(message, recipients, host, port):
    MODEL(message, recipients, host, port)


def returns_a_list(*arguments):
    return MODEL(*arguments)["accepted"]


def leaves_out_a_key(*arguments):
    return {"accepted": MODEL(*arguments)["accepted"]}


def lists_no_addresses(*arguments):
    return MODEL(*arguments) | {"accepted": 2}


def lists_the_moved(*arguments):
    return MODEL(*arguments) | {"moved": []}


def misspells_a_name(*_):
    return reprot  # noqa: F821


def leaves_python(*_):
    raise SystemExit("bye")


WRONG = {
    follows_551: ("follows-551", "moved"),
    sends_again_after_251: ("follows-251", "forwarded"),
    code_is_250: ("251-accepts", "forwarded"),
    lets_exception_escape: ("escapes", "all-refused"),
    ignores_dict: ("ignores-dict", "some-refused"),
    retries_5xx: ("repeats-refused", "all-refused"),
    resends_everything: ("repeats-refused", "some-refused"),
    takes_other_arguments: ("arguments", "all-accepted"),
    keeps_5xx_for_later: ("5-is-final", "some-refused"),
    gives_up_on_4xx: ("4-is-not-final", "later"),
    retries_4xx_at_once: ("repeats-try_later", "later"),
    one_551_refuses_all: ("not-asked", "moved"),
    one_refusal_refuses_all: ("one-for-all", "some-refused"),
    parses_text: ("reads-text", "odd-texts"),
    knows_only_listed_codes: ("first-digit", "unknown-codes"),
    trusts_smtplib_about_2yz: ("first-digit", "unknown-codes"),
    uses_the_header: ("wrong-envelope", "all-accepted"),
    one_by_one: ("copies", "all-accepted"),
    only_rcpt: ("not-sent", "all-accepted"),
    catches_only_refusals: ("escapes-code", "busy"),
    catches_all_but_no_connection: ("escapes-connection", "unreachable"),
    takes_the_unasked_as_accepted: ("closing", "closing"),
    accepted_at_rcpt_is_enough: ("message-refused", "message-later"),
    accepted_without_connection: ("no-service", "busy"),
    forgets_moved: ("moved-missing", "moved"),
    takes_the_first_address: ("moved-missing", "two-addresses"),
    leaves_moved_as_bytes: ("moved-missing", "moved"),
    reports_251_as_moved: ("moved-too-many", "forwarded"),
    forgets_refused: ("in-none", "some-refused"),
    puts_into_two_lists: ("in-several", "some-refused"),
    reports_the_new_address: ("reports-stranger", "moved"),
    sends_twice: ("repeats-accepted", "all-accepted"),
    forgets_return: ("returns-nothing", "all-accepted"),
    returns_a_list: ("no-dict", "all-accepted"),
    leaves_out_a_key: ("no-key", "all-accepted"),
    lists_no_addresses: ("no-list", "all-accepted"),
    lists_the_moved: ("moved-no-dict", "all-accepted"),
    misspells_a_name: ("error", "all-accepted"),
    leaves_python: ("error", "all-accepted"),
}


def test_model_solution_is_right_and_says_why(each_language):
    verdict = smtp.check("deliver", MODEL)
    assert (verdict.outcome, verdict.said) == ("right", TEXTS[each_language]["why"])


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_usual_mistake_is_named_with_its_case(wrong):
    found = judge(wrong)
    assert (found.name, found.case) == WRONG[wrong]


@for_each("wrong", WRONG)
def test_sentence_says_case_and_mistake(wrong, each_language):
    mistake, case = WRONG[wrong]
    texts = TEXTS[each_language]
    verdict = smtp.check("deliver", wrong)
    assert verdict.outcome == "wrong"
    assert texts["situations"][case] in verdict.said
    end = re.split(r"\{\w+\}", texts["mistakes"][mistake])[-1]
    assert verdict.said.endswith(end)
    assert not re.search(r"\{\w+\}", verdict.said)


def test_sentence_says_what_was_expected_and_what_came():
    assert smtp.check("deliver", ignores_dict).said.startswith(
        "When one recipient gets `250` and another gets `550`, `nobody@example.test` belongs "
        "under `refused`, but your function put it under `accepted`. The reply was `550`"
    )


def test_error_is_told_with_its_line():
    line = misspells_a_name.__code__.co_firstlineno + 1
    said = smtp.check("deliver", misspells_a_name).said
    assert f"line {line} with `NameError: name 'reprot' is not defined`" in said


@pytest.mark.parametrize("untouched", [..., lambda *_: ..., lambda *_: None])
def test_untouched_function_is_not_attempted(untouched, each_language):
    verdict = smtp.check("deliver", untouched)
    assert (verdict.outcome, verdict.said) == ("unattempted", TEXTS[each_language]["hints"][0])


@pytest.mark.parametrize("given", [None, "deliver", report(), 551])
def test_something_else_than_a_function_is_told_so(given):
    assert smtp.check("deliver", given).said == TEXTS["en"]["mistakes"]["not-a-function"]


@pytest.mark.parametrize("loop", ["pass", "time.sleep(0.01)", "print('x')"])
def test_endless_function_is_stopped(loop, monkeypatch, capfd):
    monkeypatch.setattr(judges, "PATIENCE", 0.3)
    space = {"time": time}
    exec(f"def endless(*_):\n    while True: {loop}", space)  # noqa: S102 (three lines above)
    before = threading.active_count()
    assert judge(space["endless"]).name == "endless"
    assert threading.active_count() == before
    assert capfd.readouterr() == ("", "")


def test_what_a_function_prints_is_dropped(capfd):
    def chatty(*arguments):
        print("here")
        return MODEL(*arguments)

    assert judge(chatty) is None
    assert capfd.readouterr() == ("", "")


def test_lists_may_be_any_collection_and_addresses_in_any_case():
    def loose(*arguments):
        found = MODEL(*arguments)
        shout = {f"<{old.upper()}>": f"<{new.upper()}>" for old, new in found["moved"].items()}
        refused = dict.fromkeys(found["refused"], "no")
        return found | {"accepted": set(found["accepted"]), "refused": refused, "moved": shout}

    assert judge(loose) is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_happens_as_it_says(case):
    """The codes that smtplib meets there are those that the expected report goes by."""
    codes = []

    def client(message, recipients, host, port):
        try:
            with smtplib.SMTP(host, port, "laptop.example") as server:
                answers = server.send_message(message, to_addrs=recipients)
                codes.extend(code for code, _ in answers.values())
        except smtplib.SMTPRecipientsRefused as error:
            codes.extend(code for code, _ in error.recipients.values())
        except smtplib.SMTPResponseException as error:
            codes.append(error.smtp_code)
        return ...

    judge(client, [case])
    expected = {case.code(one) for one in case.policies} - {250, 251}
    assert set(codes) == (expected if case.name != "unreachable" else set())


def test_every_mistake_and_case_has_its_text():
    for texts in (TEXTS[language] for language in LANGUAGES):
        assert set(texts["situations"]) == set(BY_NAME)
        told = {name for name, _ in WRONG.values()}
        extra = {"not-a-function", "endless"}
        assert set(texts["mistakes"]) == told | extra


def test_both_languages_fill_in_the_same():
    en, ar = (TEXTS[language]["mistakes"] for language in ("en", "ar"))
    for name in en:
        assert sorted(re.findall(r"\{\w+\}|`[^`]*`", en[name])) == sorted(
            re.findall(r"\{\w+\}|`[^`]*`", ar[name])
        )


def test_hints_come_one_after_the_other(monkeypatch):
    monkeypatch.setattr(exercises, "_given", {})
    hints = TEXTS["en"]["hints"]
    given = [smtp.hint("deliver").said for _ in range(len(hints) + 1)]
    assert given == [*hints, hints[-1]]
    assert str(smtp.hint("deliver", 2)).startswith("Hint 2 of 6: ")
    assert smtp.hint("deliver").number == 3


@pytest.mark.parametrize("number", [0, -1, 7])
def test_hint_that_is_not_there_is_an_error(number):
    with pytest.raises(LookupError, match=f"no hint {number}; it has 6"):
        smtp.hint("deliver", number)


@pytest.mark.parametrize("asked", [smtp.hint, smtp.solution])
def test_unknown_exercise_has_neither_hint_nor_solution(asked):
    with pytest.raises(LookupError, match="nonsense"):
        asked("nonsense")


def test_other_exercises_have_hint_and_solution_too(each_language):
    texts = exercises._exercises()["transient"][each_language]
    assert smtp.hint("transient").said == texts["hint"]
    assert str(smtp.solution("transient")).startswith("answer = [421, 450, 451]\n\n")


def test_solution_is_shown_as_code_in_a_notebook():
    html = smtp.solution("deliver").to_html()
    assert html.partition(">")[2].startswith('<pre dir="ltr"><code>import re\nimport smtplib')
    assert "rb&quot;try &lt;(\\S+@\\S+)&gt;&quot;" in html
