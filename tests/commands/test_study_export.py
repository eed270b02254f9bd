"""`sostrades study export`: what comes into the folder, and which folders are taken."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import tomllib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.values import Table
from server_stub.world import Right

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")
MANY = "witness"


def exported(user: User, name: str = "dice", *options: str, study: str = "21") -> Path:
    """Export a study and return the folder."""
    folder = user.folder / name
    done = user.types("study", "export", study, str(folder), *options)
    assert done.code == 0, done.err
    return folder


def values(folder: Path, file: str = "parameters.toml") -> dict[str, Any]:
    """Return what a file of an export says."""
    return tomllib.loads((folder / file).read_text(encoding="utf-8"))


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of the manifest by parameter."""
    document = json.loads((folder / "manifest.json").read_text())
    return {entry["key"]: entry for entry in document["parameters"]}


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of an export by its name, but for the manifest, which has the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def sorted_json(value: object) -> str:
    """Return a value so that types can be told apart and the order of keys cannot."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("server", SERVERS)
def test_values_keep_their_types(user_of: Callable[..., User], server: str) -> None:
    """Every value that a load shows is in parameters.toml or in a JSON file, `1` as `1` and `1.0` as `1.0`."""
    user = user_of(server)
    user.world.studies[21].values["Macro.targets"] = [1, 1.0, True, "1", -0.0, 1e300]
    loaded = json.loads(user.types("study", "load", "21", "-F", "json").out)
    folder = exported(user)
    held = values(folder)
    for file in (folder / "data").glob("*.json"):
        held[file.stem] = json.loads(file.read_text())
    shown = {k.removeprefix("dice."): p["value"] for k, p in loaded.items() if p["value"] is not None}
    plain = {key: value for key, value in shown.items() if "://" not in json.dumps(value)}
    assert len(plain) > 60
    assert {key: sorted_json(held[key]) for key in plain} == {key: sorted_json(v) for key, v in plain.items()}


@pytest.mark.parametrize("server", SERVERS)
def test_tables_are_the_servers_files(user_of: Callable[..., User], server: str) -> None:
    """Each table and array is the CSV of a download, and the manifest has its sha-256."""
    user = user_of(server)
    folder = exported(user)
    for name in ("population", "events", "weights", "regions"):
        file = folder / "data" / f"Macro.{name}.csv"
        assert file.read_text(encoding="utf-8") == user.types("param", "download", "21", f"dice.Macro.{name}").out
        assert entries(folder)[f"Macro.{name}"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_units_and_types_are_comments_and_the_solver_stands_apart(user: User) -> None:
    """Lines are sorted, have type and unit behind them, and settings of the solver are a section of their own."""
    lines = (exported(user) / "parameters.toml").read_text().splitlines()
    [head] = [number for number, line in enumerate(lines) if line.startswith("# Solver")]
    sections = [[line for line in part if '" = ' in line] for part in (lines[:head], lines[head:])]
    assert all(section == sorted(section) for section in sections)
    assert '"Macro.start_year" = 2020  # int, year' in sections[0]
    assert '"max_mda_iter" = 30  # int, -' in sections[1]
    assert not any("mda" in line for line in sections[0])


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("options", [(), ("--outputs",)])
def test_an_unchanged_study_gives_the_same_files(
    user_of: Callable[..., User], server: str, options: tuple[str, ...]
) -> None:
    """Two exports at different times, with different jobs, are the same to the byte."""
    user = user_of(server)
    first = exported(user, "first", *options)
    user.world.clock.sleep(86_400)
    assert content(exported(user, "second", *options, "--jobs", "1")) == content(first)


def test_what_toml_cannot_hold_is_json(user: User) -> None:
    """A value with null inside is a JSON file, and a remark in parameters.toml says where."""
    folder = exported(user)
    assert json.loads((folder / "data" / "Macro.nested.json").read_text()) == {
        "A": {"x": 1.0, "y": None},
        "B": {"x": 2.0},
    }
    assert '# "Macro.nested" in data/Macro.nested.json: dict' in (folder / "parameters.toml").read_text()


@pytest.mark.parametrize("server", SERVERS)
def test_nan_and_infinite_are_told_from_no_value(user_of: Callable[..., User], server: str) -> None:
    """A float that a load shows as null is nan or inf in the file; what has no value is a remark only."""
    folder = exported(user_of(server))
    held, text = values(folder), (folder / "parameters.toml").read_text()
    assert [repr(held[f"Macro.{name}"]) for name in ("not_known", "no_limit")] == ["nan", "inf"]
    assert '# "Macro.remark" has no value: string' in text
    assert entries(folder)["Macro.remark"]["state"] == "no value"


def test_the_manifest_says_what_came_from_where(user: User) -> None:
    """The manifest has server, study and time, and of each parameter type, unit, file and sha-256."""
    folder = exported(user)
    document = json.loads((folder / "manifest.json").read_text())
    assert (document["server"], document["study"]) == (user.environ["SOSTRADES_HOST"], 21)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["time"])
    found = entries(folder)
    assert [entry["key"] for entry in document["parameters"]] == sorted(found)
    wanted = {"type": "dataframe", "unit": "Mpeople", "file": "data/Macro.population.csv", "output": False}
    assert wanted.items() <= found["Macro.population"].items()
    assert all(re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]) for entry in found.values() if entry["file"])
    assert user.world.key not in (folder / "manifest.json").read_text()


@pytest.mark.parametrize("server", SERVERS)
def test_what_the_server_cannot_give_is_no_failure(user_of: Callable[..., User], server: str) -> None:
    """A 2-D array is unavailable in the manifest, a note names it, and the exit code is 0."""
    user = user_of(server)
    done = user.types("study", "export", "21", str(user.folder / "dice"))
    entry = entries(user.folder / "dice")["Macro.matrix"]
    assert (done.code, entry["state"], entry["file"]) == (0, "unavailable", None)
    assert "Shape of passed values" in entry["reason"]
    assert "Macro.matrix" in done.err


def test_a_server_that_fails_is_exit_7_and_the_rest_is_there(user: User) -> None:
    """A 500 on one table is exit 7, in the manifest with its reason; the others are exported, and `-F json` tells."""
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500))
    folder = user.folder / "dice"
    done = user.types("study", "export", "21", str(folder), "-F", "json")
    failed = [key for key, entry in entries(folder).items() if "500" in str(entry["reason"])]
    assert (done.code, json.loads(done.err)["code"], len(failed)) == (7, 7, 1)
    assert failed[0] in {one["key"] for one in json.loads(done.out)["unavailable"]}
    assert len(list((folder / "data").glob("*.csv"))) == 6
    exported(user, "dice", "--overwrite")
    assert len(list((folder / "data").glob("*.csv"))) == 7


@pytest.mark.parametrize("server", SERVERS)
def test_inputs_only_unless_outputs_are_wanted(user_of: Callable[..., User], server: str) -> None:
    """Outputs, what a discipline computes and the record of the solver come with --outputs, in files of their own."""
    user = user_of(server)
    plain, full = exported(user, "plain"), exported(user, "full", "--outputs")
    computed = {"Macro.output", "Damage.temperature", "Damage.by_year", "residuals_history", "Damage.message"}
    assert not computed & entries(plain).keys()
    assert not (plain / "outputs.toml").exists()
    assert computed <= entries(full).keys()
    assert values(full, "outputs.toml")["Damage.message"] == "sunny days"
    assert (full / "parameters.toml").read_bytes() == (plain / "parameters.toml").read_bytes()


def test_after_a_change_values_come_by_download(user53: User) -> None:
    """Where read-only mode is gone the next export differs in the changed line, and where a download shows floats."""
    before = content(exported(user53, "before"))
    assert user53.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    after = content(exported(user53, "after"))
    lines = [set(one.pop("parameters.toml").splitlines()) for one in (before, after)]
    settings = [
        f'"linear_solver_{one}_options" = {{"max_iter" = %s, "tol" = 1e-08}}  # dict, -' for one in ("MDA", "MDO")
    ]
    floats = {line % count for line in settings for count in ("1000", "1000.0")}
    gamma = {f'"Macro.gamma" = {value}  # float, -' for value in ("0.3", "0.4")}
    assert {line.decode() for line in lines[0] ^ lines[1]} == floats | gamma
    assert before == after


def test_scripts_get_the_numbers(user: User) -> None:
    """`-F json` counts values, tables and what is missing, and standard error stays empty."""
    folder = user.folder / "dice"
    done = user.types("study", "export", "21", str(folder), "-F", "json")
    told = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert told == {
        "study": 21,
        "folder": str(folder),
        "value": len(values(folder)) + 1,
        "table": 7,
        "no_value": 1,
        "unavailable": [{"key": "Macro.matrix", "reason": entries(folder)["Macro.matrix"]["reason"]}],
    }


def test_hostile_names_stay_in_the_folder_and_distinct(user: User) -> None:
    """Names with slashes, line ends, quotes and escape codes become distinct files, and TOML that can be read."""
    names = ["a/../../../up.t", 'q".\n[x]\ny = 1 # .t', "e\x1b[31m\u202e.t", "é.t", "ü.t"]
    table = Table(("x",), ((1,),))
    tables = [Parameter(f"t{name}", "dataframe", table, "u\n\x07\ud800") for name in names]
    floats = [Parameter(f"v{name}", "float", 1.5, "u\n\x07\ud800") for name in [*names, "half.\ud800"]]
    model = Model("p", ("",), (*tables, *floats))
    user.world.add_study(30, "evil", model, {user.world.users["owner@email.com"]: Right.OWNER})
    folder = exported(user, "in/evil", study="30")
    assert len(list((folder / "data").glob("*.csv"))) == len(names)
    assert values(folder) == {f"v{name}": 1.5 for name in names}
    assert sorted(path.name for path in folder.iterdir()) == ["data", "manifest.json", "parameters.toml"]
    assert user.types("study", "diff", "30", str(folder), "--exit-code").code == 0


@pytest.mark.slow
def test_the_first_download_goes_alone_and_never_more_than_jobs(user: User) -> None:
    """The first download is over before the second begins; after that never more than --jobs are under way."""
    user.transport = counting = _Counting(user)
    exported(user, MANY, "--jobs", "3", study="23")
    assert (counting.count, counting.alone) == (489, True)
    assert 2 <= counting.most <= 3


@pytest.mark.parametrize("jobs", ["0", "9", "many"])
def test_jobs_are_1_to_8(user: User, jobs: str) -> None:
    """Other numbers are exit 2, and nothing is asked."""
    assert user.types("study", "export", "21", str(user.folder / "d"), "--jobs", jobs).code == 2
    assert user.asked == []


class _Counting(httpx.BaseTransport):
    """The stub, counting downloads that are under way at the same time; the second waits for a third."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self._lock = threading.Lock()
        self._second, self._third = threading.Event(), threading.Event()
        self._under_way = self.count = self.most = 0
        self.alone = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and look whether others come meanwhile."""
        request.read()
        if not request.url.path.endswith("/download"):
            return self._inner.handle_request(request)
        with self._lock:
            self.count += 1
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            number = self.count
        if number == 1:
            self.alone = not self._second.wait(0.1)
        self._second.set()
        if number == 2:
            self._third.wait(60)
        if number > 2:
            self._third.set()
        try:
            return self._inner.handle_request(request)
        finally:
            with self._lock:
                self._under_way -= 1


def test_two_exports_into_one_folder_do_not_mix(user: User) -> None:
    """The second is refused while the first goes on; what the first claims is there is there."""
    folder, done, once = user.folder / "dice", [], threading.Lock()

    def meanwhile(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/download") and once.acquire(blocking=False):
            done.append(user.types("study", "export", "22", str(folder), "--overwrite"))
        return StubTransport(user.world).handle_request(request)

    user.transport = httpx.MockTransport(meanwhile)
    first = user.types("study", "export", "21", str(folder))
    assert (first.code, done[0].code) == (0, 2)
    assert f"another command is writing into {folder}" in done[0].err
    assert json.loads((folder / "manifest.json").read_text())["study"] == 21
    assert user.types("study", "diff", str(folder), "21", "--exit-code").code == 0
