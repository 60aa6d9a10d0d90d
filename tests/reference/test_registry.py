"""The fact tables agree with themselves, with each other and with RFC 5321 §4.3.2."""

import csv
import re
from pathlib import Path

import pytest
from for_each import for_each

from smtpedu.reference.registry import rfc, rfc_url

DATA = Path(__file__).parents[2] / "data"

OUTCOME = {
    "2": "positive completion",
    "3": "positive intermediate",
    "4": "transient negative completion",
    "5": "permanent negative completion",
}
KIND = {"2": "success", "3": "intermediate", "4": "error", "5": "error"}
# The registry of enhanced codes names these basic codes beside its own, but no RFC defines them as
# SMTP replies: RFC 5248 §2.4 took them over "without any published specification".
REGISTRY_ONLY = {"422", "430", "523", "524", "525", "533"}
# What the registry says in place of a list of codes.
NOT_A_CODE = {"any", "5XX"}

# RFC 5321 §4.3.2. "DATA" is the reply to the command, "message" the one after the final dot.
RFC_5321 = {
    "connect": "220 554",
    "EHLO": "250 502 504 550",
    "HELO": "250 502 504 550",
    "MAIL": "250 451 452 455 503 550 552 553 555",
    "RCPT": "250 251 450 451 452 455 503 550 551 552 553 555",
    "DATA": "354 503 554",
    "message": "250 450 451 452 550 552 554",
    "RSET": "250",
    "VRFY": "250 251 252 502 504 550 551 553",
    "EXPN": "250 252 500 502 504 550",
    "HELP": "211 214 502 504",
    "NOOP": "250",
    "QUIT": "221",
    "any": "421 500 501",
}
COMMANDS = {*RFC_5321, "AUTH", "STARTTLS", "BDAT", "ETRN", "ATRN"}


def read(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CODES = read("reply_codes")
UNOFFICIAL = read("unofficial_codes")
ENHANCED = read("enhanced_codes")
REPLIES = read("command_replies")
KNOWN = {row["code"] for row in CODES}


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("reply_codes", "code,name,text,severity,category,outcome,permanent,obsolete,rfc,section"),
        ("unofficial_codes", "code,claimed,instead"),
        ("enhanced_codes", "code,subject,detail,name,description,basic_codes,rfc,section"),
        ("command_replies", "command,code,kind,rfc,section,condition"),
    ],
)
def test_file_format(name, columns):
    """Each table is UTF-8 with LF line ends, its header, full rows and no stray spaces."""
    content = (DATA / f"{name}.csv").read_bytes()
    assert b"\r" not in content and content.endswith(b"\n")
    lines = list(csv.reader(content.decode("utf-8").splitlines(), strict=True))
    assert lines[0] == columns.split(",")
    assert all(len(line) == len(lines[0]) for line in lines)
    assert all(cell == " ".join(cell.split()) for line in lines for cell in line)


@for_each("row", CODES)
def test_reply_code_agrees_with_its_digits(row):
    """Severity, category, outcome and permanence follow from the three digits."""
    assert re.fullmatch("[2-5][0-5][0-9]", row["code"])
    assert (row["severity"], row["category"]) == (row["code"][0], row["code"][1])
    assert row["outcome"] == OUTCOME[row["severity"]]
    assert row["permanent"] == ("true" if row["severity"] == "5" else "false")
    assert row["text"]


@pytest.mark.parametrize("rows", [CODES, UNOFFICIAL], ids=["official", "unofficial"])
def test_codes_ascend(rows):
    """Codes are unique and in ascending order."""
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))


def test_names_are_short_labels():
    """Names are unique, have one to five words and begin with a capital."""
    names = [row["name"] for row in CODES]
    assert len(set(names)) == len(names)
    assert all(1 <= len(name.split()) <= 5 and name[0].isupper() for name in names)


def test_obsolete_codes():
    """Only 538 is deprecated by an RFC in force (RFC 4954 §15)."""
    assert [row["code"] for row in CODES if row["obsolete"] == "true"] == ["538"]
    assert {row["obsolete"] for row in CODES} == {"true", "false"}


@pytest.mark.parametrize("rows", [CODES, REPLIES], ids=["codes", "replies"])
def test_sources_are_given(rows):
    """Each reply code and each command's reply names its RFC and section."""
    assert all(row["rfc"].isdigit() for row in rows)
    assert all(re.fullmatch(r"\d+(\.\d+)*", row["section"]) for row in rows)


def test_unofficial_codes_are_not_defined():
    """No unofficial code is a row of the defined ones, and each points to defined ones."""
    assert not KNOWN & {row["code"] for row in UNOFFICIAL}
    assert all(set(row["instead"].split()) <= KNOWN and row["instead"] for row in UNOFFICIAL)
    assert all(1 <= len(row["claimed"].split()) <= 12 for row in UNOFFICIAL)


@for_each("row", REPLIES)
def test_command_reply(row):
    """A command's reply is a defined code, and its kind follows from the first digit."""
    assert row["command"] in COMMANDS
    assert row["code"] in KNOWN
    assert row["kind"] == KIND[row["code"][0]]
    assert len(row["condition"].split()) <= 12


def test_commands_and_codes_are_covered():
    """Each command has replies, each code belongs to a command, and no triple comes twice."""
    triples = [(row["command"], row["code"], row["kind"]) for row in REPLIES]
    assert len(set(triples)) == len(triples)
    assert {command for command, _, _ in triples} == COMMANDS
    assert {code for _, code, _ in triples} == KNOWN


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_rfc_5321_sequences(command):
    """The rows that cite RFC 5321 §4.3.2 are its own, no more and no fewer."""
    cited = ("5321", "4.3.2")
    rows = [row for row in REPLIES if (row["rfc"], row["section"]) == cited]
    codes = {row["code"] for row in rows if row["command"] == command}
    assert codes == set(RFC_5321.get(command, "").split())


def test_rfc_5321_beyond_its_own_list():
    """§4.1.4 asks for 501 to MAIL, §3.1 for 503 after a 554, §3.5.3 speaks of EXPN."""
    rows = [row for row in REPLIES if row["rfc"] == "5321" and row["section"] != "4.3.2"]
    assert {(row["command"], row["code"], row["section"]) for row in rows} == {
        ("MAIL", "501", "4.1.4"),
        ("any", "503", "3.1"),
        ("EXPN", "251", "3.5.3"),
        ("EXPN", "551", "3.5.3"),
    }


def test_rfc_7504_additions():
    """RFC 7504 §5.1 adds 521 to the opening of a connection and 556 to RCPT."""
    rows = [row for row in REPLIES if (row["rfc"], row["section"]) == ("7504", "5.1")]
    assert {(row["command"], row["code"]) for row in rows} == {("connect", "521"), ("RCPT", "556")}


def test_enhanced_codes_ascend():
    """The registry's 81 codes are unique, agree with their numbers and are sorted by them."""
    numbers = [(int(row["subject"]), int(row["detail"])) for row in ENHANCED]
    assert len(numbers) == 81
    assert numbers == sorted(set(numbers))
    assert [row["code"] for row in ENHANCED] == [f"X.{s}.{d}" for s, d in numbers]


def test_enhanced_descriptions():
    """Each enhanced code has a one-sentence description and a name, but for deprecated X.6.10."""
    assert [row["code"] for row in ENHANCED if not row["name"]] == ["X.6.10"]
    assert all(re.fullmatch(r"[A-Z].*\.", row["description"]) for row in ENHANCED)
    assert not [row["code"] for row in ENHANCED if re.search(r"\. [A-Z]", row["description"])]


def test_enhanced_sources():
    """Each enhanced code names its RFC and section, but for X.7.28, which comes from a draft."""
    assert [row["code"] for row in ENHANCED if not row["rfc"]] == ["X.7.28"]
    assert all(bool(row["section"]) == bool(row["rfc"]) for row in ENHANCED)
    rows = [row for row in ENHANCED if row["rfc"] == "3463"]
    assert all(row["section"] == f"3.{int(row['subject']) + 1}" for row in rows)


def test_basic_codes_of_enhanced_codes():
    """Basic codes of the registry are defined, or known to be defined nowhere and unofficial."""
    named = {code for row in ENHANCED for code in row["basic_codes"].split()} - NOT_A_CODE
    assert named - KNOWN == REGISTRY_ONLY
    assert {row["code"] for row in UNOFFICIAL} >= REGISTRY_ONLY
    words = {row["code"]: row["basic_codes"] for row in ENHANCED}
    assert {code for code, basic in words.items() if basic == "any"} == {"X.0.0"}
    assert {code for code, basic in words.items() if basic == "5XX"} == {
        "X.7.17",
        "X.7.18",
        "X.7.19",
    }


def test_sources_and_their_addresses():
    assert rfc(5321) == "RFC 5321"
    assert rfc(5321, "3.4") == "RFC 5321 §3.4"
    assert rfc_url("RFC 5321 §3.4") == "https://www.rfc-editor.org/rfc/rfc5321#section-3.4"
    assert rfc_url("RFC 821") == "https://www.rfc-editor.org/rfc/rfc821"
    with pytest.raises(ValueError, match="not a source: 'IANA'"):
        rfc_url("IANA")
