"""What all tests share: each starts and ends in English, and none is timed."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from smtpedu.language import language

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    language("en")
    yield
    language("en")


@pytest.fixture(params=["en", "ar"])
def each_language(request: pytest.FixtureRequest) -> str:
    """The test runs once in each language."""
    return language(request.param)
