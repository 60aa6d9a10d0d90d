"""`for_each` tries every case, and its failure names those that fail."""

import pytest
from for_each import for_each


@for_each("digit, tens", [(2, 20), (5, 50)])
def test_cases_of_several_names(digit: int, tens: int) -> None:
    assert digit * 10 == tens


@for_each("code", [250, 551])
def test_fixtures_are_given_too(code: int, each_language: str) -> None:
    assert code
    assert each_language in ("en", "ar")


@for_each("first", "25")
@for_each("last", "01")
def test_two_of_them_are_a_product(first: str, last: str) -> None:
    assert (first + last) in {"20", "21", "50", "51"}


def test_each_case_that_fails_is_named_with_its_reason() -> None:
    @for_each("code", [250, 251, 551])
    def is_551(code: int) -> None:
        assert code == 551, "other"

    @for_each("text", ["551", "no"])
    def is_refused(text: str) -> None:
        with pytest.raises(ValueError, match="no"):
            int(text)

    with pytest.raises(AssertionError) as failure:
        is_551()
    assert str(failure.value).splitlines()[0] == "2 of 3:"
    assert [line[:3] for line in str(failure.value).splitlines()[1::2]] == ["250", "251"]
    with pytest.raises(AssertionError, match="551: DID NOT RAISE"):
        is_refused()


def test_no_cases_are_a_mistake() -> None:
    with pytest.raises(AssertionError, match="no cases for 'code'"):
        for_each("code", [])
