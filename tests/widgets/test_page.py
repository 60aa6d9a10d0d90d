"""What a page has for every widget: modules, one sheet, strings; and JupyterLab's extension."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from smtpedu.i18n import LANGUAGES, strings
from smtpedu.reference import texts as prose
from smtpedu.reference.registry import defined_codes, replies
from smtpedu.widgets.page import content, extension

WIDGETS = content.WIDGETS
KINDS = sorted(path.stem for path in WIDGETS.glob("*/*.js") if path.stem == path.parent.name)


def test_each_widget_has_a_folder_of_its_name():
    made = {path.parent.name for path in WIDGETS.glob("*/__init__.py")} - {"page", "shared"}
    assert set(KINDS) == made
    for kind in KINDS:
        source = content.modules()[f"{kind}/{kind}.js"]
        assert re.search(r"^export default \{", source, re.MULTILINE), kind
        assert re.findall(r'\bframe\([^"]*"(\w+)"', source) == [kind]


def test_modules_import_only_what_is_there():
    modules = content.modules()
    for path, source in modules.items():
        for wanted in re.findall(r'^(?:import|export) [^"]*?from "([^"]+)";', source, re.MULTILINE):
            found = (WIDGETS / path).parent / wanted
            assert found.resolve().relative_to(WIDGETS).as_posix() in modules, (path, wanted)


def test_strings_are_all_that_the_modules_ask_for():
    """Whole keys, and the beginnings of those that are put together."""
    known, sent = strings("")["en"], json.loads(content.part("strings"))
    assert set(sent) == set(LANGUAGES)
    areas = "|".join({key.partition(".")[0] for key in known})
    for path, source in content.modules().items():
        whole = set(re.findall(rf"""["'`]((?:{areas})\.[\w-]+)["'`]""", source))
        assert whole - set(sent["en"]) == set(), path
        for begun in set(re.findall(rf"`((?:{areas})\.)\$\{{", source)):
            needed = {key for key in known if key.startswith(begun)}
            assert needed and needed <= set(sent["en"]), (path, begun)
    for kind in KINDS:
        assert all(sent[name][f"widget.{kind}"] for name in LANGUAGES)


def test_codes_are_all_there_with_their_pairs_in_both_languages():
    sent = json.loads(content.part("codes"))
    for name in LANGUAGES:
        assert [code["code"] for code in sent[name]["codes"]] == list(defined_codes())
        assert all(code["texts"]["language"] == name for code in sent[name]["codes"])
        assert set(sent[name]["pairs"]) == {f"{a}-{b}" for a, b in prose.pairs()}
        assert set(sent[name]["commands"]) == {row["command"] for row in replies()} - {"any"}


# ---- the sheet ----


def selectors(style: str) -> list[str]:
    """What stands before each outermost block."""
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found, depth, begun = [], 0, ""
    for part in re.split(r"([{};])", bare):
        if part == "{":
            if depth == 0:
                found.append(begun.strip())
            depth += 1
        elif part == "}":
            depth -= 1
        begun = part
    assert depth == 0
    return found


@pytest.mark.parametrize("path", sorted(WIDGETS.glob("*/*.css")), ids=lambda path: path.stem)
def test_sheet_reaches_nothing_but_its_own_classes(path: Path):
    """One page holds all sheets: a class is a shared part's (`s-`) or begins with its widget."""
    style = path.read_text("utf-8")
    assert not re.search(r"@import|url\(", style)
    own = "s" if path.parent.name == "shared" else path.parent.name
    bare = re.sub(r'/\*.*?\*/|"[^"]*"|[\d.]+\d\w*', "", style, flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-z][\w-]*)", bare))
    foreign = {one for one in classes if not re.match(rf"({own}|s)-|smtpedu($|-{own}$)", one)}
    assert foreign == set()
    for selector in selectors(style):
        if selector.startswith("@"):
            assert re.match(rf"@(media|container) |@keyframes {own}-", selector), selector
        else:
            for one in re.split(r",\s*(?![^()]*\))", selector):
                assert re.search(rf"\.({own}-[\w-]+|smtpedu)", one), one


def test_motion_is_only_for_those_who_want_it():
    style = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n\}", "",
                   content.style(), flags=re.DOTALL)  # fmt: skip
    assert not re.search(r"\b(animation|transition)\b", style)


# ---- the extension ----


def test_extension_holds_all_that_a_page_loads(tmp_path):
    extension.write(tmp_path / "smtpedu")
    package = json.loads((tmp_path / "smtpedu" / "package.json").read_text("utf-8"))
    start = tmp_path / "smtpedu" / package["jupyterlab"]["_build"]["load"]
    base = start.parents[1]
    for path, text in content.modules().items():
        assert (base / path).read_text("utf-8") == text
    for name in content.PARTS:
        assert json.loads((base / f"{name}.json").read_text("utf-8"))
    assert (base / "style.css").read_text("utf-8") == content.style()


def test_extension_is_made_with_little():
    """The wheel is built in an environment that has hatchling and babel."""
    code = "import sys; from smtpedu.widgets.page import extension; extension.files(); "
    code += "print({'pandas', 'anywidget', 'traitlets', 'platformdirs', 'fsrs'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_extension_is_the_same_each_time_and_elsewhere_when_it_changes(monkeypatch):
    before = extension.files()
    assert extension.files() == before
    monkeypatch.setattr(content, "style", lambda: "/* another */")
    assert set(extension.files()) & set(before) == {"package.json"}
