"""The current language, and the catalogues: whole, in step, and used."""

import os
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.files import folder, read_toml
from smtpedu.i18n import LANGUAGES, direction, in_language, language, strings, text
from smtpedu.lab.policy import TREE, leaves
from smtpedu.protocol.reply import REASONS
from smtpedu.protocol.states import State
from smtpedu.reference.compare import ASPECTS
from smtpedu.reference.registry import replies
from smtpedu.reference.situations import Who

PACKAGE = Path(smtp.__file__).parent
SOURCES = {
    path: path.read_text("utf-8") for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js")
}
CATALOGUES = strings("")
DATA = folder("data")
PATHS = {name: DATA / "locale" / name / "LC_MESSAGES" / "smtpedu.po" for name in LANGUAGES}
KEYS = {
    name: re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)
    for name, path in PATHS.items()
}
AREAS = "|".join(sorted({key.partition(".")[0] for key in CATALOGUES["en"]}))
COMMANDS = {row["command"] for row in replies()}
DIGITS = set("2345")
PSEUDO = {command for command in COMMANDS if command.islower()}

# Keys that are put together: what comes before the variable part → all it can be.
FAMILIES = {
    "again.": DIGITS,
    "aspect.": set(ASPECTS),
    "card.": {"description", "when", "fix"},
    "category.": set("012345"),
    "check.": {"unattempted", "wrong", "right"},
    "cli.": {"start", "explain", "compare", "annotate", "check", "progress", "serve", "handout"}
    | {"export-questions", "import-questions"},
    "console.": {"new", "connecting", "open", "closed", "lost", "failed", "silent", "gone"},
    "decision.": {*TREE, *(f"{question}-{a}" for question in TREE for a in TREE[question])},
    "digit.": set("01235"),
    "does.": COMMANDS - {"connect", "any"} | {"other"},
    "enhanced.": {"2", "4", "5"},
    "envelope.": {"open", "taken", "refused"},
    "explorer.": {"code", "name", "outcome", "search", "command"},
    "four.": {"tells", "private", "forwards", "refuses", "250", "251", "550", "551"},
    "generated.": {
        *("moved_yes", "moved_no", "shown_yes", "shown_no", "legal_early", "legal_late"),
        *(f"moved_{end}" for end in ("right", "takes", "refuses", "tells", "keeps")),
        *(f"{asked}_{end}" for asked in ("server", "later", "client") for end in ("stem", "why")),
        *(f"mixed_{end}_counts" for end in ("251", "551")),
        *(f"mixed_551_{end}" for end in ("one", "stays", "offers")),
        *("mixed_refused_message", "mixed_5_stays", "mixed_4_passes", "mixed_251_done"),
        "mixed_each_own",
    },
    "lost.": {"misconceptions", "hints", "objectives"},
    "note.": {"own", "unsent", "no_reply", "cut", "literal", "long", "quoted", "odd"},
    "next.": {leaf.name for leaf in leaves()},
    "outcome.": DIGITS,
    "overview.": {
        *("program", "own_server", "other_server", "relaying", "envelope", "reply", "smtp", "rfc"),
        *("client", "both", "server", "has_program", "has_own_server", "has_other_server"),
    },
    "player.": {
        *("back", "next", "again", "again_all", "play", "client", "server"),
        *("right", "lawful", "wrong", "passed", "more_one", "letter_one"),
        *("phase_hello", "phase_envelope", "phase_letter", "phase_bye"),
    },
    "policy.": {"gone", "unreachable"},
    "report.": {
        *("objective", "day", "mastery", "due"),
        *("belief", "rebuttal", "status", "signs", "held", "suspected"),
    },
    "rights.": {"one", "some", "none"},
    "responsible.": {"nobody", "client", "server"},
    "session.": {"step", "from", "line", "meaning", "client", "server"},
    "servers.": {"code", "outlier", "text", "command"}
    | {"documented", "client", "captured", "repeat"},
    "severity.": DIGITS,
    "state.": set(map(str, State)),
    "subject.": set("1234567"),
    "syntax.": set(REASONS),
    "type.": {"str", "int", "list", "dict", "bool"},
    "verb.": PSEUDO,
    "who.": set(map(str, Who)),
    "widget.": {"player", "comparison", "explorer", "console", "policy", "servers", "quiz"}
    | {"progress", "overview"},
}
TEXTS = (".po", ".toml", ".csv")
# Strings that have no words.
WORDLESS = {"list.separator", "widget.direction"}
BUILT = {prefix + end for prefix, ends in FAMILIES.items() for end in ends}


def found(pattern):
    return {match for source in SOURCES.values() for match in re.findall(pattern, source)}


def whole_keys():
    """The keys that stand in a source as they are."""
    return found(rf"""["'`]((?:{AREAS})\.[\w-]+)["'`]""")


def names(said):
    return {name for _, name, _, _ in Formatter().parse(said) if name is not None}


def test_every_key_that_is_used_exists():
    assert (whole_keys() | BUILT) - set(CATALOGUES["en"]) == set()


def test_every_key_that_exists_is_used():
    assert set(CATALOGUES["en"]) - whole_keys() - BUILT == set()


def test_every_key_put_together_belongs_to_a_known_family():
    prefixes = found(rf"""f["']((?:{AREAS})\.)\{{""") | found(rf"`((?:{AREAS})\.)\$\{{")
    assert prefixes <= set(FAMILIES)
    # Written out at the call in explorer.js, where the area itself is the variable.
    assert set(FAMILIES) - prefixes <= {"category.", "severity."}


def test_catalogues_have_the_same_keys():
    assert set(CATALOGUES) == set(LANGUAGES)
    assert set(KEYS["en"]) == set(KEYS["ar"]) == set(CATALOGUES["en"]) == set(CATALOGUES["ar"])


@for_each("key", CATALOGUES["en"])
def test_string_is_whole_in_both_languages(key):
    """Not empty, the same places to fill in, the same protocol text."""
    en, ar = (CATALOGUES[name][key] for name in ("en", "ar"))
    assert en.strip()
    assert ar.strip()
    assert names(en) == names(ar)
    assert sorted(re.findall("`[^`]*`", en)) == sorted(re.findall("`[^`]*`", ar))


@for_each("key", sorted(set(CATALOGUES["ar"]) - WORDLESS))
def test_arabic_string_is_arabic(key):
    assert re.search("[\u0621-\u064a]", CATALOGUES["ar"][key])


def tables(content):
    """Every table of a TOML file that has texts by language."""
    if isinstance(content, dict):
        if set(content) & set(LANGUAGES):
            yield content
        for value in content.values():
            yield from tables(value)


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.toml")), ids=lambda path: path.stem)
def test_data_speaks_arabic_wherever_it_speaks_english(path):
    """What lacks in a language would be given in English, and nobody would notice."""
    assert [one for one in tables(read_toml(path)) if not {"en", "ar"} <= set(one)] == []


def test_calls_are_written_as_the_lessons_import_them():
    """There it is `import smtpedu as smtp`: `smtpedu.review()` would be a NameError.

    In catalogues, data, lessons and what `help()` shows.
    """
    wrong = re.compile(rf"\bsmtpedu\.({'|'.join(smtp.__all__)})\(")
    texts = {path: path.read_text("utf-8") for path in DATA.rglob("*") if path.suffix in TEXTS}
    texts |= {path: path.read_text("utf-8") for path in folder("notebooks").rglob("*.ipynb")}
    texts |= {name: getattr(smtp, name).__doc__ or "" for name in smtp.__all__}
    assert len(texts) > 50
    # What is no call stays: a module (`smtpedu.protocol`), the name of a server (`smtpedu.Lab`).
    assert [name for name, said in texts.items() if wrong.search(said)] == []


def test_who_runs_a_cell_again_is_sent_to_the_cells_above_first():
    """After a restart of the kernel, this cell alone would be a NameError."""
    keys = {key for key, said in CATALOGUES["en"].items() if re.search("[Rr]un .*cells? ", said)}
    keys -= {"quiz.predict_first"}  # of a cell that Python has just run
    assert {"ask.hand_in_later", "console.again", "policy.gone"} <= keys
    for key in keys | {key for key in CATALOGUES["en"] if key.endswith(".run_me")}:
        assert "run the cells above, then this one" in CATALOGUES["en"][key]
        assert "الخلايا السابقة، ثم هذه الخلية" in CATALOGUES["ar"][key]


@pytest.mark.parametrize("name", LANGUAGES)
def test_catalogue_has_no_key_twice(name):
    assert len(KEYS[name]) == len(set(KEYS[name]))


@pytest.mark.parametrize("reason", REASONS)
def test_english_reason_is_the_one_of_reply(reason):
    assert text(f"syntax.{reason}", in_language="en") == REASONS[reason]


def test_language_is_set_and_told():
    assert language() == "en"
    assert language("ar") == "ar"
    assert language() == "ar"


@pytest.mark.parametrize("name", ["fr", "", "AR", "en_GB"])
def test_unknown_language_is_an_error_that_names_the_known(name):
    with pytest.raises(ValueError, match="known are: en, ar"):
        language(name)
    assert language() == "en"


def test_unknown_language_error_is_in_the_current_language():
    language("ar")
    with pytest.raises(ValueError, match=r"[\u0621-\u064a].*en, ar"):
        language("fr")


def test_direction_follows_the_language():
    assert (direction("en"), direction("ar"), direction()) == ("ltr", "rtl", "ltr")
    language("ar")
    assert direction() == "rtl"
    assert {CATALOGUES[name]["widget.direction"] for name in LANGUAGES} == {"ltr", "rtl"}


def test_text_is_in_the_current_language_unless_told_otherwise(each_language):
    assert text("player.next") == CATALOGUES[each_language]["player.next"]
    assert text("player.next", in_language="ar") == CATALOGUES["ar"]["player.next"]


def test_entry_is_of_the_current_language_else_english():
    texts = {"en": "one", "ar": "two"}
    assert (in_language(texts), in_language(texts, "ar")) == ("one", "two")
    language("ar")
    assert (in_language(texts), in_language(texts, "en")) == ("two", "one")
    assert in_language({"en": 1}) == in_language({"en": 1}, "ar") == 1


def test_text_fills_in_places_and_leaves_braces_of_values():
    said = text("error.session", name="{known}", known="{name}")
    assert said.startswith("no session '{known}'; those with a similar name: {name};")


def test_strings_are_those_that_begin_so():
    found = strings("widget.", "severity.")
    assert set(found) == {"en", "ar"}
    assert {key.partition(".")[0] for key in found["ar"]} == {"widget", "severity"}


@pytest.mark.parametrize(
    ("value", "told"), [("ar", "ar"), ("en", "en"), ("xx", "en"), (None, "en")]
)
def test_environment_sets_the_first_language(value, told):
    environment = {key: at for key, at in os.environ.items() if key != "SMTPEDU_LANGUAGE"}
    environment |= {"SMTPEDU_LANGUAGE": value} if value else {}
    code = "import smtpedu; print(smtpedu.language())"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == told
