"""An export that was interrupted, and the next one into the same folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport

from server_stub.values import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")
DOWNLOAD = "POST /api/v0/study-case/21/parameter/download"
PEOPLE = "dice.Macro.population"
OTHER = "years,population\n2020,1.0\n"


class Leaving(httpx.BaseTransport):
    """The stub, gone for good after some downloads."""

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
    """Begin an export, lose the server after some downloads, and return the folder."""
    folder = user.folder / "dice"
    user.transport = Leaving(user, after)
    assert user.types("study", "export", "21", str(folder), "--jobs", "1", *options).code == 6
    user.transport = None
    assert not (folder / "manifest.json").exists()
    return folder


def export(user: User, folder: Path, *options: str) -> int:
    """Export a study and return how many downloads that took."""
    before = user.asked.count(DOWNLOAD)
    done = user.types("study", "export", "21", str(folder), *options)
    assert done.code == 0, done.err
    return user.asked.count(DOWNLOAD) - before


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of an export by its name, but for the manifest, which has the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def saved(folder: Path) -> int:
    """Return how many tables an export has saved."""
    return len(list(folder.rglob("*.csv")))


def place(folder: Path, name: str) -> Path:
    """Return where an interrupted export keeps a file."""
    [path] = folder.rglob(name)
    return path


def set_table(user: User) -> None:
    """Let a study hold another table."""
    file = user.folder / "p.csv"
    file.write_text(OTHER)
    done = user.types("param", "set", "21", f"{PEOPLE}=@{file}")
    assert done.code == 0, done.err
    user.world.clock.sleep(5)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("options", [(), ("--outputs",)])
def test_it_goes_on_where_it_stopped(user_of: Callable[..., User], server: str, options: tuple[str, ...]) -> None:
    """Tables that are there are not downloaded again, and the result is that of an uninterrupted export."""
    user = user_of(server)
    whole = export(user, user.folder / "whole", *options)
    folder = interrupted(user, 8, *options)
    there = saved(folder)
    assert there > 2
    assert export(user, folder, *options) == whole - there
    assert content(folder) == content(user.folder / "whole")


def test_it_says_that_it_goes_on(user: User) -> None:
    """A note tells that the export goes on, and how many tables are there."""
    folder = interrupted(user, 7)
    there = saved(folder)
    done = user.types("study", "export", "21", str(folder))
    assert "interrupted" in done.err
    assert f"{there} tables" in done.err


@pytest.mark.parametrize("after", [0, 1, 5, 9])
def test_it_can_be_interrupted_anywhere_and_twice(user: User, after: int) -> None:
    """Wherever it was interrupted, and then again, the third comes to the same end and leaves nothing else."""
    export(user, user.folder / "whole")
    folder = interrupted(user, after)
    if after < 7:
        interrupted(user, 1)
    export(user, folder)
    assert content(folder) == content(user.folder / "whole")


@pytest.mark.parametrize("change", ["value", "table"])
def test_a_study_that_changed_is_exported_anew(user: User, change: str) -> None:
    """After a change of a finished study nothing of before is kept."""
    whole = export(user, user.folder / "whole")
    folder = interrupted(user, 8)
    if change == "value":
        assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    else:
        set_table(user)
    assert export(user, folder) == whole
    export(user, user.folder / "now")
    assert content(folder) == content(user.folder / "now") != content(user.folder / "whole")


def test_a_table_that_changed_while_the_status_did_not_is_exported_anew(user: User) -> None:
    """A table of an edited study that was changed meanwhile is not mixed with older ones."""
    user.types("param", "set", "21", "Macro.gamma=0.4")
    user.world.clock.sleep(5)
    folder = interrupted(user, 8)
    user.world.studies[21].values["Macro.population"] = Table(("years", "population"), ((2020, 1.0),))
    export(user, folder)
    assert (folder / "data" / "Macro.population.csv").read_text() == OTHER


def test_a_run_in_between_is_a_change(user: User) -> None:
    """Outputs of an older run are not mixed with those of a newer one, though both ended FINISHED."""
    folder = interrupted(user, 12, "--outputs")
    set_table(user)
    assert user.types("calc", "run", "21").code == 0
    export(user, folder, "--outputs")
    export(user, user.folder / "now", "--outputs")
    assert content(folder) == content(user.folder / "now")


def test_another_choice_is_begun_anew(user: User) -> None:
    """What was begun with --outputs is not gone on with without, and leaves nothing behind."""
    folder = interrupted(user, 12, "--outputs")
    export(user, folder)
    export(user, user.folder / "whole")
    assert content(folder) == content(user.folder / "whole")


def test_another_study_is_begun_anew(user: User) -> None:
    """What was begun of another study is not gone on with, though both have tables of the same names."""
    folder = interrupted(user, 8)
    user.world.studies[22].values["Macro.population"] = Table(("years", "population"), ((2020, 1.0),))
    done = user.types("study", "export", "22", str(folder))
    assert (done.code, (folder / "data" / "Macro.population.csv").read_text()) == (0, OTHER)


@pytest.mark.parametrize("damage", ["edited", "removed"])
def test_a_table_that_is_not_as_it_was_saved_is_downloaded_again(user: User, damage: str) -> None:
    """A table that was edited or removed since the interruption is downloaded again."""
    export(user, user.folder / "whole")
    folder = interrupted(user, 8)
    file = place(folder, "Macro.population.csv")
    if damage == "edited":
        file.write_text("mine")
    else:
        file.unlink()
    export(user, folder)
    assert content(folder) == content(user.folder / "whole")


def test_half_a_download_is_cleared_away(user: User) -> None:
    """What a killed process was writing is gone after the next export."""
    export(user, user.folder / "whole")
    folder = interrupted(user, 8)
    (place(folder, "Macro.events.csv").parent / ".Macro.events.csv.0123456789abcdef.part").write_text("half")
    export(user, folder)
    assert content(folder) == content(user.folder / "whole")


def test_half_a_note_costs_nothing_that_was_noted(user: User) -> None:
    """A last note that was cut costs no table that was noted before or after it."""
    export(user, user.folder / "whole")
    folder = interrupted(user, 7)
    with (folder / ".unfinished" / "progress.jsonl").open("a") as notes:
        notes.write('{"key": "Ma')
    interrupted(user, 5)
    there = saved(folder)
    assert export(user, folder) == 10 - there
    assert content(folder) == content(user.folder / "whole")


@pytest.mark.parametrize("text", ["", "{}\n", "no json\n", "[]\n", "{}\n{}\n", "{}\n7\n", '{"a": 1}\n{"key": 1}\n'])
def test_notes_that_are_none_are_begun_anew(user: User, text: str) -> None:
    """Notes of an interrupted export that are damaged cost time, not the export."""
    export(user, user.folder / "whole")
    folder = interrupted(user, 7)
    (folder / ".unfinished" / "progress.jsonl").write_text(text)
    export(user, folder)
    assert content(folder) == content(user.folder / "whole")


def test_it_is_no_export_yet(user: User) -> None:
    """A folder of an interrupted export can be neither compared nor applied: exit 2, and nothing is sent."""
    folder = interrupted(user, 7)
    assert user.types("study", "diff", "21", str(folder)).code == 2
    assert user.types("study", "apply", str(folder), "21").code == 2


def test_an_export_that_is_being_replaced_stays_whole(user: User) -> None:
    """An older export can be compared while a newer one is unfinished, and is replaced once that is there."""
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
