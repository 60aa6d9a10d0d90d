"""What `import smtpedu` gives and costs, who may import whom, and what the wheel holds."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import smtpedu as smtp
from smtpedu.cli import _parser
from smtpedu.widgets.page import extension

PACKAGE = Path(smtp.__file__).parent
CHECKOUT = PACKAGE.parent
README = (CHECKOUT / "README.md").read_text("utf-8")
PUBLIC = sorted(set(smtp.__all__) - {"__version__"})


def python(code, *flags, cwd=None):
    """Run code in a Python of its own and return what it prints."""
    command = [sys.executable, *flags, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


# ---- import ----


@pytest.mark.parametrize("code", ["import smtpedu", "import smtpedu; dir(smtpedu)"])
def test_import_is_light(code):
    heavy = "{'pandas', 'numpy', 'ipywidgets', 'anywidget', 'babel', 'IPython', 'jupyterlab'}"
    assert python(f"{code}; import sys; print({heavy} & set(sys.modules))") == "set()"


def test_protocol_needs_nothing_but_the_standard_library():
    """It has no names of its own to load: not even the cellar of the package."""
    code = "import sys; old = set(sys.modules); from smtpedu.protocol import parse_reply"
    new = set(python(f"{code}; print(*set(sys.modules) - old)").split())
    tops = {name.partition(".")[0] for name in new}
    assert tops <= sys.stdlib_module_names | {"smtpedu"}
    own = {name for name in new if name.startswith("smtpedu.")}
    assert own == {"smtpedu.protocol", "smtpedu.protocol.reply"}


@pytest.mark.parametrize(
    "first",
    [
        "import smtpedu.reference.frames, smtpedu.dialogue.session, smtpedu.i18n",
        "from smtpedu.reference.frames import codes; from smtpedu import session",
        "from smtpedu.widgets import explorer",
        "import smtpedu; smtpedu.explorer; smtpedu.codes; import smtpedu.dialogue.session",
        "from smtpedu import *",
    ],
)
def test_public_names_are_functions_whatever_was_imported_before(first):
    code = "import smtpedu as s; print(s.language(), len(s.codes()), s.session('greylisting').name)"
    assert python(f"{first}; {code}") == f"en {len(smtp.codes())} greylisting"


def test_no_room_has_the_name_of_a_public_function():
    """Importing the room would put it in the function's place."""
    assert {path.stem for path in PACKAGE.iterdir()} & {*PUBLIC, "__version__"} == set()


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


def linted(folder):
    """What import-linter says of the package in a folder, by the contracts in pyproject.toml."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    config = CHECKOUT / "pyproject.toml"
    environ = os.environ | {"PYTHONPATH": str(folder)}
    run = subprocess.run(
        [*command, "--config", config],
        capture_output=True,
        check=False,
        cwd=folder,
        env=environ,
        text=True,
    )
    return run.returncode, run.stdout


def test_imports_point_down():
    code, said = linted(CHECKOUT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("dialogue/session.py", "from smtpedu.lab import policy", "Imports point down"),
        ("lab/policy.py", "import smtpedu.questions.bank", "Imports point down"),
        ("shed.py", "", "Imports point down"),
        ("protocol/reply.py", "from smtpedu import i18n", "The protocol needs"),
        ("protocol/reply.py", "import pandas", "The protocol needs"),
        ("learner/store.py", "import socket", "Only the lab"),
        ("lab/memory.py", "import asyncio", "A lab's memory"),
        ("course/judge.py", "import ipywidgets", "Nothing below the widgets"),
    ],
)
def test_an_import_that_points_up_breaks_its_contract(file, line, contract, tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "smtpedu", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "smtpedu" / file).open("a") as source:
        source.write(f"\n{line}\n")
    code, said = linted(tmp_path)
    broken = [row for row in said.splitlines() if row.endswith(" BROKEN")]
    assert (code, len(broken)) == (1, 1), said
    assert broken[0].startswith(contract)


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


def test_wheel_holds_the_extension_that_draws_the_widgets(wheel):
    held = zipfile.ZipFile(wheel)
    start = next(name for name in held.namelist() if name.endswith("smtpedu/package.json"))
    assert start.endswith(f".data/data/{extension.PLACE}/package.json")
    root = start.removesuffix("package.json")
    for path, text in extension.files().items():
        assert held.read(root + path).decode() == text


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
smtp.bounce("sendmail/moved-default")
print(any(folder("notebooks").rglob("*.ipynb")), folder("data").is_relative_to({str(tmp_path)!r}))
loaded = [m.__file__ for name, m in sys.modules.items() if name.partition(".")[0] == "smtpedu"]
print(all(path.startswith({str(tmp_path)!r}) for path in loaded))
"""
    counts = f"{len(smtp.codes())} {len(smtp.enhanced_codes())} True"
    assert python(code, "-P", cwd=tmp_path.parent) == f"{counts}\nTrue True\nTrue"


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
