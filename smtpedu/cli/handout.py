"""`smtpedu handout`: a lesson as a page to print or to read offline, without scripts."""

from __future__ import annotations

import argparse
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError, reading, write_new
from smtpedu.cli.printing import say
from smtpedu.files import content_of
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

# What nbformat and nbconvert raise for what is no notebook.
_UNFIT = (ValueError, AttributeError, TypeError, LookupError, RecursionError, AssertionError)


def add(command: Command) -> None:
    """Add the command and its options."""
    option = command("handout", write_handout).add_argument
    option("file", type=Path, metavar="LESSON.ipynb", help=text("cli.handout_file"))


def write_handout(options: argparse.Namespace) -> None:
    """Write the page beside the notebook. In place of a widget stands what its output says."""
    import nbformat

    with reading(options.file):
        content = content_of(options.file)
    try:
        page = _page(content, options.file.stem)
    except (*_UNFIT, nbformat.ValidationError):
        raise CommandError(text("cli.no_notebook", file=options.file)) from None
    out = options.file.with_suffix(".html")
    write_new(out, page.encode(errors="replace"))
    say(text("cli.handout_written", file=out))


def _page(content: bytes, name: str) -> str:
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(raw_template=_TEMPLATE, exclude_input_prompt=True)
    found = nbformat.reads(content.decode(), as_version=4)
    for cell in found.cells:
        for output in cell.get("outputs", []):
            # nbconvert would prefer it, but on such a page nobody answers it.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    found.metadata.pop("widgets", None)
    page: str = exporter.from_notebook_node(found, {"metadata": {"name": visible(name)}})[0]
    return page
