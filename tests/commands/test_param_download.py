"""Test `sostrades param download`."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import QUICK_SERVERS, QUICK_WITH_READ_ONLY_MODE, SERVERS, StubTransport, slow

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.values import Table
from server_stub.world import Right

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

ASKED = "POST /api/v0/study-case/21/parameter/download"
POPULATION = "dice.Macro.population"
TWO = ("dice.Macro.gamma", "dice.Macro.weights")


def manifest(folder: Path) -> dict[str, dict[str, object]]:
    """Return the entries of a manifest by parameter."""
    document = json.loads((folder / "manifest.json").read_text())
    return {entry["key"]: entry for entry in document["parameters"]}


@pytest.mark.parametrize("server", SERVERS)
def test_single_key_is_printed_as_the_csv_of_the_server(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("param", "download", "21", POPULATION)
    raw = user.types("api", "POST", ASKED.split()[1], "--data", json.dumps({"parameter_key": POPULATION}))
    assert (done.code, done.err) == (0, "")
    assert done.out == raw.out
    assert done.out.startswith("years,population\n2020,7800.0\n")


@pytest.mark.parametrize("server", SERVERS)
def test_output_option_writes_the_same_bytes(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    printed = user.types("param", "download", "21", POPULATION).out
    done = user.types("param", "download", "21", POPULATION, "-o", str(user.folder / "t.csv"))
    assert (done.code, done.out) == (0, "")
    assert (user.folder / "t.csv").read_text() == printed


def test_full_name_needs_one_request(user: User) -> None:
    user.types("param", "download", "21", POPULATION, "-o", str(user.folder / "t.csv"))
    assert user.requests == [ASKED]


@pytest.mark.parametrize("server", SERVERS)
def test_short_name_is_accepted(user_of: Callable[..., User], server: str) -> None:
    assert user_of(server).types("param", "download", "21", "Macro.population").out.startswith("years,population\n")


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_output_can_be_downloaded(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert user.types("param", "download", "21", "dice.Damage.damages").out.startswith("years,damages\n")
    folder = user.folder / "d"
    done = user.types("param", "download", "21", "dice.Damage.damages", "dice.Damage.by_year", "-d", str(folder))
    assert done.code == 0
    assert (folder / "dice.Damage.by_year.csv").read_text().startswith("value\n")


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_several_keys_are_files_with_a_manifest(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = user.folder / "new" / "d"
    done = user.types("param", "download", "21", *TWO, "-d", str(folder))
    assert done.code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "dice.Macro.gamma.csv",
        "dice.Macro.weights.csv",
        "manifest.json",
    ]
    entry = manifest(folder)["dice.Macro.weights"]
    content = (folder / "dice.Macro.weights.csv").read_bytes()
    assert (entry["state"], entry["file"], entry["bytes"]) == ("saved", "dice.Macro.weights.csv", len(content))
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert done.out.splitlines()[0] == "parameter\tstate\tfile\tbytes"
    assert [row.split("\t")[:2] for row in done.out.splitlines()[1:]] == [[key, "saved"] for key in TWO]


@pytest.mark.parametrize("server", SERVERS)
def test_all_downloads_tables_lists_and_dicts(user_of: Callable[..., User], server: str) -> None:
    """Scalars are left out. A 2-D array is listed without a file."""
    user = user_of(server)
    folder = user.folder / "all"
    done = user.types("param", "download", "21", "--all", "-d", str(folder))
    states = {key: entry["state"] for key, entry in manifest(folder).items()}
    macro = ("population", "events", "weights", "targets", "region_names", "milestones", "shares", "nested", "regions")
    assert done.code == 0
    assert all(states[f"dice.Macro.{name}"] == "saved" for name in macro)
    assert states["dice.Macro.matrix"] == "unreadable"
    assert manifest(folder)["dice.Macro.matrix"]["reason"]
    assert "dice.Macro.gamma" not in states


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_all_includes_outputs_of_a_finished_run(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("param", "download", "21", "--all", "-d", str(user.folder / "all"))
    assert {"dice.Damage.damages", "dice.Damage.by_year"} <= manifest(user.folder / "all").keys()


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_glob_selects_parameters(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("param", "download", "21", "*.Macro.re*s", "-d", str(user.folder / "d"))
    assert done.code == 0
    assert {"dice.Macro.region_names", "dice.Macro.regions"} <= manifest(user.folder / "d").keys()


@pytest.mark.parametrize("server", SERVERS)
def test_parameter_without_a_value_is_listed_without_a_file(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = user.folder / "d"
    keys = ("crash.Macro.population", "crash.Damage.damages")
    done = user.types("param", "download", "22", *keys, "-d", str(folder))
    assert done.code == 0
    assert manifest(folder)["crash.Damage.damages"]["state"] == "no value"
    assert not (folder / "crash.Damage.damages.csv").exists()
    assert "crash.Damage.damages\tno value" in done.out


@pytest.mark.parametrize("server", SERVERS)
def test_single_key_without_a_value_is_not_reported_as_missing(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("param", "download", "22", "crash.Damage.damages")
    assert done.code != 0
    assert done.code != 5
    assert done.kind == "no_value"


@pytest.mark.parametrize("server", SERVERS)
def test_failed_download_is_exit_7_and_in_the_manifest(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500))
    folder = user.folder / "d"
    done = user.types("param", "download", "21", *TWO, "-d", str(folder))
    assert done.code == 7
    assert (manifest(folder)[TWO[0]]["state"], manifest(folder)[TWO[1]]["state"]) == ("failed", "saved")
    assert "500" in str(manifest(folder)[TWO[0]]["reason"])
    assert not (folder / f"{TWO[0]}.csv").exists()
    assert f"{TWO[0]}\tfailed" in done.out


def test_json_lists_files_and_stderr_has_one_object(user: User) -> None:
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500))
    done = user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"), "-F", "json")
    assert [row["state"] for row in json.loads(done.out)] == ["failed", "saved"]
    [line] = done.err.splitlines()
    assert json.loads(line)["code"] == 7


@pytest.mark.parametrize("kind", ["cut", slow("hang"), slow("drop"), "status"])
def test_broken_transfer_is_retried(user: User, kind: str) -> None:
    whole = user.types("param", "download", "21", POPULATION).out
    for path in ("one.csv", "d"):
        user.world.faults.arm(Fault(kind, count=2, method="POST", path="download"))
        into = ("-o", str(user.folder / path)) if path != "d" else (TWO[0], "-d", str(user.folder / path))
        done = user.types("param", "download", "21", POPULATION, *into)
        assert done.code == 0
        assert "retrying" in done.err
    assert (user.folder / "one.csv").read_text() == whole
    assert (user.folder / "d" / f"{POPULATION}.csv").read_text() == whole


def test_request_is_retried_after_the_read_timeout(user: User) -> None:
    user.world.faults.arm(Fault("slow", method="POST", path="download", seconds=100))
    done = user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"))
    assert done.code == 0
    assert user.requests.count(ASKED) == 3


def test_body_that_is_always_truncated_leaves_no_file(user: User) -> None:
    folder = user.folder / "d"
    folder.mkdir()
    user.world.faults.arm(Fault("cut", count=99, method="POST", path="download"))
    assert user.types("param", "download", "21", POPULATION, "-o", str(folder / "t.csv")).code == 7
    assert list(folder.iterdir()) == []
    assert user.types("param", "download", "21", *TWO, "-d", str(folder)).code == 7
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_login_page_is_not_a_table(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("body", count=99, path="download", body="<html>Please log in</html>"))
    target = user.folder / "t.csv"
    assert user.types("param", "download", "21", POPULATION, "-o", str(target)).code == 7
    assert not target.exists()
    printed = user.types("param", "download", "21", POPULATION)
    assert (printed.code, printed.out) == (7, "")
    user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"))
    assert [path.name for path in (user.folder / "d").glob("*")] in ([], ["manifest.json"])


def test_existing_file_is_rejected_without_overwrite(user: User) -> None:
    target = user.folder / "t.csv"
    target.write_text("mine")
    assert user.types("param", "download", "21", POPULATION, "-o", str(target)).code == 2
    assert (user.requests, target.read_text()) == ([], "mine")
    assert user.types("param", "download", "21", POPULATION, "-o", str(target), "--overwrite").code == 0
    assert target.read_text().startswith("years,population\n")


@pytest.mark.parametrize("taken", ["d", "d/manifest.json"])
def test_unusable_folder_is_refused_before_a_request(user: User, taken: str) -> None:
    if "/" in taken:
        (user.folder / "d").mkdir()
    (user.folder / taken).write_text("mine")
    done = user.types("param", "download", "21", "--all", "-d", str(user.folder / "d"))
    assert (done.code, user.requests) == (2, [])


@pytest.mark.parametrize("name", ["dice.Macro.gamma.csv", "manifest.json"])
def test_existing_file_in_the_folder_is_rejected_without_overwrite(user: User, name: str) -> None:
    folder = user.folder / "d"
    folder.mkdir()
    (folder / name).write_text("mine")
    assert user.types("param", "download", "21", *TWO, "-d", str(folder)).code == 2
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "mine"
    assert ASKED not in user.requests
    assert user.types("param", "download", "21", *TWO, "-d", str(folder), "--overwrite").code == 0
    assert (folder / name).read_text() != "mine"


def test_failed_download_keeps_the_existing_file(user: User) -> None:
    target = user.folder / "t.csv"
    target.write_text("mine")
    user.world.faults.arm(Fault("cut", count=99, method="POST", path="download"))
    assert user.types("param", "download", "21", POPULATION, "-o", str(target), "--overwrite").code == 7
    assert target.read_text() == "mine"


@pytest.mark.slow
def test_first_download_runs_alone_and_jobs_limit_the_rest(user: User) -> None:
    user.transport = counting = _Counting(user)
    done = user.types("param", "download", "23", "witness.*", "-d", str(user.folder / "d"), "--jobs", "2")
    assert done.code in {0, 7}
    assert counting.count > 20
    assert counting.alone
    assert 1 <= counting.most <= 2


@pytest.mark.parametrize("jobs", ["0", "9", "many"])
def test_jobs_are_1_to_8(user: User, jobs: str) -> None:
    assert user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"), "--jobs", jobs).code == 2
    assert user.requests == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("--all",), (*TWO,), (POPULATION, "--all", "-d", "x"), (*TWO, "-o", "x.csv"), (*TWO, "-d", "d", "-o", "f")],
)
def test_usage_error_sends_no_request(user: User, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(user.folder)
    assert user.types("param", "download", "21", *arguments).code == 2
    assert user.requests == []
    assert not any(path.suffix == ".csv" for path in user.folder.rglob("*"))


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_unknown_key_is_not_found(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("param", "download", "21", "dice.Macro.popullation")
    assert (done.code, done.out) == (5, "")
    assert POPULATION in done.err
    several = user.types("param", "download", "21", "dice.Macro.gamma", "dice.No.thing", "-d", str(user.folder / "d"))
    assert (several.code, several.kind) == (5, "not_found")
    misspelt = user.types("param", "download", "21", "dice.Macro.popullation", "-d", str(user.folder / "e"))
    assert (misspelt.code, POPULATION in misspelt.err) == (5, True)
    assert manifest(user.folder / "d")["dice.No.thing"]["state"] == "failed"


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    user = user_of(server)
    assert user.types("param", "download", study, "dice.Macro.gamma").code == code
    assert user.types("param", "download", study, "a.b", "a.c", "-d", str(user.folder / "d")).code == code


def test_terminal_shows_one_line_and_the_list_only_if_verbose(user: User) -> None:
    words = ("param", "download", "21", "--all", "-d")
    done = user.types(*words, str(user.folder / "a"), tty=True, NO_COLOR="1")
    files = list((user.folder / "a").glob("*.csv"))
    assert (done.code, done.out) == (0, "")
    line = done.err.splitlines()[-1]
    assert f"saved {len(files)} files, " in line
    assert "1 that the server cannot write" in line
    for option in ("-v", "-Ftable"):
        shown = user.types(*words, str(user.folder / option), option, tty=True, NO_COLOR="1", COLUMNS="300")
        assert len(shown.out.splitlines()) == 2 + len(files)


def test_manifest_of_the_same_files_does_not_change(user: User) -> None:
    words = ("param", "download", "21", *TWO, "-d", str(user.folder / "d"), "--overwrite")
    assert user.types(*words).code == 0
    first = (user.folder / "d" / "manifest.json").read_bytes()
    user.world.clock.sleep(86_400)
    assert user.types(*words).code == 0
    assert (user.folder / "d" / "manifest.json").read_bytes() == first


def test_similar_names_become_distinct_files(user: User) -> None:
    folder = user.folder / "d"
    done = user.types("param", "download", "21", "dice.Energy mix.cost*", "-d", str(folder))
    assert done.code == 0
    assert len(list(folder.glob("*.csv"))) == 2


def test_hostile_name_stays_inside_the_folder(user: User) -> None:
    name = "a/../../../up\x1b]0;owned\x07.t"
    model = Model("p", ("",), (Parameter(name, "dataframe", Table(("x",), ((1,),))), Parameter("b.l", "list", [1])))
    user.world.add_study(30, "evil", model, {user.world.users["owner@email.com"]: Right.OWNER})
    folder = user.folder / "in" / "d"
    done = user.types("param", "download", "30", "--all", "-d", str(folder), tty=True)
    assert done.code == 0
    assert "\x1b]" not in done.out + done.err
    assert len(list(folder.glob("*.csv"))) == 2
    assert not list(user.folder.glob("*up*")) + list((user.folder / "in").glob("*up*"))
    assert f"evil.{name}" in manifest(folder)


def test_control_characters_of_a_table_are_escaped_on_a_terminal(user: User) -> None:
    user.world.studies[21].values["Macro.events"] = Table(("x",), (("\x1b[31m",),))
    assert "\x1b" not in user.types("param", "download", "21", "dice.Macro.events", tty=True).out
    assert user.types("param", "download", "21", "dice.Macro.events").out == "x\n\x1b[31m\n"


class _Counting(httpx.BaseTransport):
    """A stub that counts concurrent downloads."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self._lock = threading.Lock()
        self._another = threading.Event()
        self._under_way = 0
        self.count = 0
        self.most = 0
        self.alone = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and for the first download look whether another comes meanwhile."""
        request.read()
        if not request.url.path.endswith("/download"):
            return self._inner.handle_request(request)
        with self._lock:
            self.count += 1
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            first = self.count == 1
        if first:
            self.alone = not self._another.wait(0.1)
        else:
            self._another.set()
        try:
            return self._inner.handle_request(request)
        finally:
            with self._lock:
                self._under_way -= 1
