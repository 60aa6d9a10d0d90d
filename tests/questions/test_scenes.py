"""The pictures of what is believed and of what happens."""

import re
import shutil

import pytest
from for_each import for_each

from smtpedu.files import DataError, folder
from smtpedu.i18n import LANGUAGES
from smtpedu.questions import bank
from smtpedu.questions.bank import misconceptions, scenes
from smtpedu.reference.registry import defined_codes
from smtpedu.widgets.page.content import PARTS

SOURCE = re.compile(r"RFC \d+ §\d+(\.\d+)*(; RFC \d+ §\d+(\.\d+)*)*")
SHOWN = {name: one for name, one in misconceptions().items() if one.believed or one.happens}


@for_each("name", scenes())
def test_scene_is_whole_and_used(name):
    one = scenes()[name]
    assert SOURCE.fullmatch(one.source)
    assert one.drawn.count("has") == 1  # the message is in one place
    assert one.code is None or one.code in defined_codes()
    assert any(one in (belief.believed, belief.happens) for belief in SHOWN.values())
    for language in LANGUAGES:
        shown = one.on_page(language)
        assert len(shown["parts"]) == 5
        assert shown["title"].count("`") % 2 == 0
        assert shown["caption"].endswith(".")
        assert set(map(int, re.findall(r"\b[2-5]\d\d\b", shown["title"]))) <= set(defined_codes())


@for_each("name", SHOWN)
def test_what_is_believed_is_not_what_happens(name):
    assert SHOWN[name].believed != SHOWN[name].happens


def test_page_has_the_scenes_of_each_belief_in_each_language():
    part = PARTS["scenes"]()
    assert set(part) == set(LANGUAGES)
    for of_language in part.values():
        assert set(of_language) == set(SHOWN)
    believed = part["en"]["551-server-forwards"]["believed"]
    assert believed["parts"][2] == ["server", "has"]
    assert part["ar"]["551-server-forwards"]["believed"]["parts"][2] == ["الخادم", "has"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the data is read from, until the test is over."""
    monkeypatch.setattr(bank, "folder", lambda _: tmp_path)
    yield tmp_path
    forget()


def forget():
    for read in (misconceptions, scenes):
        read.cache_clear()


@for_each(
    "stem, old, new, problem",
    [
        ("scenes", 'drawn = ["has", "cut"', 'drawn = ["has", "open"', r"\[moved\]: 'drawn'"),
        ("scenes", '"says where", "`bob@new`"]', '"says where"]', r"\[moved.en\]: 'parts'"),
        ("scenes", "code = 551", "coed = 551", r"\[moved\]: unknown field 'coed'"),
        ("misconceptions", 'happens = "moved"', 'happens = "moevd"', r"scenes \['moevd'\]"),
        ("misconceptions", "happens =", "hapens =", "unknown field 'hapens'"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_place(home, stem, old, new, problem):
    for name in ("scenes", "misconceptions"):
        shutil.copy(folder("data") / f"{name}.toml", home)
    forget()
    path = home / f"{stem}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=problem) as caught:
        misconceptions()
    assert caught.value.path == path
    assert caught.value.line > 1
