"""The widgets' logic in Node, and that nothing sets HTML from text."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCES = sorted((HERE.parent / "smtpedu" / "widgets").glob("*.js"))


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_node_passes_the_tests_of_the_modules() -> None:
    done = subprocess.run(
        ["node", "--test", str(HERE / "js")],  # noqa: S607 (found above)
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_text_never_becomes_html_and_nothing_is_fetched(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    forbidden = r"\.(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|fetch\(|import\("
    assert not re.search(forbidden, source)
