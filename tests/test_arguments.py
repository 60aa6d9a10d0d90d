"""Plainly wrong arguments: one error of a documented type, which says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from for_each import for_each

import smtpedu as smtp

#: None of these is a name, a number, a path or a list of what is wanted.
WRONG = (None, 7, 3.5, "", "x", b"\xff", object(), [None], ("a", "b"), {"a": 1}, "\ud800", "a\0b")
MAILBOXES = {"x@y.test": "local"}

CALLS: list[tuple[str, Callable[[Any], object]]] = [
    *((name, getattr(smtp, name)) for name in smtp.__all__ if callable(getattr(smtp, name))),
    ("check answer", lambda one: smtp.check("transient", one)),
    ("codes columns", lambda one: smtp.codes(columns=one)),
    ("codes first_digit", lambda one: smtp.codes(first_digit=one)),
    ("compare", lambda one: smtp.compare(250, one)),
    ("enhanced_codes columns", lambda one: smtp.enhanced_codes(columns=one)),
    ("export items", lambda one: smtp.export_questions("new.xml", one)),
    ("hint number", lambda one: smtp.hint("transient", one)),
    ("quiz level", lambda one: smtp.quiz(level=one)),
    ("quiz n", lambda one: smtp.quiz(n=one)),
    ("quiz objective", lambda one: smtp.quiz(objective=one)),
    ("quiz seed", lambda one: smtp.quiz(seed=one)),
    ("replies server", lambda one: smtp.replies("moved", server=one)),
    ("reveal", lambda one: smtp.reveal("bob-has-moved", one)),
    ("review seed", lambda one: smtp.review(seed=one)),
    ("sessions scenario", lambda one: smtp.sessions(scenario=one)),
    ("sessions server", lambda one: smtp.sessions(server=one)),
    *(
        (f"Lab {name}", lambda one, name=name: smtp.Lab(MAILBOXES, **{name: one}))  # type: ignore[misc]
        for name in ("domains", "hostname", "forward", "users", "limits", "transport")
    ),
    ("Lab users' passwords", lambda one: smtp.Lab(MAILBOXES, users={"a": one})),
    ("Lab policy", lambda one: smtp.Lab({"x@y.test": one})),
    ("Lab host", lambda one: start_and_stop(host=one)),
    ("Lab port", lambda one: start_and_stop(port=one)),
    ("Lab.play", lambda one: smtp.Lab(MAILBOXES, transport="memory").start().play(one)),
]


def start_and_stop(**options: Any) -> None:
    with smtp.Lab(MAILBOXES, **options):
        pass


# What the depths say: an AttributeError, a look-up or a comparison of what does not fit.
RAW = ("object is not iterable", "unhashable type", "not supported between", "has no attribute")


@for_each("name, call", CALLS)
def test_wrong_arguments(
    name: str, call: Callable[[Any], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for one in WRONG:
        raised: Exception = ValueError("none")
        try:
            call(one)
        except (LookupError, ValueError, TypeError, OSError) as error:
            raised = error
        assert str(raised), one
        assert not any(raw in str(raised) for raw in RAW), (one, raised)
        assert type(raised) not in (KeyError, IndexError), (one, raised)


@for_each(
    "call, said",
    [
        (lambda: smtp.replies(None), "`scenario` has to be of type str, Iterable, not NoneType"),
        (lambda: smtp.unofficial_codes(None), "`wanted` has to be of type int, str, not NoneType"),
        (lambda: smtp.quiz(3.5), "`source` has to be of type str, Path, Iterable, not float"),
        (lambda: smtp.quiz([7]), "`source` has to be of type Item, not int"),
        (lambda: smtp.quiz(level=7), "`level` has to be of type str, Iterable, not int"),
        (lambda: smtp.export_questions("a.xml", [7]), "`items` has to be of type Item, not int"),
        (lambda: smtp.hint("transient", "1"), "`number` has to be of type int, not str"),
        (lambda: smtp.parse_reply(None), "a reply is text or bytes, not NoneType"),
        (lambda: smtp.Lab(None), "`mailboxes` has to be of type str, Path, Mapping, not NoneType"),
        (lambda: smtp.Lab({}, port="25"), "`port` has to be of type int, NoneType, not str"),
        (lambda: smtp.Lab({}, host=5), "`host` has to be of type str, not int"),
        (lambda: smtp.Lab({}, forward={"a": 1}), "`forward` has to be of type Lab, not int"),
        (lambda: smtp.Lab({}, hostname="a\r\n250 b"), "cannot be the name of a host"),
        (lambda: smtp.session([]), "no session []"),
        (lambda: smtp.Lab({}, port=70000).start(), "cannot listen on 127.0.0.1, port 70000"),
    ],
)
def test_what_is_wrong_is_named(call: Callable[[], object], said: str) -> None:
    with pytest.raises((TypeError, ValueError, LookupError, OSError)) as caught:
        call()
    assert said in str(caught.value)
