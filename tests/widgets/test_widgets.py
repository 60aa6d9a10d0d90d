"""The widgets as Python sees them: their files, state, repr and fallback. Browsers: `browser`."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import traitlets
from for_each import for_each

import smtpedu as smtp
from smtpedu.dialogue.session import PLAYABLE
from smtpedu.i18n import LANGUAGES, strings
from smtpedu.protocol.reply import Reply
from smtpedu.reference import texts as prose
from smtpedu.reference.registry import UnknownCodeError, defined_codes, replies
from smtpedu.widgets.player import choices
from smtpedu.widgets.shared import assets, packed

KINDS = Path(__file__).parents[1] / "questions" / "kinds.toml"
VIEW = "application/vnd.jupyter.widget-view+json"
SHOWN = {
    "player": lambda: smtp.session("mixed-recipients"),
    "comparison": lambda: smtp.compare(250, 551),
    "explorer": lambda: smtp.explorer(551),
    "servers": lambda: smtp.servers("moved"),
    "quiz": lambda: smtp.quiz(KINDS),
}

EVIL = "<script>alert(1)</script>"
HOSTILE = f"""S: 220 mail.example.test {EVIL} `{EVIL}`
C: EHLO {EVIL}` "quoted"
S: 250 &lt; {EVIL}
C: MAIL FROM:<{EVIL}@example.test>
S: 250 OK
C: RCPT TO:<`{EVIL}`@example.test>
S: 551 5.1.6 User not local; please try <{EVIL}`@new.example>
C: {EVIL}
S: 500 {EVIL}
"""
NODE = shutil.which("node")
WIDGETS = Path(smtp.__file__).parent / "widgets"
STEMS = {path.stem for path in WIDGETS.rglob("*.js") if "export default" in path.read_text("utf-8")}


@pytest.fixture(params=SHOWN)
def stem(request):
    return request.param


@pytest.fixture
def widget(stem):
    return SHOWN[stem]().widget()


def player(name="mixed-recipients", **options):
    return smtp.session(name).play(**options)


# ---- files ----


def test_module_is_whole(stem):
    """It imports nothing, its only exports are its own, and each shared part is in it once."""
    module, _ = assets(stem)
    assert not re.search(r"^\s*import\b|\bimport\(|\brequire\(", module, re.MULTILINE)
    assert len(re.findall(r"^export default", module, re.MULTILINE)) == 1
    assert module.count("function frame(") == module.count("function h(") == 1


@pytest.mark.skipif(not NODE, reason="node is not installed")
def test_node_reads_the_module(stem, tmp_path):
    """No name comes twice, and there is something to render."""
    path = tmp_path / "module.mjs"
    path.write_text(assets(stem)[0], "utf-8")
    code = f"console.log(typeof (await import({json.dumps(path.as_uri())})).default.render)"
    command = [NODE, "--input-type=module", "--eval", code]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("function", "")


def test_nothing_is_fetched_and_text_reaches_the_page_as_text(stem):
    module, style = assets(stem)
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|\beval\(", module)
    assert not re.search(r"\.(inner|outer)HTML|insertAdjacentHTML|document\.write", module)
    assert not re.search(r"@import|url\(", style)


def test_style_has_what_is_shared_and_what_is_its_own(stem):
    _, style = assets(stem)
    assert style.count("--smtp-text:") == 1
    assert style.count("{") == style.count("}")
    assert re.search(r"\.smtpedu\b", style)


def preludes(style):
    """What stands before each block, but for those inside @keyframes."""
    open_blocks = []
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    for prelude, end in re.findall(r"""((?:"[^"]*"|[^{};"])*)([{};])""", bare):
        if end == "{":
            if not any(block.startswith("@keyframes") for block in open_blocks):
                yield prelude.strip()
            open_blocks.append(prelude.strip())
        elif end == "}":
            open_blocks.pop()
    assert not open_blocks


def escapes(stem):
    """Selectors that could match outside this widget, and other blocks that hold everywhere."""
    nested = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"  # a comma in there ends no selector
    root = rf"\.smtpedu(\.smtpedu-{stem}|:where\(\.smtpedu-{stem}\))(?![\w-])"
    inside = re.compile(rf"{root}[^\s>+~]*(\s+[^\s+~].*)?", re.DOTALL)  # no sibling of the root
    for prelude in preludes(assets(stem)[1]):
        if prelude.startswith("@"):
            if not re.match(r"@(media|container) |@keyframes smtpedu-", prelude):
                yield prelude
        else:
            for selector in re.findall(rf"(?:[^,()]|{nested})+", prelude):
                if not inside.fullmatch(selector.strip()):
                    yield selector.strip()


def test_each_rule_of_a_widget_begins_at_its_own_root():
    """A sheet holds for the whole page: `.smtpedu .tick` of a quiz would be the console's, too."""
    assert set(SHOWN) < STEMS
    found = [f"{stem}: {block}" for stem in sorted(STEMS) for block in escapes(stem)]
    assert not found, "\n".join(found)


def test_root_of_a_widget_has_the_name_of_its_files():
    named = {stem: re.findall(r'\bframe\(context, "(\w+)"', assets(stem)[0]) for stem in STEMS}
    assert named == {stem: [stem] for stem in STEMS}


def test_keyframes_of_one_name_are_the_same_in_every_widget():
    pattern = re.compile(r"@keyframes ([\w-]+) (\{(?:[^{}]|\{[^{}]*\})*\})")
    found = {frames for stem in STEMS for frames in pattern.findall(assets(stem)[1])}
    assert found
    assert len(found) == len({name for name, _ in found})


# ---- what all widgets share ----


def test_repr_is_one_line_and_says_what_is_shown(stem, widget):
    assert repr(widget) == f"<{type(widget).__name__} of {SHOWN[stem]()!r}>"
    assert "\n" not in repr(widget)
    assert " at 0x" not in repr(widget)


def test_mime_bundle_has_text_html_and_the_view(widget):
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", VIEW}
    assert data[VIEW]["model_id"] == widget.model_id


def test_fallback_is_the_same_each_time_and_has_no_script(stem):
    bundles = [SHOWN[stem]().widget()._repr_mimebundle_()[0] for _ in range(2)]
    for bundle in bundles:
        del bundle[VIEW]
    assert bundles[0] == bundles[1]
    assert not re.search("<script|<style| id=", bundles[0]["text/html"])


def test_fallback_is_in_the_current_language(stem):
    html = {}
    for name in LANGUAGES:
        smtp.language(name)
        html[name] = SHOWN[stem]().widget()._repr_mimebundle_()[0]["text/html"]
    assert html["en"].startswith('<section lang="en" dir="ltr">')
    assert html["ar"].startswith('<section lang="ar" dir="rtl">')


def test_fallback_in_which_nothing_can_be_done_begins_with_what_to_do(stem, each_language):
    """Run the cell; where that changes nothing, smtpedu is not where JupyterLab is."""
    shown, known = SHOWN[stem](), strings("")[each_language]
    options = {"predict": True} if stem == "player" else {}
    data = shown.widget(**options)._repr_mimebundle_()[0]
    key = {"quiz": "quiz.run_me", "player": "player.run_me"}.get(stem, "")
    said = f"{known[key]} {known['fallback.missing']}" if key else ""
    assert " ".join(data["text/plain"].split()).startswith(said)
    assert (known["fallback.missing"] in data["text/html"]) == bool(key)
    assert known["fallback.missing"] not in " ".join(str(shown).split())  # a terminal has no cell


def test_widget_takes_along_the_strings_of_both_languages(stem, widget):
    assert set(widget._strings) == {"en", "ar"}
    for name in LANGUAGES:
        taken = widget._strings[name]
        assert taken == {key: strings("")[name][key] for key in taken}
        assert taken[f"widget.{stem}"]


def test_widget_takes_along_every_string_its_module_asks_for(stem, widget):
    """Whole keys, and the beginnings of those that are put together."""
    known, areas = strings("")["en"], "|".join({key.partition(".")[0] for key in strings("")["en"]})
    module, _ = assets(stem)
    whole = set(re.findall(rf"""["'`]((?:{areas})\.[\w-]+)["'`]""", module))
    begun = set(re.findall(rf"`((?:{areas})\.)\$\{{", module))
    assert whole - set(widget._strings["en"]) == set()
    needed = {key for key in known if key.startswith(tuple(begun))} - {"card.language"}
    assert needed - set(widget._strings["en"]) == set()


def test_widget_starts_in_the_current_language(stem, each_language):
    assert SHOWN[stem]().widget().language == each_language


def test_widget_knows_no_third_language(widget):
    with pytest.raises(traitlets.TraitError):
        widget.language = "fr"


def test_in_a_notebook_the_object_shows_as_its_widget(stem, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=object()))
    data, _ = SHOWN[stem]()._repr_mimebundle_()
    assert VIEW in data


def test_without_a_kernel_the_object_shows_as_text(stem, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert set(SHOWN[stem]()._repr_mimebundle_()) == {"text/plain", "text/html"}


# ---- the books of codes ----


def test_packed_is_the_same_each_time_and_can_be_unpacked():
    content = {"b": "رمز", "a": [1, None]}
    assert packed(content) == packed(content)
    assert packed(content)[4:8] == bytes(4)  # not even the time of packing
    assert json.loads(gzip.decompress(packed(content))) == content


@pytest.mark.parametrize("stem", ["comparison", "explorer"], indirect=True)
def test_book_has_every_code_and_pair_in_both_languages(stem, widget):
    book = json.loads(gzip.decompress(widget._book))
    for name in LANGUAGES:
        assert [code["code"] for code in book[name]["codes"]] == list(defined_codes())
        assert all(code["texts"]["language"] == name for code in book[name]["codes"])
        pairs = {f"{a}-{b}" for a, b in prose.pairs()} if stem == "comparison" else set()
        assert set(book[name].get("pairs", ())) == pairs


def test_comparison_starts_with_its_two_codes():
    widget = smtp.compare(551, "250").widget()
    assert (widget.a, widget.b) == (551, 250)


def test_explorer_opens_the_card_that_was_asked_for():
    assert smtp.explorer(551).widget().code == 551
    assert smtp.explorer("551").widget().code == 551
    assert smtp.explorer().widget().code == 0
    with pytest.raises(UnknownCodeError, match="nearest"):
        smtp.explorer(559)


def test_explorer_offers_every_command_but_any():
    offered = smtp.explorer().widget()._commands
    assert len(offered) == len(set(offered))
    assert set(offered) == {row["command"] for row in replies()} - {"any"}


# ---- the player ----


def test_player_starts_with_the_greeting_or_before_it_when_predicting():
    assert player().step == 1
    assert player(predict=True).step == 0


def test_step_stays_within_the_session():
    widget = player()
    widget.step = 10_000
    assert widget.step == len(smtp.session("mixed-recipients").turns)
    with pytest.raises(traitlets.TraitError):
        widget.step = -1


def test_long_session_is_cut_for_the_player():
    session = smtp.annotate("S: 220 hi\n" + "C: NOOP\nS: 250 OK\n" * PLAYABLE)
    assert len(session.play()._turns) == PLAYABLE
    assert (
        f"{len(session.turns) - PLAYABLE} more"
        in session.play()._repr_mimebundle_()[0]["text/plain"]
    )


@for_each("name", smtp.sessions().index)
def test_player_can_explain_every_code_it_offers(name):
    widget = player(name)
    for turn in widget._turns:
        assert turn["envelope"] < len(widget._envelopes)
        for code in turn.get("choices", ()):
            for texts in widget._texts.values():
                assert texts["means"][f"{turn['verb']} {code}"]
                # Servers say codes, too, that no RFC defines.
                assert bool(texts["titles"][str(code)]) == (code in defined_codes())
        assert not turn.get("enhanced") or widget._texts["en"]["enhanced"][turn["enhanced"]]


@pytest.mark.parametrize("predict", [False, True])
def test_player_says_of_each_reply_what_its_own_text_says(predict, each_language):
    """The two 551 of one session mean two things; what is offered beside them is said, too."""
    start = "S: 220 x\nC: EHLO y\nS: 250 x\nC: MAIL FROM:<>\nS: 250 OK\n"
    lines = ("551 5.7.1 relaying denied", "551 5.1.6 please try <b@new.example>")
    asked = "".join(f"C: RCPT TO:<a@b.example>\nS: {line}\n" for line in lines)
    session = smtp.annotate(start + asked)
    widget = session.play(predict=predict)
    means = widget._texts[each_language]["means"]
    shown = [means[turn["means"]] for turn in widget._turns if turn.get("code") == 551]
    wanted = [prose.reply_meaning("RCPT", smtp.parse_reply(line)) for line in lines]
    assert shown == wanted and len(set(wanted)) == 2
    assert means["RCPT 551"] == prose.code_meaning("RCPT", 551)
    frame = session.to_frame()
    assert frame.loc[frame["code"] == 551, "meaning"].tolist() == wanted


def test_player_of_the_session_that_mixes_recipients():
    widget = player()
    recipients = widget._envelopes[-1]["recipients"]
    assert [recipient["code"] for recipient in recipients] == [250, 251, 551, 550]
    assert [bool(recipient["forward"]) for recipient in recipients] == [False, True, True, False]
    assert [turn["decided"] for turn in widget._turns][-1] == 4
    assert widget._turns[-1]["responsible"] == "server"


@for_each("name", smtp.sessions().index)
def test_fallback_of_a_predicting_player_hides_the_replies(name, each_language):
    session = smtp.session(name)
    data, _ = session.play(predict=True)._repr_mimebundle_()
    hidden = [turn for turn in session.turns if isinstance(turn.said, Reply)]
    assert data["text/html"].count("<code>???</code>") == len(hidden)
    for turn in hidden:
        assert not any(line in data["text/plain"] for line in turn.lines)
        assert prose.code_meaning(turn.verb, turn.said.code) not in data["text/html"].replace(
            "<br>", " "
        )
    assert strings("player.run_me")[each_language]["player.run_me"] in data["text/html"]


def test_fallback_of_another_player_shows_the_replies():
    data, _ = player()._repr_mimebundle_()
    assert "551 5.1.6 User not local; please try &lt;bob@new.example&gt;" in data["text/html"]


PLACES = [(row["command"], row["code"]) for row in replies()]


@for_each("verb, code", [*PLACES, ("RCPT", 299), ("NONSENSE", 500)])
def test_choices_hold_the_right_code_and_are_sorted(verb, code):
    """So that a code's place among them does not give it away."""
    offered = choices(verb, code)
    assert code in offered
    assert offered == sorted(set(offered))
    assert 4 <= len(offered) <= 7
    assert set(offered) - {code} <= set(defined_codes())


def test_the_four_replies_to_a_moved_mailbox_are_offered_together():
    offered = {code: choices("RCPT", code) for code in (250, 251, 550, 551)}
    assert all(set(offered) <= set(codes) for codes in offered.values())
    assert len({tuple(codes) for codes in offered.values()}) == 1


@pytest.mark.parametrize("predict", [False, True])
def test_hostile_session_stays_text_in_the_fallback(predict):
    session = smtp.annotate(HOSTILE, name=EVIL)
    data, _ = session.play(predict=predict)._repr_mimebundle_()
    html = data["text/html"]
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == (5 if predict else 10)
    known = {"section", "h3", "table", "thead", "tbody", "tr", "th", "td", "bdi", "code", "p", "br"}
    assert set(re.findall(r"</?(\w+)", html)) <= known
