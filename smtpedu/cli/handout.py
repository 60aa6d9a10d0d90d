"""`smtpedu handout`: a lesson as a page to print or to read offline, without scripts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from smtpedu.cli.errors import Command, CommandError, reading, unwritable
from smtpedu.cli.printing import say
from smtpedu.foreign import visible
from smtpedu.i18n import text

# nbconvert's own page but for its scripts, which it would fetch from elsewhere.
_TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block footer_js %}{% endblock %}
"""


def add(command: Command) -> None:
    """Add the command and its options."""
    option = command("handout", write_handout).add_argument
    option("file", type=Path, metavar="LESSON.ipynb", help=text("cli.handout_file"))


def write_handout(options: argparse.Namespace) -> None:
    """Write the page beside the notebook. In place of a widget stands what its output says."""
    from nbconvert import HTMLExporter

    out = options.file.with_suffix(".html")
    exporter = HTMLExporter(raw_template=_TEMPLATE, exclude_input_prompt=True)
    with reading(options.file):
        found = _read(options.file)
    for cell in found.cells:
        for output in cell.get("outputs", []):
            # nbconvert would prefer it, but on such a page nobody answers it.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    found.metadata.pop("widgets", None)
    named = {"metadata": {"name": visible(options.file.stem)}}
    page, _ = exporter.from_notebook_node(found, named)
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
    except FileExistsError:
        raise CommandError(text("interchange.exists", file=out)) from None
    except OSError as error:
        raise unwritable(out, error) from None
    say(text("cli.handout_written", file=out))


def _read(file: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(file, as_version=4)
    except (ValueError, AttributeError, TypeError, KeyError, nbformat.ValidationError):
        raise CommandError(text("cli.no_notebook", file=file)) from None
