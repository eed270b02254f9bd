"""`sostrades param download`."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import SERVERS, StubTransport

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
def test_one_table_goes_to_standard_output(user_of: Callable[..., User], server: str) -> None:
    """One key is printed as the server's CSV, exactly, and standard error stays empty."""
    user = user_of(server)
    done = user.types("param", "download", "21", POPULATION)
    raw = user.types("api", "POST", ASKED.split()[1], "--data", json.dumps({"parameter_key": POPULATION}))
    assert (done.code, done.err) == (0, "")
    assert done.out == raw.out
    assert done.out.startswith("years,population\n2020,7800.0\n")


@pytest.mark.parametrize("server", SERVERS)
def test_one_table_goes_to_a_file(user_of: Callable[..., User], server: str) -> None:
    """`-o FILE` holds what standard output would have held; standard output stays empty."""
    user = user_of(server)
    printed = user.types("param", "download", "21", POPULATION).out
    done = user.types("param", "download", "21", POPULATION, "-o", str(user.folder / "t.csv"))
    assert (done.code, done.out) == (0, "")
    assert (user.folder / "t.csv").read_text() == printed


def test_a_full_name_needs_one_request(user: User) -> None:
    """A table by its full name is asked for once: nothing is downloaded twice."""
    user.types("param", "download", "21", POPULATION, "-o", str(user.folder / "t.csv"))
    assert user.requests == [ASKED]


@pytest.mark.parametrize("server", SERVERS)
def test_the_end_of_a_name_is_enough(user_of: Callable[..., User], server: str) -> None:
    """A unique end of a name stands for it."""
    assert user_of(server).types("param", "download", "21", "Macro.population").out.startswith("years,population\n")


@pytest.mark.parametrize("server", SERVERS)
def test_an_output_can_be_downloaded(user_of: Callable[..., User], server: str) -> None:
    """Outputs, which no load shows, come by their full name, alone and among several."""
    user = user_of(server)
    assert user.types("param", "download", "21", "dice.Damage.damages").out.startswith("years,damages\n")
    folder = user.folder / "d"
    done = user.types("param", "download", "21", "dice.Damage.damages", "dice.Damage.by_year", "-d", str(folder))
    assert done.code == 0
    assert (folder / "dice.Damage.by_year.csv").read_text().startswith("value\n")


@pytest.mark.parametrize("server", SERVERS)
def test_several_go_into_a_folder_with_a_manifest(user_of: Callable[..., User], server: str) -> None:
    """Each key becomes a file of its own; the manifest has its size and hash; standard output lists them."""
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
def test_all_is_every_table_list_and_dict(user_of: Callable[..., User], server: str) -> None:
    """`--all` takes every dataframe, array, list and dict, and no scalar; a matrix is listed without a file."""
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


@pytest.mark.parametrize("server", SERVERS)
def test_all_takes_the_outputs_of_a_finished_run(user_of: Callable[..., User], server: str) -> None:
    """`--all` of a finished study takes the tables that the run computed, too."""
    user = user_of(server)
    user.types("param", "download", "21", "--all", "-d", str(user.folder / "all"))
    assert {"dice.Damage.damages", "dice.Damage.by_year"} <= manifest(user.folder / "all").keys()


@pytest.mark.parametrize("server", SERVERS)
def test_a_glob_chooses(user_of: Callable[..., User], server: str) -> None:
    """A glob stands for every parameter that fits."""
    user = user_of(server)
    done = user.types("param", "download", "21", "*.Macro.re*s", "-d", str(user.folder / "d"))
    assert done.code == 0
    assert {"dice.Macro.region_names", "dice.Macro.regions"} <= manifest(user.folder / "d").keys()


@pytest.mark.parametrize("server", SERVERS)
def test_no_value_is_only_listed(user_of: Callable[..., User], server: str) -> None:
    """A parameter without a value is listed as such, has no file, and is no failure."""
    user = user_of(server)
    folder = user.folder / "d"
    keys = ("crash.Macro.population", "crash.Damage.damages")
    done = user.types("param", "download", "22", *keys, "-d", str(folder))
    assert done.code == 0
    assert manifest(folder)["crash.Damage.damages"]["state"] == "no value"
    assert not (folder / "crash.Damage.damages.csv").exists()
    assert "crash.Damage.damages\tno value" in done.out


@pytest.mark.parametrize("server", SERVERS)
def test_one_without_a_value_says_so(user_of: Callable[..., User], server: str) -> None:
    """One key without a value is told as that, not as a parameter that does not exist."""
    done = user_of(server).types("param", "download", "22", "crash.Damage.damages")
    assert done.code != 0
    assert done.code != 5
    assert done.kind == "no_value"


@pytest.mark.parametrize("server", SERVERS)
def test_one_that_fails_is_exit_7_and_in_the_manifest(user_of: Callable[..., User], server: str) -> None:
    """The others are saved, the manifest says why one is not there, and the exit code is 7."""
    user = user_of(server)
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500))
    folder = user.folder / "d"
    done = user.types("param", "download", "21", *TWO, "-d", str(folder))
    assert done.code == 7
    assert (manifest(folder)[TWO[0]]["state"], manifest(folder)[TWO[1]]["state"]) == ("failed", "saved")
    assert "500" in str(manifest(folder)[TWO[0]]["reason"])
    assert not (folder / f"{TWO[0]}.csv").exists()
    assert f"{TWO[0]}\tfailed" in done.out


def test_json_lists_the_files_and_standard_error_has_one_object(user: User) -> None:
    """With `-F json` the list is on standard output, and the failure is the one object on standard error."""
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500))
    done = user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"), "-F", "json")
    assert [row["state"] for row in json.loads(done.out)] == ["failed", "saved"]
    [line] = done.err.splitlines()
    assert json.loads(line)["code"] == 7


@pytest.mark.parametrize("kind", ["cut", "hang", "drop", "status"])
def test_a_transfer_that_breaks_is_repeated(user: User, kind: str) -> None:
    """A cut body, a request that hangs, a closed connection and a 503 are asked again, and the file is whole."""
    whole = user.types("param", "download", "21", POPULATION).out
    for path in ("one.csv", "d"):
        user.world.faults.arm(Fault(kind, count=2, method="POST", path="download"))
        into = ("-o", str(user.folder / path)) if path != "d" else (TWO[0], "-d", str(user.folder / path))
        done = user.types("param", "download", "21", POPULATION, *into)
        assert done.code == 0
        assert "retrying" in done.err
    assert (user.folder / "one.csv").read_text() == whole
    assert (user.folder / "d" / f"{POPULATION}.csv").read_text() == whole


def test_a_silent_server_is_given_up_after_its_read_time(user: User) -> None:
    """A request without an answer is given up after the read time limit and asked again."""
    user.world.faults.arm(Fault("slow", method="POST", path="download", seconds=100))
    done = user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"))
    assert done.code == 0
    assert user.requests.count(ASKED) == 3


def test_a_body_that_is_always_cut_leaves_no_file(user: User) -> None:
    """When every transfer breaks there is an error and no file, not even a part."""
    folder = user.folder / "d"
    folder.mkdir()
    user.world.faults.arm(Fault("cut", count=99, method="POST", path="download"))
    assert user.types("param", "download", "21", POPULATION, "-o", str(folder / "t.csv")).code == 7
    assert list(folder.iterdir()) == []
    assert user.types("param", "download", "21", *TWO, "-d", str(folder)).code == 7
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("server", SERVERS)
def test_a_login_page_is_no_table(user_of: Callable[..., User], server: str) -> None:
    """A 200 with HTML in place of CSV is exit 7 and leaves no file, nor anything on standard output."""
    user = user_of(server)
    user.world.faults.arm(Fault("body", count=99, path="download", body="<html>Please log in</html>"))
    target = user.folder / "t.csv"
    assert user.types("param", "download", "21", POPULATION, "-o", str(target)).code == 7
    assert not target.exists()
    printed = user.types("param", "download", "21", POPULATION)
    assert (printed.code, printed.out) == (7, "")
    user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"))
    assert [path.name for path in (user.folder / "d").glob("*")] in ([], ["manifest.json"])


def test_an_existing_file_is_refused(user: User) -> None:
    """An existing file is exit 2 and stays as it is, before anything is asked; `--overwrite` replaces it."""
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
def test_an_existing_file_in_the_folder_is_refused(user: User, name: str) -> None:
    """One file that exists keeps all of them back: exit 2, nothing downloaded; `--overwrite` replaces it."""
    folder = user.folder / "d"
    folder.mkdir()
    (folder / name).write_text("mine")
    assert user.types("param", "download", "21", *TWO, "-d", str(folder)).code == 2
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "mine"
    assert ASKED not in user.requests
    assert user.types("param", "download", "21", *TWO, "-d", str(folder), "--overwrite").code == 0
    assert (folder / name).read_text() != "mine"


def test_a_failure_keeps_the_file_that_was_there(user: User) -> None:
    """`--overwrite` replaces a file only with a whole new one."""
    target = user.folder / "t.csv"
    target.write_text("mine")
    user.world.faults.arm(Fault("cut", count=99, method="POST", path="download"))
    assert user.types("param", "download", "21", POPULATION, "-o", str(target), "--overwrite").code == 7
    assert target.read_text() == "mine"


@pytest.mark.slow
def test_the_first_request_goes_alone_and_few_at_once(user: User) -> None:
    """The first download is over before the second begins; after that there are never more than `--jobs`."""
    user.transport = counting = _Counting(user)
    done = user.types("param", "download", "23", "witness.*", "-d", str(user.folder / "d"), "--jobs", "2")
    assert done.code in {0, 7}
    assert counting.count > 20
    assert counting.alone
    assert 1 <= counting.most <= 2


@pytest.mark.parametrize("jobs", ["0", "9", "many"])
def test_jobs_are_1_to_8(user: User, jobs: str) -> None:
    """Other numbers are exit 2, and nothing is asked."""
    assert user.types("param", "download", "21", *TWO, "-d", str(user.folder / "d"), "--jobs", jobs).code == 2
    assert user.requests == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("--all",), (*TWO,), (POPULATION, "--all", "-d", "x"), (*TWO, "-o", "x.csv"), (*TWO, "-d", "d", "-o", "f")],
)
def test_wrong_usage_asks_nothing(user: User, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, several keys without a folder, keys with --all, and -o with -d are exit 2 without a request."""
    monkeypatch.chdir(user.folder)
    assert user.types("param", "download", "21", *arguments).code == 2
    assert user.requests == []
    assert not any(path.suffix == ".csv" for path in user.folder.rglob("*"))


@pytest.mark.parametrize("server", SERVERS)
def test_an_unknown_key_is_not_found(user_of: Callable[..., User], server: str) -> None:
    """A name that does not exist is exit 5 with the closest names; one among several fails, exit 7, in the manifest."""
    user = user_of(server)
    done = user.types("param", "download", "21", "dice.Macro.popullation")
    assert (done.code, done.out) == (5, "")
    assert POPULATION in done.err
    several = user.types("param", "download", "21", "dice.Macro.gamma", "dice.No.thing", "-d", str(user.folder / "d"))
    assert several.code == 7
    assert manifest(user.folder / "d")["dice.No.thing"]["state"] == "failed"


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5, for one key and for several."""
    user = user_of(server)
    assert user.types("param", "download", study, "dice.Macro.gamma").code == code
    assert user.types("param", "download", study, "a.b", "a.c", "-d", str(user.folder / "d")).code == code


def test_names_that_no_file_can_have_become_distinct_files(user: User) -> None:
    """Two names that differ in forbidden characters only become two files."""
    folder = user.folder / "d"
    done = user.types("param", "download", "21", "dice.Energy mix.cost*", "-d", str(folder))
    assert done.code == 0
    assert len(list(folder.glob("*.csv"))) == 2


def test_a_hostile_name_cannot_leave_the_folder(user: User) -> None:
    """A name with `..`, slashes and escape codes becomes a file in the folder, and is visible text on a terminal."""
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


def test_a_terminal_shows_control_characters_of_a_table(user: User) -> None:
    """On a terminal a cell's escape codes are visible text; a pipe gets them as they are."""
    user.world.studies[21].values["Macro.events"] = Table(("x",), (("\x1b[31m",),))
    assert "\x1b" not in user.types("param", "download", "21", "dice.Macro.events", tty=True).out
    assert user.types("param", "download", "21", "dice.Macro.events").out == "x\n\x1b[31m\n"


class _Counting(httpx.BaseTransport):
    """The stub, counting downloads that are under way at the same time."""

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
