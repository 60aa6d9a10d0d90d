"""What all tests share: each starts and ends in English, and none is timed."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import settings

from smtpedu.i18n import language
from smtpedu.learner import store as stores

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    language("en")
    yield
    language("en")


@pytest.fixture(autouse=True)
def own_answers(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has a progress file of its own, which is there when it is first written to."""
    folder = tmp_path_factory.getbasetemp() / "answers" / uuid4().hex
    monkeypatch.setenv("SMTPEDU_PROGRESS", str(folder / "progress.sqlite3"))
    monkeypatch.setattr(stores, "_stores", {})


@pytest.fixture(params=["en", "ar"])
def each_language(request: pytest.FixtureRequest) -> str:
    """The test runs once in each language."""
    return language(request.param)
