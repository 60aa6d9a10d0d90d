"""What `import smtpedu` gives and costs, who may import whom, and what the wheel holds."""

import ast
import importlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import smtpedu as smtp
from smtpedu.cli import _parser

PACKAGE = Path(smtp.__file__).parent
CHECKOUT = PACKAGE.parent
README = (CHECKOUT / "README.md").read_text("utf-8")
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py"
}
# From the ground up: a module may import only those that stand before it. This is the map of
# the package; a new module finds its place here.
ORDER = [
    *("reply", "protocol", "observer", "files", "language", "markup", "prose", "tables"),
    *("said", "terminal", "literals", "notations", "marked", "transcript"),
    *("explanation", "comparison", "codes", "turns", "session"),
    *("scenarios", "captures", "matrix"),
    *(f"questions.{name}" for name in ("slips", "schema", "items", "source", "reading", "grading")),
    *(f"questions.{name}" for name in ("making", "digits", "pairings", "places", "dialogues")),
    *(f"questions.{name}" for name in ("generated", "bank", "picking")),
    *(f"exchange.{name}" for name in ("wording", "shapes", "moodle", "gift", "anki", "toml")),
    *("exchange.jupyterquiz", "exchange.to_jupyterquiz", "exchange.doors", "questions.quiz"),
    *(
        f"progress.{name}"
        for name in ("attempt", "errors", "database", "schema", "store", "mastery")
    ),
    *(f"progress.{name}" for name in ("schedule", "review", "frames", "timeline", "report")),
    *("exercises", "lessons", "policy", "decision", "challenges"),
    *("recorder", "client", "desk", "connection", "listener", "post", "server", "lab"),
    *("serve", "situations", "trial", "deliver"),
    *("widgets.base", "widgets.book", "widgets.dialogue"),
    *("widgets.comparison", "widgets.explorer", "widgets.player"),
    *("widgets.console", "widgets.policy", "widgets.servers"),
    *("widgets.paper", "widgets.sitting", "widgets.question"),
    *(f"commands.{name}" for name in ("errors", "ports", "start", "reading", "questions")),
    *("commands.progress", "commands.serving", "cli", "__main__"),
]
WIDGETRY = {"ipywidgets", "anywidget", "traitlets"}
NETWORK = {"socket", "socketserver", "ssl", "smtplib", "asyncio", "http", "urllib", "aiosmtpd"}
# The room of the lab: what serves, what connects to it.
MAY_CONNECT = {"client", "desk", "connection", "listener", "post", "server", "lab"} | {
    "commands.ports"
}
PUBLIC = sorted(set(smtp.__all__) - {"__version__"})


def python(code, *flags, cwd=None):
    """Run code in a Python of its own and return what it prints."""
    command = [sys.executable, *flags, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def imports(name):
    """Every module that a module imports, at whatever depth of its code."""
    for node in ast.walk(ast.parse(MODULES[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(name):
    """The modules of the package among them."""
    found = {module.removeprefix("smtpedu.") for module in imports(name) if "smtpedu" in module}
    return found & set(MODULES)


# ---- import ----


@pytest.mark.parametrize("code", ["import smtpedu", "import smtpedu; dir(smtpedu)"])
def test_import_is_light(code):
    heavy = "{'pandas', 'numpy', 'ipywidgets', 'anywidget', 'babel', 'IPython', 'jupyterlab'}"
    assert python(f"{code}; import sys; print({heavy} & set(sys.modules))") == "set()"


def test_reply_needs_nothing_but_the_standard_library():
    code = (
        "import sys; old = set(sys.modules); import smtpedu.reply; print(*set(sys.modules) - old)"
    )
    new = {name.partition(".")[0] for name in python(code).split()}
    assert new <= sys.stdlib_module_names | {"smtpedu"}


@pytest.mark.parametrize(
    "first",
    [
        "import smtpedu.codes, smtpedu.session, smtpedu.language",
        "from smtpedu.codes import codes; from smtpedu import session",
        "from smtpedu.widgets import explorer",
        "import smtpedu; smtpedu.explorer; smtpedu.codes; import smtpedu.codes, smtpedu.session",
        "from smtpedu import *",
    ],
)
def test_public_names_are_functions_whatever_was_imported_before(first):
    code = "import smtpedu as s; print(s.language(), len(s.codes()), s.session('greylisting').name)"
    assert python(f"{first}; {code}") == "en 39 greylisting"


def test_modules_of_the_same_name_can_still_be_imported():
    code = (
        "import smtpedu; from smtpedu.language import direction; from smtpedu.codes import compare"
    )
    assert python(f"{code}; print(direction(), compare(250, 551))").startswith("ltr 250 and 551")


def test_dir_lists_the_public_names():
    assert set(smtp.__all__) <= set(dir(smtp))
    assert smtp.__all__ == sorted(smtp.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_a_docstring(name):
    thing = getattr(smtp, name)
    assert callable(thing)
    assert len(thing.__doc__.split()) >= 4
    assert thing.__module__.startswith("smtpedu.")


def test_package_docstring_shows_how_to_begin():
    assert "import smtpedu as smtp" in smtp.__doc__
    assert all(
        f"smtp.{name}(" in smtp.__doc__ for name in ("codes", "explain", "compare", "session")
    )


def test_type_checkers_see_the_same_names():
    """The imports under TYPE_CHECKING, from the modules the names really come from."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname: node.module for node in block.body for alias in node.names}
    assert sorted(seen) == PUBLIC
    for name, module in seen.items():
        assert getattr(importlib.import_module(module), name) is getattr(smtp, name)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = smtp.nonsense


def test_version_is_that_of_the_project():
    assert f'\nversion = "{smtp.__version__}"\n' in (CHECKOUT / "pyproject.toml").read_text("utf-8")


# ---- who imports whom ----


def test_every_module_has_its_place():
    assert sorted(MODULES) == sorted(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_imports_point_one_way(name):
    below = set(ORDER[: ORDER.index(name)])
    assert own_imports(name) <= below


def test_nothing_below_widgets_needs_them():
    for name in MODULES:
        if not name.startswith("widgets."):
            tops = {module.partition(".")[0] for module in imports(name)}
            assert tops & WIDGETRY == set(), name


def test_only_the_lab_and_the_command_line_open_sockets():
    users = {name for name in MODULES if {m.partition(".")[0] for m in imports(name)} & NETWORK}
    assert users <= MAY_CONNECT


# ---- the wheel ----


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel with the project's own back end, which needs no network."""
    pytest.importorskip("hatchling", reason="hatchling, the build back end, is not installed")
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def shipped(folder):
    """The files of a folder of the checkout, but for what tools leave there."""
    for path in (CHECKOUT / folder).rglob("*"):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.parts[-3:])
        if path.is_file() and not hidden:
            yield path.relative_to(CHECKOUT).as_posix()


def test_wheel_holds_modules_data_and_lessons(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {*shipped("smtpedu"), *(f"smtpedu/{name}" for name in shipped("data"))}
    wanted |= {f"smtpedu/{name}" for name in shipped("notebooks")}
    assert wanted - inside == set()
    ends = {Path(name).suffix for name in wanted}
    assert {".py", ".js", ".css", ".csv", ".toml", ".po", ".txt", ".ipynb", ".typed"} <= ends


def test_wheel_holds_nothing_else(wheel):
    inside = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0].partition("-")[0] for name in inside}
    assert tops == {"smtpedu"}
    assert [name for name in inside if "test" in name or "__pycache__" in name] == []
    settings = "data/share/jupyter/lab/settings/overrides.d/smtpedu.json"
    assert len([name for name in inside if name.endswith(settings)]) == 1


def test_wheel_works_from_another_folder(wheel, tmp_path):
    """Every kind of data is found in the wheel's files, far from the checkout."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = f"""
import sys
sys.path[:] = [{str(tmp_path)!r}, *(path for path in sys.path if path != {str(CHECKOUT)!r})]
import smtpedu as smtp
from smtpedu.files import folder
smtp.language("ar")
print(len(smtp.codes()), len(smtp.enhanced_codes()), len(smtp.sessions()) > 5)
smtp.compare(250, 551).widget(), smtp.session("greylisting").play(), smtp.check("transient")
print(any(folder("notebooks").rglob("*.ipynb")), folder("data").is_relative_to({str(tmp_path)!r}))
loaded = [m.__file__ for name, m in sys.modules.items() if name.partition(".")[0] == "smtpedu"]
print(all(path.startswith({str(tmp_path)!r}) for path in loaded))
"""
    assert python(code, "-P", cwd=tmp_path.parent) == "39 81 True\nTrue True\nTrue"


# ---- the README ----


def blocks(kind):
    """The README's blocks of commands of this kind."""
    return re.findall(rf"```{kind}\n(.*?)\n```", README, re.DOTALL)


def test_commands_for_windows_are_lines_that_its_powershell_takes():
    """Version 5.1 has no `&&`; the lines do what the other commands do."""
    (written,) = blocks("powershell")
    assert not re.search("&&|[|][|]|;|/bin/|python3", written)
    first, second, *_ = blocks("sh")
    wanted = [part for line in (first, second) for part in line.split(" && ")]
    windows = [part.replace(".venv/bin/", ".venv\\Scripts\\") for part in wanted]
    there = [part.replace("python3 ", "py ") for part in windows]
    assert [line for line in written.splitlines() if line] == list(dict.fromkeys(there))


def test_ci_runs_the_command_of_the_readme():
    assert blocks("sh")[1] in (CHECKOUT / ".ci" / "run").read_text("utf-8").splitlines()


def test_readme_says_how_a_hub_gets_smtpedu_and_keeps_answers():
    said = README.partition("## On a JupyterHub")[2].partition("\n## ")[0]
    (command,) = re.findall(r"```sh\n(.*)\n```", said)
    assert _parser().parse_args(command.split()[1:]).copy_only
    assert "in the environment that runs JupyterLab" in said
    for path in (CHECKOUT / "README.md", *(CHECKOUT / "notebooks").glob("*.ipynb")):
        assert not re.search("leaves your machine|on this computer", path.read_text("utf-8"))


def test_package_is_marked_as_typed():
    assert (PACKAGE / "py.typed").is_file()
