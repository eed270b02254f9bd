"""`sostrades study export`."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import tomllib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, StubTransport, slow

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.values import Table
from server_stub.world import Right
from sostrades_cli.operations.study.snapshot.export import OUTDATED_HEADER

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
    """Return the values in a file of an export."""
    return tomllib.loads((folder / file).read_text(encoding="utf-8"))


def is_headed_as_outdated(file: Path) -> bool:
    """Return whether the header of a file says that the outputs have no values."""
    return OUTDATED_HEADER in file.read_text(encoding="utf-8").splitlines()


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of the manifest by parameter."""
    document = json.loads((folder / "manifest.json").read_text())
    return {entry["key"]: entry for entry in document["parameters"]}


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of an export by name, except the manifest, which has the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def sorted_json(value: object) -> str:
    """Return a text that shows types but not the order of keys."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_values_keep_their_types(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.studies[21].values["Macro.targets"] = [1, 1.0, True, "1", -0.0, 1e300]
    loaded = json.loads(user.types("study", "load", "21", "-F", "json").out)
    folder = exported(user)
    exported_values = values(folder)
    for file in (folder / "data").glob("*.json"):
        exported_values[file.stem] = json.loads(file.read_text())
    shown = {k.removeprefix("dice."): p["value"] for k, p in loaded.items() if p["value"] is not None}
    plain = {key: value for key, value in shown.items() if "://" not in json.dumps(value)}
    assert len(plain) > 60
    assert {key: sorted_json(exported_values[key]) for key in plain} == {
        key: sorted_json(v) for key, v in plain.items()
    }


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_tables_are_downloads_with_a_sha256(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = exported(user)
    for name in ("population", "events", "weights", "regions"):
        file = folder / "data" / f"Macro.{name}.csv"
        assert file.read_text(encoding="utf-8") == user.types("param", "download", "21", f"dice.Macro.{name}").out
        assert entries(folder)[f"Macro.{name}"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_units_and_types_are_comments(user: User) -> None:
    """Lines are sorted. Solver settings have their own section."""
    lines = (exported(user) / "parameters.toml").read_text().splitlines()
    [head] = [number for number, line in enumerate(lines) if line.startswith("# Solver")]
    sections = [[line for line in part if '" = ' in line] for part in (lines[:head], lines[head:])]
    assert all(section == sorted(section) for section in sections)
    assert '"Macro.start_year" = 2020  # int, year' in sections[0]
    assert '"max_mda_iter" = 30  # int, -' in sections[1]
    assert not any("mda" in line for line in sections[0])


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("options", [slow(()), ("--outputs",)])
def test_unchanged_study_gives_the_same_files(
    user_of: Callable[..., User], server: str, options: tuple[str, ...]
) -> None:
    user = user_of(server)
    first = exported(user, "first", *options)
    user.world.clock.sleep(86_400)
    assert content(exported(user, "second", *options, "--jobs", "1")) == content(first)


def test_second_export_of_an_unchanged_study_changes_no_file(user: User) -> None:
    """Version control would show each new time as a change."""
    folder = exported(user)
    first = (folder / "manifest.json").read_bytes()
    user.world.clock.sleep(86_400)
    exported(user, folder.name, "--overwrite")
    assert (folder / "manifest.json").read_bytes() == first
    assert user.types("param", "set", "21", "Macro.gamma=0.7").code == 0
    exported(user, folder.name, "--overwrite")
    changed = json.loads((folder / "manifest.json").read_bytes())
    assert changed["time"] != json.loads(first)["time"]


def test_value_with_null_inside_is_a_json_file(user: User) -> None:
    """A comment in parameters.toml has the path."""
    folder = exported(user)
    assert json.loads((folder / "data" / "Macro.nested.json").read_text()) == {
        "A": {"x": 1.0, "y": None},
        "B": {"x": 2.0},
    }
    assert '# "Macro.nested" in data/Macro.nested.json: dict' in (folder / "parameters.toml").read_text()


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_nan_and_inf_differ_from_no_value(user_of: Callable[..., User], server: str) -> None:
    folder = exported(user_of(server))
    exported_values, text = values(folder), (folder / "parameters.toml").read_text()
    assert [repr(exported_values[f"Macro.{name}"]) for name in ("not_known", "no_limit")] == ["nan", "inf"]
    assert '# "Macro.remark" has no value: string' in text
    assert entries(folder)["Macro.remark"]["state"] == "no value"


def test_manifest_has_source_time_and_parameters(user: User) -> None:
    folder = exported(user)
    document = json.loads((folder / "manifest.json").read_text())
    assert (document["server"], document["study"]) == (user.environ["SOSTRADES_HOST"], 21)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["time"])
    result = entries(folder)
    assert [entry["key"] for entry in document["parameters"]] == sorted(result)
    expected = {"type": "dataframe", "unit": "Mpeople", "file": "data/Macro.population.csv", "output": False}
    assert expected.items() <= result["Macro.population"].items()
    assert all(re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]) for entry in result.values() if entry["file"])
    assert user.world.key not in (folder / "manifest.json").read_text()


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_unavailable_parameter_is_a_note(user_of: Callable[..., User], server: str) -> None:
    """The exit code is 0."""
    user = user_of(server)
    done = user.types("study", "export", "21", str(user.folder / "dice"))
    entry = entries(user.folder / "dice")["Macro.matrix"]
    assert (done.code, entry["state"], entry["file"]) == (0, "unavailable", None)
    failed = user.types("param", "get", "21", "matrix").error
    assert failed is not None
    assert entry["reason"] == failed.detail
    assert "Macro.matrix" in done.err


def test_failed_download_is_a_server_fault(user: User) -> None:
    """The others are exported."""
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500))
    folder = user.folder / "dice"
    done = user.types("study", "export", "21", str(folder), "-F", "json")
    failed = [key for key, entry in entries(folder).items() if "500" in str(entry["reason"])]
    assert (done.code, json.loads(done.err)["code"], len(failed)) == (7, 7, 1)
    assert failed[0] in {item["key"] for item in json.loads(done.out)["unavailable"]}
    assert len(list((folder / "data").glob("*.csv"))) == 6
    exported(user, "dice", "--overwrite")
    assert len(list((folder / "data").glob("*.csv"))) == 7


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_outputs_are_exported_only_on_request(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    plain, full = exported(user, "plain"), exported(user, "full", "--outputs")
    computed = {"Macro.output", "Damage.temperature", "Damage.by_year", "residuals_history", "Damage.message"}
    assert not computed & entries(plain).keys()
    assert not (plain / "outputs.toml").exists()
    assert computed <= entries(full).keys()
    assert values(full, "outputs.toml")["Damage.message"] == "sunny days"
    assert (full / "parameters.toml").read_bytes() == (plain / "parameters.toml").read_bytes()


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_outputs_of_an_earlier_run_are_exported_without_values(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    before = exported(user, "before", "--outputs")
    assert values(before, "outputs.toml")["Damage.message"] == "sunny days"
    assert not is_headed_as_outdated(before / "outputs.toml")
    assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    folder = user.folder / "after"
    done = user.types("study", "export", "21", str(folder), "--outputs")
    assert (done.code, "calc run 21" in done.err) == (0, True)
    assert values(folder, "outputs.toml") == {}
    headed = [is_headed_as_outdated(folder / name) for name in ("parameters.toml", "outputs.toml")]
    assert headed == [False, True]
    assert entries(folder)["Macro.population"]["state"] == "table"
    assert {entry["state"] for entry in entries(folder).values() if entry["output"]} == {"no value"}
    again = user.types("study", "export", "21", str(folder), "--outputs", "--overwrite", "-F", "json")
    assert (json.loads(again.out)["outdated_outputs"], "calc run 21" in again.err) == (True, True)
    assert user.types("calc", "run", "21").code == 0
    assert not user.prints("study", "export", "21", str(folder), "--outputs", "--overwrite")["outdated_outputs"]
    assert values(folder, "outputs.toml")["Damage.message"] == "sunny days"


def test_values_come_by_download_after_a_change(user53: User) -> None:
    before = content(exported(user53, "before"))
    assert user53.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    after = content(exported(user53, "after"))
    lines = [set(item.pop("parameters.toml").splitlines()) for item in (before, after)]
    settings = [
        f'"linear_solver_{item}_options" = {{"max_iter" = %s, "tol" = 1e-08}}  # dict, -' for item in ("MDA", "MDO")
    ]
    floats = {line % count for line in settings for count in ("1000", "1000.0")}
    gamma = {f'"Macro.gamma" = {value}  # float, -' for value in ("0.3", "0.4")}
    assert {line.decode() for line in lines[0] ^ lines[1]} == floats | gamma
    assert before == after


def test_json_has_the_numbers_of_parameters(user: User) -> None:
    folder = user.folder / "dice"
    done = user.types("study", "export", "21", str(folder), "-F", "json")
    document = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert document == {
        "study": 21,
        "folder": str(folder),
        "value": len(values(folder)) + 1,
        "table": 7,
        "no_value": 1,
        "unavailable": [{"key": "Macro.matrix", "reason": entries(folder)["Macro.matrix"]["reason"]}],
        "outdated_outputs": False,
    }


def test_hostile_names_get_distinct_files_inside_the_folder(user: User) -> None:
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
def test_first_download_runs_alone(user: User) -> None:
    """Then at most `--jobs` downloads are active."""
    user.transport = counting = _Counting(user)
    exported(user, MANY, "--jobs", "3", study="23")
    assert (counting.count, counting.alone) == (489, True)
    assert 2 <= counting.most <= 3


@pytest.mark.parametrize("jobs", ["0", "9", "many"])
def test_jobs_are_1_to_8(user: User, jobs: str) -> None:
    assert user.types("study", "export", "21", str(user.folder / "d"), "--jobs", jobs).code == 2
    assert user.requests == []


class _Counting(httpx.BaseTransport):
    """The stub, which counts parallel downloads. The second one waits for a third."""

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


def test_second_export_into_the_same_folder_is_refused(user: User) -> None:
    folder, done, once = user.folder / "dice", [], threading.Lock()

    def meanwhile(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/download") and once.acquire(blocking=False):
            done.append(user.types("study", "export", "22", str(folder), "--overwrite"))
        return StubTransport(user.world).handle_request(request)

    user.transport = httpx.MockTransport(meanwhile)
    first = user.types("study", "export", "21", str(folder))
    assert (first.code, done[0].code, done[0].kind) == (0, 2, "folder_in_use")
    assert str(folder) in done[0].err
    assert json.loads((folder / "manifest.json").read_text())["study"] == 21
    assert user.types("study", "diff", str(folder), "21", "--exit-code").code == 0
