"""What all tests share: each starts and ends in English, and none is timed."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from smtpedu.language import language
from smtpedu.progress import store as stores

# No test touches the answers of whoever runs it: set before any kernel or server is started.
_answers = tempfile.TemporaryDirectory(prefix="smtpedu-answers-")
os.environ["SMTPEDU_PROGRESS"] = str(Path(_answers.name, "progress.sqlite3"))

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    language("en")
    yield
    language("en")


@pytest.fixture(autouse=True)
def own_answers(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Each test has a progress file of its own, which is there when it is first written to."""
    name = f"{abs(hash(request.node.nodeid)):x}"
    monkeypatch.setenv("SMTPEDU_PROGRESS", str(Path(_answers.name, name, "progress.sqlite3")))
    monkeypatch.setattr(stores, "_chosen", None)
    monkeypatch.setattr(stores, "_stores", {})


@pytest.fixture(params=["en", "ar"])
def each_language(request: pytest.FixtureRequest) -> str:
    """The test runs once in each language."""
    return language(request.param)
