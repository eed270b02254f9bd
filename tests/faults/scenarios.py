"""List every command that sends requests, with its arguments, and the reasons why others are not in the matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reference.command_tree import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

LOCAL: Final = {
    ("alias", "list"): "reads config.toml",
    ("alias", "remove"): "writes config.toml",
    ("alias", "set"): "writes config.toml",
    ("auth", "logout"): "removes a key from the keyring",
    ("calc", "history"): "reads the records of runs",
    ("calc", "optimize"): "sends the requests of `calc design` and `calc sweep`, which are in the matrix",
    ("calc", "stop"): "always ends with exit code 2, and reads the link that `study url` reads",
    ("completion",): "prints and installs scripts of shells",
    ("config", "edit"): "opens config.toml in an editor",
    ("config", "explain"): "reads settings",
    ("config", "get"): "reads settings",
    ("config", "list"): "reads settings",
    ("config", "path"): "names a file",
    ("config", "set"): "writes config.toml",
    ("demo",): "serves its own stub, and types commands of this table",
    ("param", "history"): "reads the journal",
    ("help",): "shows texts of the program",
    ("stub",): "is a server",
    ("study", "list"): "reads the cache",
}
_TIMES: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T|_| )\d\d[:-]?\d\d(?:[:-]?\d\d)?(?:\.\d+)?Z?")
_NUMBERS_OF_TIME: Final = re.compile(
    r'("(?:elapsed_s|time|seconds)": )[\d.]+|  after \d+(?:\.\d+)? s|in [\d.]+ s|nonce[-=]"?[\w-]+|\d+\.\d MB'
)


def plain(out: str) -> str:
    """Return an output without its times."""
    return _NUMBERS_OF_TIME.sub("", _TIMES.sub("TIME", out))


def last_line(out: str) -> str:
    """Return the end of an output of a run. The number of polls may differ."""
    return plain(out.strip().rpartition("\n")[2])


def ends_of_runs(out: str) -> str:
    """Return the ends of several runs. Their order depends on the moment, and outages are reported between them."""
    ends = {line for line in plain(out).splitlines() if "FINISHED" in line and "answers again" not in line}
    return "\n".join(sorted(ends))


def last_state(out: str) -> str:
    """Return the last state of a run. A run that ended before the watch began is shown in a table."""
    return re.findall(r"\b(?:PENDING|RUNNING|FINISHED|FAILED|STOPPED)\b", out)[-1]


def of_a_run(out: str) -> str:
    """Return the number of the started study. Its progress depends on the moment."""
    return re.sub(r"\b(PENDING|RUNNING|FINISHED)\b.*", "", plain(out))


def states(out: str) -> str:
    """Return the state of each check, without durations."""
    return plain(out)


@dataclass(frozen=True)
class Scenario:
    """A command line: ``OUT`` stands for a folder of its own, in which its files are compared.

    ``prepare`` comes before it, on a server that is well. ``json`` is what makes its errors JSON, for a command without
    -F a variable. ``visible`` is what of standard output must be as on a server that is well. ``optional`` are ends of
    routes whose failure leaves out a part of the result, with a note.
    """

    words: str
    prepare: tuple[str, ...] = ()
    json: bool = True
    visible: Callable[[str], str] = plain
    stdin_is_key: bool = False
    runs: bool = False
    watches: bool = False
    changes: bool = False
    collects: bool = False
    streams: bool = False
    optional: tuple[str, ...] = ()
    lay_out: Callable[[User], None] | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Return the path of the command."""
        words = self.words.split()
        return next(path for path in COMMANDS if tuple(words[: len(path)]) == path)


def _cases(user: User) -> None:
    (user.folder / "cases.csv").write_text("case,Macro.gamma\nlow,0.1\nhigh,0.9\n")


def _space(user: User) -> None:
    (user.folder / "space.toml").write_text("Macro.gamma = {range = [0.2, 0.4]}\n")


def _table(user: User) -> None:
    (user.folder / "people.csv").write_text("years,population\n2020,1.5\n2021,2.5\n")


def _edited(user: User) -> None:
    toml = user.folder / "dice" / "parameters.toml"
    toml.write_text(toml.read_text().replace('"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.4 '))
    table = user.folder / "dice" / "data" / "Macro.population.csv"
    table.write_text(table.read_text().replace("7800.0", "7900.0"))


def _editor(user: User) -> None:
    user.environ["EDITOR"] = "ed"
    user.edit = lambda path: path.write_text(path.read_text().replace("= 0.3 ", "= 0.5 "))


def _table_editor(user: User) -> None:
    user.environ["EDITOR"] = "ed"
    user.edit = lambda path: path.write_text(path.read_text().replace("7800.0", "7900.0"))


_SET: Final = ("param set 21 Macro.gamma=0.5",)
_SIZES: Final = ("/parameter/download",)
_RIGHTS: Final = ("/parameters",)
_LINK: Final = ("/url",)
_ONTOLOGY: Final = ("/ontology-usages", "/saved-ontology-usages", "/markdown_documentation")
_CHARTS: Final = "--match Damages"
SCENARIOS: Final = (
    Scenario("api GET /api/v0/calculation/status/21", json=False, streams=True),
    Scenario(
        "api POST /api/v0/study-case/21/parameters --data "
        '[{"variableId":"dice.Macro.gamma","newValue":0.5,"unit":"-"}]',
        json=False,
    ),
    Scenario("auth login --with-key", stdin_is_key=True),
    Scenario("auth status"),
    Scenario("calc design 21 space.toml --method grid -n 2 -o OUT/cases.csv", json=False, lay_out=_space),
    Scenario("calc run 31", visible=last_line, runs=True, watches=True),
    Scenario("calc run 21 31", visible=ends_of_runs, runs=True, watches=True, collects=True),
    Scenario("calc run 31 --set Macro.gamma=0.5 --detach", visible=of_a_run, changes=True),
    Scenario("calc status 21"),
    Scenario("calc status 21 31"),
    Scenario(
        "calc status 21 31 --watch", prepare=("calc run 31 --detach",), visible=last_state, runs=True, watches=True
    ),
    Scenario(
        "calc sweep 31 cases.csv --collect Damage.total_damage -o OUT/results.csv",
        json=False,
        lay_out=_cases,
        runs=True,
        watches=True,
        changes=True,
        collects=True,
    ),
    Scenario("calc sweep 31 cases.csv --collect Damage.total_damage -o OUT/results.csv --dry-run", lay_out=_cases),
    Scenario("calc watch 31", prepare=("calc run 31 --detach",), visible=last_line, runs=True, watches=True),
    Scenario("doctor 21", visible=states, collects=True),
    Scenario("param download 21 dice.Macro.population -o OUT/p.csv", json=False),
    Scenario("param download 21 *.population *.shares -d OUT --jobs 1", collects=True),
    Scenario("param edit 21 Macro.gamma", lay_out=_editor, changes=True),
    Scenario("param edit 21 Macro.population", lay_out=_table_editor, changes=True),
    Scenario("param get 21 Macro.gamma"),
    Scenario("param get 21 dice.Damage.total_damage"),
    Scenario("param list 21", optional=_SIZES),
    Scenario("param list 21 --labels", optional=(*_SIZES, *_ONTOLOGY)),
    Scenario("param reset 21 Macro.gamma", prepare=_SET, changes=True),
    Scenario("param set 21 Macro.gamma=0.5", changes=True),
    Scenario("param set 21 Macro.population=@people.csv Macro.gamma=0.5", lay_out=_table, changes=True),
    Scenario("param show 21 Macro.population", optional=(*_RIGHTS, *_ONTOLOGY)),
    Scenario("param trace 21 Macro.gamma"),
    Scenario("param undo 21", prepare=_SET, changes=True),
    Scenario("postproc diff 21 31"),
    Scenario(f"postproc export 21 -d OUT --as csv {_CHARTS}"),
    Scenario("postproc html 21 -o OUT/page.html", json=False),
    Scenario("postproc html 21 --offline -o OUT/page.html", json=False, optional=_LINK),
    Scenario("postproc list 21"),
    Scenario("postproc list 21", prepare=_SET),
    Scenario("postproc load 21 -o OUT/charts.json", json=False),
    Scenario("postproc open 21 -o OUT/page.html", json=False, optional=_LINK),
    Scenario("postproc open 21 Damages -o OUT/page.html", json=False, optional=_LINK),
    Scenario("postproc show 21 Damages"),
    Scenario(
        "study apply dice 21 --yes", prepare=("study export 21 dice",), lay_out=_edited, changes=True, collects=True
    ),
    Scenario("study copy 21 copied", changes=True, collects=True),
    Scenario("study diff 21 31", collects=True),
    Scenario("study docs 21", optional=_ONTOLOGY),
    Scenario("study docs 21 Damage -o OUT/docs.md", json=False),
    Scenario("study export 21 OUT/dice", collects=True),
    Scenario("study graph 21 -o OUT/couplings.html", json=False, optional=_LINK),
    Scenario("study graph 21"),
    Scenario("study load 21", optional=_SIZES),
    Scenario("study logs 21", json=False, streams=True),
    Scenario(
        "study logs 31 --follow",
        visible=last_line,
        json=False,
        prepare=("calc run 31 --detach",),
        streams=True,
        runs=True,
        watches=True,
    ),
    Scenario("study open 21"),
    Scenario("study order 21"),
    Scenario("study show 21", optional=_LINK),
    Scenario("study tree 21"),
    Scenario("study tree 21", prepare=_SET),
    Scenario("study url 21"),
)
