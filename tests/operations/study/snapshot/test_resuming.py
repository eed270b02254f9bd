"""Interrupted exports, and the next export into the same folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport, make_user, mostly_slow, slow

from server_stub.values import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")
DOWNLOAD = "POST /api/v0/study-case/21/parameter/download"
PEOPLE = "dice.Macro.population"
DAMAGED = ["", "{}\n", "no json\n", "[]\n", "{}\n{}\n", "{}\n7\n", '{"a": 1}\n{"key": 1}\n']
OTHER = "years,population\n2020,1.0\n"


class Leaving(httpx.BaseTransport):
    """The stub, which is gone after some downloads."""

    def __init__(self, user: User, after: int) -> None:
        self._inner = StubTransport(user.world)
        self._left = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, unless the server is gone."""
        self._left -= request.url.path.endswith("/download")
        if self._left < 0:
            raise httpx.ConnectError("gone")
        return self._inner.handle_request(request)


def interrupted(user: User, after: int, *options: str) -> Path:
    """Start an export, lose the server after some downloads, and return the folder."""
    folder = user.folder / "dice"
    user.transport = Leaving(user, after)
    assert user.types("study", "export", "21", str(folder), "--jobs", "1", *options).code == 6
    user.transport = None
    assert not (folder / "manifest.json").exists()
    return folder


def export(user: User, folder: Path, *options: str) -> int:
    """Export a study and return the number of downloads."""
    before = user.requests.count(DOWNLOAD)
    done = user.types("study", "export", "21", str(folder), *options)
    assert done.code == 0, done.err
    return user.requests.count(DOWNLOAD) - before


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of an export by name, except the manifest, which has the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def saved(folder: Path) -> int:
    """Return the number of saved tables."""
    return len(list(folder.rglob("*.csv")))


def saved_file(folder: Path, name: str) -> Path:
    """Return the path of a file in an interrupted export."""
    [path] = folder.rglob(name)
    return path


def set_table(user: User) -> None:
    """Set another table in a study."""
    file = user.folder / "p.csv"
    file.write_text(OTHER)
    done = user.types("param", "set", "21", f"{PEOPLE}=@{file}")
    assert done.code == 0, done.err
    user.world.clock.sleep(5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of an uninterrupted export."""
    user = make_user(tmp_path_factory.mktemp("whole"))
    export(user, user.folder / "dice")
    return content(user.folder / "dice")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("options", [(), slow(("--outputs",))])
def test_interrupted_export_continues(user_of: Callable[..., User], server: str, options: tuple[str, ...]) -> None:
    """Saved tables are not downloaded again."""
    user = user_of(server)
    whole = export(user, user.folder / "whole", *options)
    folder = interrupted(user, 8, *options)
    there = saved(folder)
    assert there > 2
    assert export(user, folder, *options) == whole - there
    assert content(folder) == content(user.folder / "whole")


def test_note_has_the_number_of_saved_tables(user: User) -> None:
    folder = interrupted(user, 7)
    there = saved(folder)
    done = user.types("study", "export", "21", str(folder))
    assert f"{there} tables" in done.err


@pytest.mark.parametrize("after", [slow(0), slow(1), 5, 9])
def test_export_can_be_interrupted_anywhere_and_twice(user: User, after: int, whole: dict[str, bytes]) -> None:
    folder = interrupted(user, after)
    if after < 7:
        interrupted(user, 1)
    export(user, folder)
    assert content(folder) == whole


@pytest.mark.parametrize("change", [slow("value"), "table"])
def test_changed_study_is_exported_from_the_start(user: User, change: str) -> None:
    whole = export(user, user.folder / "whole")
    folder = interrupted(user, 8)
    if change == "value":
        assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    else:
        set_table(user)
    assert export(user, folder) == whole
    export(user, user.folder / "now")
    assert content(folder) == content(user.folder / "now") != content(user.folder / "whole")


def test_table_changed_under_the_same_status_is_exported_from_the_start(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.4")
    user.world.clock.sleep(5)
    folder = interrupted(user, 8)
    user.world.studies[21].values["Macro.population"] = Table(("years", "population"), ((2020, 1.0),))
    export(user, folder)
    assert (folder / "data" / "Macro.population.csv").read_text() == OTHER


def test_run_in_between_is_a_change(user: User) -> None:
    folder = interrupted(user, 12, "--outputs")
    set_table(user)
    assert user.types("calc", "run", "21").code == 0
    export(user, folder, "--outputs")
    export(user, user.folder / "now", "--outputs")
    assert content(folder) == content(user.folder / "now")


def test_other_options_restart_the_export(user: User, whole: dict[str, bytes]) -> None:
    folder = interrupted(user, 12, "--outputs")
    export(user, folder)
    assert content(folder) == whole


def test_other_study_restarts_the_export(user: User) -> None:
    folder = interrupted(user, 8)
    user.world.studies[22].values["Macro.population"] = Table(("years", "population"), ((2020, 1.0),))
    done = user.types("study", "export", "22", str(folder))
    assert (done.code, (folder / "data" / "Macro.population.csv").read_text()) == (0, OTHER)


@pytest.mark.parametrize("damage", ["edited", slow("removed")])
def test_changed_file_is_downloaded_again(user: User, damage: str, whole: dict[str, bytes]) -> None:
    folder = interrupted(user, 8)
    file = saved_file(folder, "Macro.population.csv")
    if damage == "edited":
        file.write_text("mine")
    else:
        file.unlink()
    export(user, folder)
    assert content(folder) == whole


def test_partial_download_is_removed(user: User, whole: dict[str, bytes]) -> None:
    folder = interrupted(user, 8)
    (saved_file(folder, "Macro.events.csv").parent / ".Macro.events.csv.0123456789abcdef.part").write_text("half")
    export(user, folder)
    assert content(folder) == whole


def test_cut_progress_line_loses_no_other_table(user: User, whole: dict[str, bytes]) -> None:
    folder = interrupted(user, 7)
    with (folder / ".unfinished" / "progress.jsonl").open("a") as notes:
        notes.write('{"key": "Ma')
    interrupted(user, 5)
    there = saved(folder)
    assert export(user, folder) == 10 - there
    assert content(folder) == whole


@pytest.mark.parametrize("text", mostly_slow(DAMAGED, 3))
def test_damaged_progress_file_restarts_the_export(user: User, text: str, whole: dict[str, bytes]) -> None:
    folder = interrupted(user, 7)
    (folder / ".unfinished" / "progress.jsonl").write_text(text)
    export(user, folder)
    assert content(folder) == whole


def test_interrupted_export_cannot_be_compared_or_applied(user: User) -> None:
    folder = interrupted(user, 7)
    assert user.types("study", "diff", "21", str(folder)).code == 2
    assert user.types("study", "apply", str(folder), "21").code == 2


def test_older_export_stays_usable_until_it_is_replaced(user: User) -> None:
    folder = user.folder / "dice"
    whole = export(user, folder)
    before = content(folder)
    user.world.studies[21].values["Macro.gamma"] = 0.4
    user.transport = Leaving(user, 8)
    assert user.types("study", "export", "21", str(folder), "--overwrite", "--jobs", "1").code == 6
    user.transport = None
    assert before.items() <= content(folder).items()
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 9
    assert user.types("study", "export", "21", str(folder)).code == 2
    assert 0 < export(user, folder, "--overwrite") < whole
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 0
    assert content(folder).keys() == before.keys()
