"""The one door to the terminal: what a command prints, and what it asks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import NoReturn

from smtpedu.display import Block, for_terminal
from smtpedu.foreign import visible


def say(sentence: object, *, error: bool = False) -> None:
    """Print a sentence, at once, on one line."""
    print(_on_one_line(str(sentence)), file=sys.stderr if error else sys.stdout, flush=True)


def show(blocks: Iterable[Block]) -> None:
    """Print blocks, in colour where the terminal has colours."""
    print(for_terminal(blocks))


def ask(question: str) -> str:
    """What is typed in answer to a question."""
    return input(f"{_on_one_line(question)} ")


def _on_one_line(said: str) -> str:
    return visible(said).replace("\n", "\\n")


class Parser(argparse.ArgumentParser):
    """A parser whose errors may quote any argument."""

    def error(self, message: str) -> NoReturn:
        super().error(_on_one_line(message))
