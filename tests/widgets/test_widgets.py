"""The widgets as Python sees them: data, fallback, and what pages say. Browsers: `browser`."""

import json
import re
from html import escape
from pathlib import Path
from types import SimpleNamespace

import pytest
import traitlets
from for_each import for_each

import smtpedu as smtp
from smtpedu.dialogue.session import PLAYABLE
from smtpedu.i18n import LANGUAGES, strings
from smtpedu.learner.attempt import Role
from smtpedu.learner.store import store
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY
from smtpedu.reference import texts as prose
from smtpedu.reference.registry import UnknownCodeError, defined_codes, replies
from smtpedu.widgets.page import content
from smtpedu.widgets.page import dialogue as page_dialogue
from smtpedu.widgets.page.dialogue import choices, drawn_session, worth
from smtpedu.widgets.shared import MIME, _opened

KINDS = Path(__file__).parents[1] / "questions" / "kinds.toml"
VIEW = "application/vnd.jupyter.widget-view+json"
SHIPPED = {
    "player": lambda: smtp.session("mixed-recipients"),
    "comparison": lambda: smtp.compare(250, 551),
    "explorer": lambda: smtp.explorer(551),
    "servers": lambda: smtp.servers("moved"),
    "policy": smtp.policy_explorer,
    "overview": smtp.overview,
    "quiz": lambda: smtp.quiz("250-vs-551"),
}
SHOWN = {**SHIPPED, "quiz": lambda: smtp.quiz(KINDS)}

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


@pytest.fixture(params=SHOWN)
def stem(request):
    return request.param


@pytest.fixture
def widget(stem):
    return SHOWN[stem]().widget()


def player(name="mixed-recipients", **options):
    return smtp.session(name).play(**options)


# ---- what all widgets share ----


def test_data_of_what_the_package_ships_is_a_name_for_it(stem):
    """What draws it, texts and sessions are on the page: a saved notebook holds none of them."""
    widget = SHIPPED[stem]().widget()
    data = widget._repr_mimebundle_()[0][MIME]
    assert list(data) == ["language", stem]
    assert len(json.dumps(data)) < 1_000
    state = {name: value for name, value in widget.get_state().items() if name != "layout"}
    assert len(json.dumps(state, default=str)) < 5_000, "the loader, the data, and little else"


def test_data_of_a_session_of_ones_own_is_small():
    with smtp.Lab({"bob@example.test": "moved to bob@new.example"}) as lab:
        lines = ("EHLO a.test", "MAIL FROM:<a@b.test>", "RCPT TO:<bob@example.test>", "QUIT")
        played = lab.play(*lines)
        made = (played.play(), lab.console(), smtp.policy_explorer(lab).widget())
    for widget in made:
        assert len(json.dumps(widget.data)) < 8_000, widget


# ---- the overview ----


def test_overview_without_a_widget_says_all_that_its_picture_says(each_language):
    """The sentence, each word, and who is responsible."""
    known = strings("overview.")[each_language]
    shown = re.sub("<[^>]*>", "", smtp.overview().to_html())
    drawn_only = {f"overview.{name}" for name in ("client", "both", "server", "press")}
    said = {key: escape(text.replace("`", "")) for key, text in known.items()}
    assert [key for key in said if said[key] not in shown and key not in drawn_only] == []
    assert "250" in said["overview.sentence"]
    assert "RFC 5321 §6.1" in shown


def test_overview_moves_its_message_no_further_than_to_bobs_server():
    widget = smtp.overview().widget()
    assert (repr(smtp.overview()), widget.step) == ("Overview()", 0)
    page = page_of(widget.model_id)
    for said, step in ((2, 2), (3, 3), (4, 3), (-1, 3), ("x", 3)):
        page.hear({"set": {"step": said}})
        assert widget.step == step


# ---- with pages ----


class Comm:
    """The end of a comm that Python holds."""

    def __init__(self):
        self.sent, self.closed = [], False

    def send(self, said):
        self.sent.append(said)

    def on_msg(self, listener):
        self.hear = lambda said: listener({"content": {"data": said}})

    def on_close(self, listener):
        self.leave = lambda: listener(None)

    def close(self):
        self.closed = True


def page_of(model_id):
    page = Comm()
    _opened(page, {"content": {"data": {"id": model_id}}})
    return page


def test_page_hears_how_a_widget_stands_and_what_changes():
    widget = player()
    widget.step = 5
    page = page_of(widget.model_id)
    (first,) = page.sent
    assert (first["state"]["step"], first["state"]["language"]) == (5, "en")
    widget.step = 6
    assert page.sent[-1] == {"state": {"step": 6}}
    page.leave()
    widget.step = 7
    assert page.sent[-1] == {"state": {"step": 6}}


def test_what_one_page_sets_python_and_the_other_pages_know():
    widget = player()
    one, other = page_of(widget.model_id), page_of(widget.model_id)
    one.hear({"set": {"step": 4, "guesses": {"3": 250}}})
    assert (widget.step, widget.guesses) == (4, {"3": 250})
    assert len(one.sent) == 1, "who said it is not told"
    assert {name: value for said in other.sent[1:] for name, value in said["state"].items()} == {
        "step": 4,
        "guesses": {"3": 250},
    }


@pytest.mark.parametrize("said", [{"set": {"step": "x"}}, {"set": {"_esm": "x"}}, {"set": 1}, "x"])
def test_what_a_page_cannot_set_stays_as_it_was(said):
    widget = player()
    before = widget.get_state(), widget.step
    page_of(widget.model_id).hear(said)
    assert (widget.get_state(), widget.step) == before


def test_whatever_a_page_sets_nothing_is_raised_and_types_stay(widget):
    """What is raised here fills the kernel's log."""
    deep: list = []
    for _ in range(200):
        deep = [deep]
    values = [
        None,
        True,
        -1,
        0,
        1,
        999,
        2**70,
        1.5,
        float("nan"),
        "",
        "\ud800",
        "x" * 10**5,
        [],
        {},
    ]
    values += [[0], [None], deep, {"1": 250}, {"-1": 250}, {"99999999999": True}, {"x": deep}]
    names = widget.traits(page="both")
    kinds = {name: type(getattr(widget, name)) for name in names}
    for value in values:
        for name in names:
            widget.heard({"set": {name: value}}, lambda _: None)
        for said in (value, {"do": value}, {"set": value}, {"load": value}, {"say": value}):
            widget.heard(said, lambda _: None)
    for name, kind in kinds.items():
        assert isinstance(getattr(widget, name), kind)


def test_codes_that_are_compared_are_codes_whatever_a_page_says():
    compared = smtp.compare(250, 551).widget()
    for value in (0, 1, 999, -250, 2**70, True, "251", 251.5):
        compared.heard({"set": {"a": value}}, lambda _: None)
    assert (compared.a, compared.b) == (250, 551)
    compared.heard({"set": {"a": 251}}, lambda _: None)
    assert compared.a == 251


@pytest.mark.parametrize("name", ["of no widget", None])
def test_page_of_a_widget_that_is_gone_is_told_so(name):
    assert page_of(name).closed


def test_page_without_the_extension_asks_for_the_code():
    page = page_of(player().model_id)
    page.hear({"load": "code"})
    code = json.loads(page.sent[-1]["text"])
    assert set(code) == {"modules", "style", "strings"}
    page.hear({"load": "codes"})
    assert json.loads(page.sent[-1]["text"])["en"]["codes"]
    page.hear({"load": "nonsense"})
    assert page.sent[-1]["loaded"] == "codes"


# ---- the fallback ----


def test_repr_is_one_line_and_says_what_is_shown(stem, widget):
    assert repr(widget) == f"<{type(widget).__name__} of {SHOWN[stem]()!r}>"
    assert "\n" not in repr(widget)
    assert " at 0x" not in repr(widget)


def test_mime_bundle_has_data_text_html_and_the_view(widget):
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", MIME, VIEW}
    assert data[VIEW]["model_id"] == widget.model_id


def test_fallback_is_the_same_each_time_and_has_no_script(stem):
    bundles = [SHOWN[stem]().widget()._repr_mimebundle_()[0] for _ in range(2)]
    for bundle in bundles:
        del bundle[VIEW]  # its id is a new one each time
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
    begin = re.sub(r"<[^>]*>", "", data["text/html"])
    assert begin.startswith(said.replace("`", ""))
    assert (known["fallback.missing"] in data["text/html"]) == bool(key)
    assert known["fallback.missing"] not in " ".join(str(shown).split())  # a terminal has no cell


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


# ---- codes ----


def test_comparison_starts_with_its_two_codes():
    widget = smtp.compare(551, "250").widget()
    assert (widget.a, widget.b) == (551, 250)


def test_explorer_opens_the_card_that_was_asked_for():
    assert smtp.explorer(551).widget().code == 551
    assert smtp.explorer("551").widget().code == 551
    assert smtp.explorer().widget().code == 0
    with pytest.raises(UnknownCodeError, match="nearest"):
        smtp.explorer(559)


# ---- the player ----


def test_player_starts_with_the_greeting_or_before_it_when_predicting():
    assert player().step == player(predict=True).step == 1
    assert player(predict=["connect"]).step == 0
    assert smtp.annotate("S: 220 hi\nC: QUIT\nS: 221 bye").play(predict=True).step == 0


def test_step_stays_within_the_session():
    widget = player()
    widget.step = 10_000
    assert widget.step == len(smtp.session("mixed-recipients").turns)
    with pytest.raises(traitlets.TraitError):
        widget.step = -1


def test_long_session_is_cut_for_the_player():
    session = smtp.annotate("S: 220 hi\n" + "C: NOOP\nS: 250 OK\n" * PLAYABLE)
    assert len(session.play().data["player"]["turns"]) == PLAYABLE
    assert (
        f"{len(session.turns) - PLAYABLE} more"
        in session.play()._repr_mimebundle_()[0]["text/html"]
    )


@for_each("name", smtp.sessions().index)
def test_page_can_explain_every_reply_and_every_code_that_is_offered(name):
    shown, known = content.PARTS["sessions"](), content.PARTS["meanings"]()
    session = shown["sessions"][name]
    assert "texts" not in session, "the page has them all"
    for turn in session["turns"]:
        moment = session["moments"][turn.get("at", 0)]
        assert moment.get("envelope", 0) < len(session["envelopes"])
        assert moment.get("legal", 0) < len(session["legal"])
        for texts in known.values():
            if "code" in turn:
                assert texts["means"][turn.get("means", f"{turn['verb']} {turn['code']}")]
            for code in shown["choices"].get(turn["verb"], shown["otherwise"]):
                keys = f"{turn['verb']} {code}", f"any {code}"
                assert any(map(texts["means"].get, keys)) and texts["titles"][str(code)]
        assert not turn.get("enhanced") or known["en"]["enhanced"]["X" + turn["enhanced"][1:]]


def test_player_says_of_each_reply_what_its_own_text_says(each_language):
    """The two 551 of one session mean two things; what no page has comes along."""
    start = "S: 220 x\nC: EHLO y\nS: 250 x\nC: MAIL FROM:<>\nS: 250 OK\n"
    lines = ("551 5.7.1 relaying denied", "551 5.1.6 please try <b@new.example>")
    asked = "".join(f"C: RCPT TO:<a@b.example>\nS: {line}\n" for line in lines)
    session = smtp.annotate(start + asked)
    data = session.play().data["player"]
    known = content.PARTS["meanings"]()[each_language]["means"]
    means = known | data.get("texts", {}).get(each_language, {})
    keys = [turn.get("means", "RCPT 551") for turn in data["turns"] if turn.get("code") == 551]
    shown = [means[key] for key in keys]
    wanted = [prose.reply_meaning("RCPT", smtp.parse_reply(line)) for line in lines]
    assert shown == wanted and len(set(wanted)) == 2
    frame = session.to_frame()
    assert frame.loc[frame["code"] == 551, "meaning"].tolist() == wanted


def test_player_knows_a_shipped_session_by_name_only_where_it_is_that_session():
    shipped = smtp.session("mixed-recipients")
    assert shipped.play().data["player"] == {"session": "mixed-recipients"}
    other = smtp.annotate("S: 220 hi\n", name="mixed-recipients")
    assert "turns" in other.play().data["player"]


def test_player_asks_for_what_it_was_told_to_ask_for():
    asked = smtp.session("mixed-recipients").play(predict=["rcpt", "message"])
    assert asked.data["player"]["asks"] == ["RCPT", "message"]
    assert (asked.predict, asked.step) == (True, 1)
    assert smtp.session("mixed-recipients").play(predict=["connect"]).step == 0
    assert "asks" not in smtp.session("mixed-recipients").play(predict=True).data["player"]


# Commands that come in captured sessions, those that RFCs define, and one that nobody knows.
OFFERED = {
    verb: page_dialogue.CHOICES.get(verb, page_dialogue.CHOICES_OTHERWISE)
    for verb in sorted(
        {*page_dialogue.CHOICES, *{row["command"] for row in replies()} - {ANY}, "JUMP"}
    )
}
NEVER = [
    *(
        f"{verb} {code}"
        for verb, codes in OFFERED.items()
        for code in codes
        if code not in page_dialogue.lawful().get(verb, page_dialogue.lawful()[ANY]) or code == 503
    ),
    *(f"{verb} out-of-turn" for verb in OFFERED if verb != "JUMP"),
]


@for_each("pair", NEVER)
def test_every_code_that_is_offered_and_never_said_there_has_its_reason(pair, each_language):
    verb, key = pair.split()
    said = prose.why_not()
    reason = said.get(pair) or said[f"any {key}"]
    assert verb in ("JUMP", "ETRN") or pair in said
    assert "(RFC " in reason
    assert bool(re.search("[\u0621-\u064a]", reason)) == (each_language == "ar")


# Turns of `mixed-recipients`: 9 is the 251, 11 the 551.
def test_each_prediction_is_kept_once_the_moment_it_is_given():
    widget = player(predict=True)
    page = page_of(widget.model_id)
    for given in ({"9": 251}, {"9": 251, "11": 250}, {"11": 250}, {"11": 250, "9": 503, "13": 0}):
        page.hear({"set": {"guesses": given}})
    page.hear({"set": {"guesses": {"9": 999, "8": 250, "99": 250, "x": 250, "11": "250"}}})
    kept = store().attempts()
    assert {one.run for one in kept} == {kept[0].run}
    assert {(one.quiz, one.role, one.kind, one.objective) for one in kept} == {
        ("player", Role.PREDICTION, "predict", "")
    }
    told = [(one.item, one.number, one.response, one.right, one.score) for one in kept]
    assert told == [
        ("player:mixed-recipients:9", 1, 251, True, 1),
        ("player:mixed-recipients:11", 1, 250, False, 0.5),
        ("player:mixed-recipients:9", 2, 503, False, 0),
    ]
    assert [one.options for one in kept] == [6, 6, 6]


def test_predictions_of_ones_own_session_are_not_kept():
    widget = smtp.annotate("S: 220 hi\nC: NOOP\nS: 250 OK").play(predict=True)
    widget.guesses = {"3": 250}
    assert store().attempts() == []


def test_player_goes_on_where_nothing_can_be_kept(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SMTPEDU_PROGRESS", str(tmp_path / "file" / "progress.sqlite3"))
    widget = player(predict=True)
    page = page_of(widget.model_id)
    page.hear({"set": {"guesses": {"9": 251}}})
    assert widget.guesses == {"9": 251}
    (told,) = [said["state"]["notice"] for said in page.sent[1:]]
    assert told.startswith(f"The file of your answers, `{tmp_path}/file/progress.sqlite3`, cannot")
    (tmp_path / "file").unlink()
    page.hear({"set": {"guesses": {"9": 251, "11": 250}}})
    assert widget.notice == ""
    kept = [one.item for one in store().attempts()]
    assert kept == ["player:mixed-recipients:9", "player:mixed-recipients:11"]


@for_each("name", smtp.sessions().index)
def test_prediction_is_worth_what_the_page_says_of_it(name):
    """1 for what was said, less for all else."""
    turns = smtp.session(name).turns
    for number, turn in enumerate(turns, 1):
        if isinstance(turn.said, Reply):
            assert worth(turns, number, turn.said.code) == 1
            others = set(choices(turn.verb, turn.said.code)) - {turn.said.code}
            assert {worth(turns, number, one) for one in others} <= {0, 0.5}


def test_prediction_is_worth_half_only_where_it_is_lawful():
    """A recipient is accepted within a transaction alone, and then the order is right."""
    early, ordered = (smtp.session(name).turns for name in ("wrong-order", "mixed-recipients"))
    number = next(n for n, turn in enumerate(early, 1) if turn.verb == "RCPT") + 1
    assert [worth(early, number, code) for code in (503, 550, 250)] == [1, 0.5, 0]
    assert [worth(ordered, 9, code) for code in (251, 550, 503, 354)] == [1, 0.5, 0, 0]
    assert [worth(ordered, 1, code) for code in (220, 554, 250)] == [1, 0.5, 0]


def test_enhanced_code_that_says_no_more_than_its_class_is_told_in_plain_words(each_language):
    bare = content.PARTS["meanings"]()[each_language]["bare"]
    said = {"en": "success; nothing more is said", "ar": "نجاح، ولم يُذكر أكثر من ذلك"}
    assert bare["2.0.0"] == said[each_language]
    assert set(bare) == {f"{a}.{b}.0" for a in "245" for b in range(8)}
    assert "Other undefined Status" in str(smtp.explain("2.0.0")), "the registry's name"


def test_cards_say_once_that_they_are_for_reference(each_language):
    line = strings("card.reference")[each_language]["card.reference"]
    shown = smtp.explain(503), smtp.explain("2.0.0"), smtp.compare(250, 551), smtp.explorer()
    for one in shown:
        assert " ".join(str(one).split()).count(line) == 1
    assert line not in " ".join(str(smtp.explain("503 5.5.1 bad sequence")).split())


def test_player_of_the_session_that_mixes_recipients():
    drawn = drawn_session(smtp.session("mixed-recipients"))
    recipients = drawn["envelopes"][-1]["recipients"]
    assert [recipient["code"] for recipient in recipients] == [250, 251, 551, 550]
    assert [bool(recipient["forward"]) for recipient in recipients] == [False, True, True, False]
    assert (drawn["moments"][-1]["decided"], drawn["moments"][-1]["responsible"]) == (4, "server")


@for_each("name", smtp.sessions().index)
def test_fallback_of_a_predicting_player_hides_the_replies(name, each_language):
    session = smtp.session(name)
    data, _ = session.play(predict=True)._repr_mimebundle_()
    hidden = [turn for turn in session.turns if isinstance(turn.said, Reply)]
    assert data["text/html"].count("<code>???</code>") == len(hidden)
    for turn in hidden:
        assert not any(escape(line) in data["text/html"] for line in turn.lines)
        assert prose.code_meaning(turn.verb, turn.said.code) not in data["text/html"].replace(
            "<br>", " "
        )
    assert strings("player.run_me")[each_language]["player.run_me"] in data["text/html"]


def test_fallback_of_another_player_shows_the_replies():
    data, _ = player()._repr_mimebundle_()
    assert "551 5.1.6 User not local; please try &lt;bob@new.example&gt;" in data["text/html"]


def test_the_four_replies_to_a_moved_mailbox_are_offered_together():
    shown = content.PARTS["sessions"]()
    assert {250, 251, 550, 551} <= set(shown["choices"]["RCPT"])
    for offered in (*shown["choices"].values(), shown["otherwise"]):
        assert 4 <= len(offered) <= 6 and list(offered) == sorted(set(offered))
        assert set(offered) <= set(defined_codes())


@pytest.mark.parametrize("predict", [False, True])
def test_hostile_session_stays_text_in_the_fallback(predict):
    session = smtp.annotate(HOSTILE, name=EVIL)
    data, _ = session.play(predict=predict)._repr_mimebundle_()
    html = data["text/html"]
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == (5 if predict else 10)
    known = {"section", "h3", "table", "thead", "tbody", "tr", "th", "td", "bdi", "code", "p", "br"}
    assert set(re.findall(r"</?(\w+)", html)) <= known


def test_player_says_what_a_transcript_holds_and_it_does_not_show():
    session = smtp.annotate("Connecting\nS: 220-x\nC: EHLO y\nS: 250 z\nand then\nC: QUIT\n")
    remarks = session.play().data["player"]["remarks"]
    assert remarks == [("note.own", {"rows": "1, 5"}), ("note.cut", {"rows": "2"})]
    assert "neither client nor server" in content.PARTS["strings"]()["en"]["note.own"]
    assert drawn_session(smtp.session("mixed-recipients"))["remarks"] == []


def test_the_four_replies_for_a_mailbox_that_has_moved_are_lawful():
    lawful = content.PARTS["sessions"]()["lawful"]
    assert {250, 251, 550, 551} <= set(lawful["RCPT"])
    assert 354 not in lawful["RCPT"]
    assert 421 in lawful["QUIT"] and 530 not in lawful["QUIT"]


def test_every_command_with_choices_has_lawful_replies_among_them():
    shown = content.PARTS["sessions"]()
    for verb, codes in shown["choices"].items():
        assert set(codes) & set(shown["lawful"][verb])
