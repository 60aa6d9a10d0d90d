"""Any two codes side by side, in every way they can be shown."""

import re

from for_each import for_each

import smtpedu as smtp
from smtpedu.i18n import text
from smtpedu.reference import texts
from smtpedu.reference.compare import ASPECTS
from smtpedu.reference.registry import defined_codes

DIFFERS = {"differs": "bool"}
PARTS = ("compare.differences", "compare.use", "compare.more")


def folded(shown):
    """Text without the breaks that wrapping puts in."""
    return "".join(str(shown).split())


def with_all_later(a):
    """The comparisons of `a` with the codes above it, so that the tests see each pair once."""
    return [smtp.compare(a, b) for b in defined_codes() if b > a]


@for_each("a", defined_codes())
def test_every_pair_has_all_five_parts(a, each_language):
    """Both cards, key differences, when to use each and what to read, as text."""
    for compared in with_all_later(a):
        said = folded(compared)
        for code in (compared.a, compared.b):
            card = texts.card(code.code)
            parts = (card.title, card.description, card.when, card.fix, code.text)
            assert all(folded(part) in said for part in parts), compared
        assert all(folded(use) in said for use in compared.use), compared
        assert all(str(compared).count(f"\n\n{text(key)}\n--") == 1 for key in PARTS), compared
        assert said.count("https://www.rfc-editor.org/rfc/rfc") >= 2, compared


@for_each("a", defined_codes())
def test_every_pair_as_html(a, each_language):
    """Balanced, in the language's direction, without scripts, and the same at each call."""
    direction = {"en": "ltr", "ar": "rtl"}[each_language]
    for compared in with_all_later(a):
        html = compared.to_html()
        assert html.startswith(f'<section lang="{each_language}" dir="{direction}"><h2>')
        opened = re.findall(r"<(\w+)[ >]", html.replace("<br>", ""))
        assert sorted(opened) == sorted(re.findall(r"</(\w+)>", html))
        assert not re.search(r"<script|`", html), compared
        assert html == compared.to_html()


@for_each("a", defined_codes())
def test_every_pair_as_frame_and_what_follows_from_the_digits(a, each_language):
    for compared in with_all_later(a):
        frame, names = compared.to_frame(), [str(a), str(compared.b.code)]
        assert frame.dtypes.astype(str).to_dict() == dict.fromkeys(names, "string") | DIFFERS
        assert frame.index.is_unique
        assert frame.index.names == ["part", "aspect"]
        assert list(frame.loc["difference"].index) == list(ASPECTS)
        assert list(frame.loc["card"].index) == ["title", "description", "when", "fix"]
        assert list(frame.loc["use"].index) == ["use"]
        assert (frame[names].notna() & (frame[names] != "")).all(axis=None)
        differs = frame["differs"]
        assert (differs == (frame[names[0]] != frame[names[1]])).all()
        # What differs follows from the digits; 538 alone is obsolete.
        b, differs = compared.b.code, differs.loc["difference"]
        assert differs["severity"] == differs["again"] == (a // 100 != b // 100)
        assert differs["category"] == (a // 10 % 10 != b // 10 % 10)
        assert differs["standing"] == (538 in (a, b))


@for_each("a, b", texts.pairs())
def test_hand_written_pair_is_used_in_either_order(a, b, each_language):
    pair = texts.pair(b, a)
    there, back = smtp.compare(a, b), smtp.compare(b, a)
    assert there.pair == back.pair == pair
    assert there.use == (pair.use[a], pair.use[b]) == back.use[::-1]
    for said in (folded(there), folded(back)):
        for part in (*pair.difference, *pair.use.values(), pair.trap, *pair.read):
            assert folded(part) in said


def test_pair_not_written_by_hand_uses_the_cards():
    compared = smtp.compare(211, 556)
    assert compared.pair is None
    assert compared.use == (texts.card(211).use, texts.card(556).use)
    assert text("compare.trap") not in str(compared)


def test_the_pair_the_course_is_about():
    frame = smtp.compare(250, 551).to_frame()
    assert frame.loc[("difference", "severity")].to_list() == [
        "`2`: positive completion: done, the client may go on",
        "`5`: permanent negative completion: no, do not repeat the same request",
        True,
    ]
    assert frame.loc[("difference", "commands"), "551"] == "`RCPT`, `VRFY`, `EXPN`"


def test_columns_keep_the_order_that_was_asked_for():
    assert list(smtp.compare(551, 250).to_frame().columns) == ["551", "250", "differs"]
    assert repr(smtp.compare(551, 250)) == "Comparison(551, 250)"


@for_each("code", defined_codes())
def test_a_code_does_not_differ_from_itself(code):
    compared = smtp.compare(code, code)
    assert not compared.to_frame()["differs"].any()
    assert str(compared).startswith(f"{code} and {code} side by side")


def test_sources_are_links_that_name_the_section():
    said = str(smtp.compare(250, 251))
    assert "RFC 5321 §3.4: https://www.rfc-editor.org/rfc/rfc5321#section-3.4" in said


def test_in_a_terminal_the_mime_bundle_is_text_and_html():
    compared = smtp.compare(250, 551)
    bundle = compared._repr_mimebundle_()
    assert bundle == {"text/plain": str(compared), "text/html": compared.to_html()}
