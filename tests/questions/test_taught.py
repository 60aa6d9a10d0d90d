"""Each item asks only for what a lesson up to its own has taught."""

import json
import re

from for_each import for_each

import smtpedu as smtp
from smtpedu.files import folder
from smtpedu.questions.bank import bank, lesson_of, plans

ITEMS = list(bank().values())
NOWHERE = 9  # no lesson teaches it

# Regular expression → the lesson that introduces what it finds. Case matters if it has a capital.
TERMS = {
    r"ehlo": 1,
    r"rcpt": 1,
    r"rset": 1,
    r"quit": 1,
    r"HELP": 1,
    r"SIZE": 1,
    r"clients?": 1,
    r"servers?": 1,
    r"sessions?": 1,
    r"recipients?": 1,
    r"mailbox(es)?": 1,
    r"reply codes?": 1,
    r"permanent(ly)?": 1,
    r"transient": 1,
    r"syntax": 1,
    r"enhanced (status )?codes?": 1,  # named there; lesson 3 explains it
    r"senders?": 1,
    r"envelopes?": 1,
    r"responsib(le|ility)": 1,
    r"relay(s|ed|ing)?": 1,
    r"MAIL": 2,
    r"DATA": 2,
    r"NOOP": 2,
    r"VRFY": 2,
    r"(mail )?transactions?": 2,
    r"reverse-paths?": 2,
    r"header fields?": 2,
    r"final dot": 2,
    r"deliver(s|ed|y)?": 2,
    r"bounces?": 2,
    r"queues?": 2,
    r"administrators?": 2,
    r"(empty|null) reverse-path|FROM:<>": 2,
    r"class(es)?": 3,
    r"subjects?": 3,
    r"details?": 3,
    r"addressing": 3,
    r"forward-paths?": 3,
    r"MUST": 3,
    r"domains?": 3,
    r"policy": 3,
    r"privacy": 3,
    r"silent(ly)?": 3,
    r"relay(ing)? (is |was )?denied": 3,
    r"submission": 3,
    r"login": 3,
    r"MX": 3,
    r"address books?": 3,
    r"temporary": 4,
    r"smtplib": 4,
    r"greylist(s|ed|ing)?": 5,
    r"labs?": 5,
    r"docmd": 5,
    r"trust(s|ed)?": 6,
    r"(?-i:sendmail)": 6,
    r"`deliver`": 6,
    r"dicts?": 6,
    r"raises?": 6,
    r"loops?": 6,
    r"smtp_code": 6,
    r"SMTPRecipientsRefused": 6,
    r"SMTPDataError": 6,
    r"Postfix": 7,
    r"Exim": 7,
    r"Sendmail": 7,
    r"OpenSMTPD": 7,
    r"aiosmtpd": 7,
    r"defer(s|red)?": 7,
    r"authentic": NOWHERE,
    r"extensions?": NOWHERE,
    r"security": NOWHERE,
    r"ENHANCEDSTATUSCODES": NOWHERE,
    r"MAY": NOWHERE,
    r"SMTPSenderRefused": 6,
}


def prose(path):
    """What a lesson says, but for its links to other lessons."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    said = "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "markdown")
    said = re.sub(r"^(\[Next: |Back to |- \[\d\. ).*", "", said, flags=re.MULTILINE)
    return re.sub(r"\]\([^)]*\)", "]", said)


LESSONS = {int(path.name[:2]): prose(path) for path in folder("notebooks").glob("0*.ipynb")}


def finder(term):
    """Finds it as a whole word; a number is not found within `5.1.6`."""
    case = re.NOFLAG if re.search(r"[A-Z]", term) else re.IGNORECASE
    return re.compile(rf"(?<!\w)(?<!\d\.)({term})(?!\w|\.\d)", case)


def introduces(term):
    """Which lesson is the first to say it."""
    found = finder(term)
    return min((number for number, said in LESSONS.items() if found.search(said)), default=NOWHERE)


# A code that no RFC defines may be asked for anywhere: lesson 1 says how any such code is read.
CODES = {str(code): introduces(str(code)) for code in smtp.codes().index}
TAUGHT = {finder(term): lesson for term, lesson in (TERMS | CODES).items()}


def asked(item):
    """What is read before an answer, but for the dialogue; and the number to type."""
    texts = [item.stem, item.hint, *item.classes]
    if item.kind == "number":
        texts += [str(option.value) for option in item.options if option.right]
    elif item.kind != "point":  # there an option's text is a line of the dialogue
        texts += [option.text for option in item.options]
    return "\n".join(texts)


def test_every_lesson_is_read():
    assert sorted(LESSONS) == [*range(1, 9)]
    assert CODES["250"] == CODES["551"] == 1
    assert CODES["252"] == 2


@for_each("term, lesson", TERMS.items())
def test_term_is_introduced_in_its_lesson(term, lesson):
    assert introduces(term) == lesson


@for_each("item", ITEMS)
def test_item_asks_only_for_what_is_taught(item):
    own, text = lesson_of(item), asked(item)
    later = [(term, lesson) for term, lesson in TAUGHT.items() if lesson > own]
    early = {found[0]: lesson for term, lesson in later if (found := term.search(text))}
    assert not early, f"of lesson {own}, uses what comes later: {early}"


@for_each("plan", plans().values())
def test_quiz_asks_only_for_what_is_taught(plan):
    assert plan.pool()
    assert all(lesson_of(item) <= plan.lesson for item in plan.pool())
