"""The captured sessions of `data/sessions`: one, all of them in a table, servers side by side.

`data/bounces` has what the senders' servers write when the recipients' servers refuse.

A file `postfix/moved.txt` is what Postfix said in the scenario `moved` of `data/scenarios.toml`; a
file in no folder is a session of the package's own Lab.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.session import Session, annotate
from smtpedu.display import Block, Displayable, Heading, Paragraph, ProtocolText, Table
from smtpedu.files import DataError, check_fields, folder, problem_of, read_toml, text_of
from smtpedu.i18n import check_type, in_language, languages_of, text
from smtpedu.protocol.reply import Reply
from smtpedu.reference.registry import commands

if TYPE_CHECKING:
    import pandas as pd

#: The folders of `data/sessions` in the order of tables; any other comes after them.
SERVERS = ("postfix", "exim", "sendmail", "opensmtpd", "aiosmtpd", "lab")
_NEAR = 5  # how many names an error offers
_MISSING = "—"

# ---- scenarios ----


@dataclass(frozen=True)
class Scenario:
    """What servers were asked. The replies to `verb` decide (a verb as in `Turn.verb`)."""

    name: str
    verb: str
    texts: dict[str, dict[str, str]]

    def title(self, language: str | None = None) -> str:
        """A few words."""
        return in_language(self.texts, language)["title"]

    def asks(self, language: str | None = None) -> str:
        """One sentence: what the client does."""
        return in_language(self.texts, language)["asks"]


def scenarios() -> dict[str, Scenario]:
    """Every scenario by its name, in the order of tables."""
    return load_scenarios(folder("data") / "scenarios.toml")


@cache
def load_scenarios(path: Path) -> dict[str, Scenario]:
    """Read and check scenarios. Raises `DataError` with file, line and field."""
    return {name: _scenario(path, name, table) for name, table in read_toml(path).items()}


def _scenario(path: Path, name: str, table: Any) -> Scenario:
    languages = languages_of(path, name, table, ("verb",))
    for code in languages:
        check_fields(path, f"{name}.{code}", table[code], ("title", "asks"))
    if table["verb"] not in commands():
        raise problem_of(path, name, f"unknown command {table['verb']!r} in 'verb'")
    return Scenario(name, table["verb"], {code: table[code] for code in languages})


# ---- captures ----


@dataclass(frozen=True)
class Capture:
    """A session, and where it was found: the folder of its `server`, and its `scenario`."""

    session: Session
    server: str
    scenario: str

    @property
    def server_name(self) -> str:
        """What the server is called, such as `Postfix`."""
        return self.session.provenance["server"]

    @property
    def compared(self) -> bool:
        """Whether it is of a scenario that all servers were asked."""
        return "/" in self.session.name

    @property
    def deciding(self) -> list[Reply]:
        """The replies to the scenario's verb.

        Where there is none, the last one before QUIT: it is why things went no further.
        """
        turns = self.session.turns
        replies = [(turn.verb, turn.said) for turn in turns if isinstance(turn.said, Reply)]
        wanted = scenarios()[self.scenario].verb
        found = [reply for verb, reply in replies if verb == wanted]
        return found or [reply for verb, reply in replies if verb != "QUIT"][-1:]


@cache
def _files(home: Path, ending: str = ".txt") -> dict[str, Path]:
    """Name → file: `moved-refused`, `postfix/moved`."""
    found = sorted([*home.glob(f"*{ending}"), *home.glob(f"*/*{ending}")])
    return {path.relative_to(home).with_suffix("").as_posix(): path for path in found}


def session(name: str) -> Session:
    """A captured session that comes with the package: `"mixed-recipients"`, `"postfix/moved"`.

    `smtp.sessions()` lists them all. Raises `LookupError` naming those with a like name.
    """
    return _read(_file("sessions", ".txt", name, "error.session"), name)


def bounce(name: str) -> str:
    """A captured bounce, whole, as a mail server wrote it to the sender: `"postfix/moved"`.

    Servers: `postfix`, `exim`, `sendmail`, `opensmtpd`; each was refused a recipient who has
    `moved`, is `unknown`, is `refused` by policy, or `several` at once. `sendmail/moved-default`
    is from the recipient's own server. Raises `LookupError` naming those with a like name.
    """
    return text_of(_file("bounces", ".eml", name, "error.bounce"))


def _file(kind: str, ending: str, name: str, unknown: str) -> Path:
    files = _files(folder("data") / kind, ending)
    if not isinstance(name, str) or name not in files:
        near = get_close_matches(str(name), files, _NEAR, cutoff=0)
        raise LookupError(text(unknown, name=name, known=", ".join(near)))
    return files[name]


def _read(path: Path, name: str) -> Session:
    """Raises `DataError` for a file that does not hold a session, or not whose it is."""
    try:
        found = annotate(path.read_bytes(), name=name)
    except TranscriptError as error:
        raise DataError(path, error.line, error.problem) from None
    for note in found.notes:
        if note.why == "odd":  # servers are
            continue
        raise DataError(path, note.rows[0], str(note))
    for field in ("server", "captured"):
        if not found.provenance.get(field):
            raise DataError(path, 1, f"missing or empty field {field!r}")
    return found


def captures() -> dict[str, Capture]:
    """Every captured session by its name, by server and scenario in the order of tables.

    The Lab's own, which belong to no scenario, come last.
    """
    return _captures(folder("data") / "sessions")


@cache
def _captures(home: Path) -> dict[str, Capture]:
    found = [_capture(path, name) for name, path in _files(home).items()]
    return {one.session.name: one for one in sorted(found, key=_order)}


def _capture(path: Path, name: str) -> Capture:
    server, _, scenario = name.rpartition("/")
    if server and scenario not in scenarios():
        raise DataError(path, 1, f"no scenario {scenario!r} in scenarios.toml")
    return Capture(_read(path, name), server or "lab", scenario)


def _order(capture: Capture) -> tuple[int, str, int]:
    if not capture.compared:
        return len(SERVERS) + 1, capture.scenario, 0
    server = capture.server
    number = SERVERS.index(server) if server in SERVERS else len(SERVERS)
    return number, server, list(scenarios()).index(capture.scenario)


# ---- frames ----


def sessions(
    *, server: str | Iterable[str] | None = None, scenario: str | Iterable[str] | None = None
) -> pd.DataFrame:
    """The captured sessions; with `scenario`, what the servers said in it, side by side.

    Without `scenario`, one row per session: index `name` (string: what `session()` takes);
    columns `server`, `version` (string: empty where not told), `scenario` (category, in the order
    of `data/scenarios.toml`; the names of the Lab's own sessions come after), `codes` (string:
    the reply codes in order, `220 250 250 551 221`), `turns` (Int64), `captured` (string: a
    date, `2026-11-23`).

    With `scenario`, one name or several: one row per scenario (index `scenario`), one column
    per server (string): the deciding replies as they were sent, several joined by newlines;
    empty where there is no capture. The replies to one command decide, which
    `data/scenarios.toml` names; where a session never got that far, the last reply before QUIT.

    `server`, one name or several, keeps only these; `"postfix"` is `"Postfix"`. Raises
    `LookupError` for an unknown server or scenario, naming those there are.
    """
    kept = _kept(list(captures().values()), server)
    return _frame(kept) if scenario is None else _side_by_side(kept, scenario)


def replies(scenario: str | Iterable[str], *, server: str | Iterable[str] | None = None) -> str:
    """What servers said in a scenario, or in several: text to print.

    Each server's name, and below it the replies that decided (as in `sessions`), one a line. A
    server that was not asked is left out. Raises `LookupError` as `sessions` does.
    """
    check_type("scenario", scenario, str, Iterable)
    said = sessions(scenario=scenario, server=server)
    found = {name: "\n".join(filter(None, said[name])) for name in said}
    return "\n".join(f"{name}\n{indent(lines, '  ')}" for name, lines in found.items() if lines)


def _kept(found: list[Capture], server: str | Iterable[str] | None) -> list[Capture]:
    """The captures of these servers, named by folder or as they are shown."""
    if server is None:
        return found
    folders = {one.server_name.casefold(): one.server for one in found}
    folders |= {one.server: one.server for one in found}
    check_type("server", server, str, Iterable)
    names = [server] if isinstance(server, str) else list(server)
    for name in names:
        if str(name).casefold() not in folders:
            known = ", ".join(dict.fromkeys(one.server_name for one in found))
            raise LookupError(text("error.server", name=name, known=known))
    wanted = {folders[name.casefold()] for name in names}
    return [one for one in found if one.server in wanted]


def _frame(found: list[Capture]) -> pd.DataFrame:
    import pandas as pd

    columns = {
        "server": [one.server_name for one in found],
        "version": [one.session.provenance.get("version", "") for one in found],
        "scenario": [one.scenario for one in found],
        "codes": [" ".join(map(str, one.session.codes)) for one in found],
        "turns": [len(one.session.turns) for one in found],
        "captured": [one.session.provenance["captured"] for one in found],
    }
    index = pd.Index([one.session.name for one in found], dtype="string", name="name")
    order = dict.fromkeys([*scenarios(), *(one.scenario for one in captures().values())])
    kinds: dict[str, Any] = dict.fromkeys(columns, "string")
    kinds |= {"turns": "Int64", "scenario": pd.CategoricalDtype(list(order))}
    return pd.DataFrame(columns, index).astype(kinds)


def _side_by_side(found: list[Capture], scenario: str | Iterable[str]) -> pd.DataFrame:
    import pandas as pd

    check_type("scenario", scenario, str, Iterable)
    names = [scenario] if isinstance(scenario, str) else list(scenario)
    for name in names:
        check_scenario(name)
    found = [one for one in found if one.compared]
    servers = dict.fromkeys(one.server_name for one in found)
    frame = pd.DataFrame(
        "",
        index=pd.Index(names, dtype="string", name="scenario"),
        columns=pd.Index(list(servers), dtype="string", name="server"),
        dtype="string",
    )
    for one in found:
        if one.scenario in names:
            frame.loc[one.scenario, one.server_name] = "\n".join(map(str, one.deciding))
    return frame


def check_scenario(name: str) -> None:
    """Raises `LookupError` for an unknown scenario, naming those there are."""
    if not isinstance(name, str) or name not in scenarios():
        raise LookupError(text("error.scenario", name=name, known=", ".join(scenarios())))


# ---- scenarios × servers ----


class Matrix(Displayable):
    """The captured sessions as a table; `scenario` is the one to look at first, or empty."""

    _widget = "servers"

    def __init__(self, scenario: str | None = None) -> None:
        if scenario is not None:
            check_scenario(scenario)
        self.scenario = scenario or ""

    def __repr__(self) -> str:
        return f"Matrix({self.scenario!r})" if self.scenario else "Matrix()"

    def to_frame(self) -> pd.DataFrame:
        """What every server said in every scenario, as `sessions(scenario=…)` gives it."""
        return sessions(scenario=list(scenarios()))

    def blocks(self) -> Iterator[Block]:
        """The table of codes; with a `scenario`, what each server replied in it."""
        yield Heading(text("servers.title"))
        if self.scenario:
            asked = scenarios()[self.scenario]
            yield Paragraph(f"{asked.title()}: {asked.asks()}")
            yield Table([text("servers.server"), text("servers.replies")], self._replies())
        else:
            yield Table([text("servers.scenario"), *server_names().values()], list(_codes()))

    def _replies(self) -> list[list[str]]:
        return [
            [one.server_name, ProtocolText("\n".join(map(str, one.deciding)))]
            for one in compared().values()
            if one.scenario == self.scenario
        ]


def _codes() -> Iterator[list[str]]:
    """The rows of the table: each scenario's title and its codes at each server."""
    found = {(one.scenario, one.server): one for one in compared().values()}
    for name, asked in scenarios().items():
        cells = (found.get((name, server)) for server in server_names())
        codes = [[str(reply.code) for reply in one.deciding] if one else [] for one in cells]
        yield [asked.title(), *("\n".join(cell) or _MISSING for cell in codes)]


def compared() -> dict[str, Capture]:
    """The sessions of scenarios that all servers were asked, by name."""
    return {name: one for name, one in captures().items() if one.compared}


def server_names() -> dict[str, str]:
    """Each server's folder and what it is called, in the order of tables."""
    return {one.server: one.server_name for one in compared().values()}


def servers(scenario: str | None = None) -> Matrix:
    """What the servers that carry the world's mail say: scenarios × servers, side by side.

    In a notebook it shows as a widget: choose cells, and their sessions stand side by side,
    differing replies marked; with `scenario`, that row is chosen. `print()` gives the reply
    codes as text, or the replies in that scenario; `.to_frame()` gives all replies as a
    DataFrame. Raises `LookupError` for an unknown scenario, naming those there are.
    """
    return Matrix(scenario)
