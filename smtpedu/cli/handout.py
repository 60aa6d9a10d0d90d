"""`smtpedu handout`: a lesson as a page to print or to read offline, without scripts."""

from __future__ import annotations

import argparse
import re
import warnings
from pathlib import Path
from typing import Any

from smtpedu.cli.errors import Command, CommandError, reading, write_new
from smtpedu.cli.printing import say
from smtpedu.files import content_of
from smtpedu.foreign import visible
from smtpedu.i18n import text

# nbconvert's own page but for its scripts, which it would fetch from elsewhere.
_TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}
<meta http-equiv="Content-Security-Policy" content="script-src 'none'; frame-src 'none'">
{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block footer_js %}{% endblock %}
"""

# What HTML from a notebook may have on the page; nothing here acts.
_TAGS = """a abbr b bdi blockquote br caption code col colgroup dd del details div dl dt em
figcaption figure h1 h2 h3 h4 h5 h6 hr i img kbd li mark ol p pre q s samp section small span
strong sub summary sup table tbody td tfoot th thead tr u ul""".split()  # noqa: SIM905
_ATTRIBUTES = """alt border class colspan dir height href id lang open rowspan scope src start
style title width""".split()  # noqa: SIM905
_ACTING = re.compile(r"<(script|style)\b.*?(?:</\1\s*+>|\Z)", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"(?:https?|mailto):|#|[^:&]*+\Z", re.IGNORECASE)
# What nbconvert can draw without scripts, the best first.
_DRAWN = ["text/html", "text/markdown", "image/svg+xml", "text/latex"]
_DRAWN += ["image/png", "image/jpeg", "text/plain"]


def add(command: Command) -> None:
    """Add the command and its options."""
    option = command("handout", write_handout).add_argument
    option("file", type=Path, metavar="LESSON.ipynb", help=text("cli.handout_file"))


def write_handout(options: argparse.Namespace) -> None:
    """Write the page beside the notebook. In place of a widget stands what its output says."""
    with reading(options.file):
        content = content_of(options.file)
    try:
        page = _page(content, options.file.stem)
    except Exception:  # nbformat and nbconvert raise anything for what is no notebook
        raise CommandError(text("cli.no_notebook", file=options.file)) from None
    out = options.file.with_suffix(".html")
    write_new(out, page.encode())
    say(text("cli.handout_written", file=out))


def _page(content: bytes, name: str) -> str:
    """The page of a notebook. Raises any exception for what is none."""
    import nbformat
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    exporter = HTMLExporter(
        Config(NbConvertBase={"display_data_priority": _DRAWN}),
        raw_template=_TEMPLATE,
        exclude_input_prompt=True,
        sanitize_html=True,
        filters={
            **{"clean_html": _clean, "get_metadata": _size},
            "strip_files_prefix": lambda html: html,  # nbconvert's is slow; it is for old notebooks
        },
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = nbformat.reads(content.decode(), as_version=4)
        found.metadata.pop("widgets", None)
        page: str = exporter.from_notebook_node(found, {"metadata": {"name": name}})[0]
    return visible(page)


def _clean(html: object) -> str:
    """What nbconvert made of a cell or found in an output, without what could act."""
    from bleach import clean
    from bleach.css_sanitizer import CSSSanitizer

    cleaned: str = clean(
        _ACTING.sub("", str(html)),
        tags=_TAGS,
        attributes=_allowed,
        protocols=["http", "https", "mailto", "data"],
        strip=True,
        css_sanitizer=CSSSanitizer(),
    )
    return cleaned


def _size(output: Any, key: str, mimetype: str) -> int | None:
    """Of an image: nbconvert puts it into the page without quotes."""
    found = output.metadata.get(mimetype, {}).get(key)
    return found if isinstance(found, int) else None


def _allowed(_tag: str, name: str, value: str) -> bool:
    return name in _ATTRIBUTES and (name != "href" or bool(_LINK.match(value)))
