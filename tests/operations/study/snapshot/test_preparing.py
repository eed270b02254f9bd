"""Which folders an export takes, and what becomes of what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User


def exported(user: User, *options: str) -> Path:
    """Export study 21 and return the folder."""
    folder = user.folder / "dice"
    done = user.types("study", "export", "21", str(folder), *options)
    assert done.code == 0, done.err
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_made(user: User) -> None:
    """A folder that is not there is made, those above it as well; an empty one is taken."""
    assert user.types("study", "export", "21", str(user.folder / "a" / "b")).code == 0
    (user.folder / "c").mkdir()
    assert user.types("study", "export", "21", str(user.folder / "c")).code == 0


@pytest.mark.parametrize("name", ["notes.txt", "parameters.toml", ".hidden", "data/mine.csv", "data/Macro.events.csv"])
def test_a_folder_with_other_files_is_refused(user: User, name: str) -> None:
    """A folder in use is exit 2 before anything is asked, and stays as it is."""
    file = user.folder / "dice" / name
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    done = user.types("study", "export", "21", str(user.folder / "dice"))
    assert (done.code, user.asked) == (2, [])
    assert "--overwrite" in done.err
    assert content(user.folder / "dice") == {name: b"mine"}


def test_an_export_is_not_overwritten_unasked(user: User) -> None:
    """A folder that holds an export is exit 2 and stays as it is."""
    folder = exported(user)
    before = content(folder)
    user.types("param", "set", "21", "Macro.gamma=0.4")
    done = user.types("study", "export", "21", str(folder))
    assert (done.code, content(folder)) == (2, before)
    assert "--overwrite" in done.err


def test_a_file_in_the_place_of_the_folder_is_refused(user: User) -> None:
    """A file where the folder should be is exit 2, also with --overwrite, and stays as it is."""
    file = user.folder / "dice"
    file.write_text("mine")
    for options in ([], ["--overwrite"]):
        assert user.types("study", "export", "21", str(file), *options).code == 2
    assert (file.read_text(), user.asked) == ("mine", [])


def test_overwriting_replaces_an_export_and_nothing_else(user: User) -> None:
    """With --overwrite nothing of the older export is left, and files that are none of it stay."""
    folder = exported(user, "--outputs")
    (folder / "notes.txt").write_text("mine")
    (folder / "data" / "mine.csv").write_text("mine")
    user.world.clock.sleep(60)
    exported(user, "--overwrite")
    after = content(folder)
    assert (after.pop("notes.txt"), after.pop("data/mine.csv")) == (b"mine", b"mine")
    other = user.folder / "other"
    assert user.types("study", "export", "21", str(other)).code == 0
    whole = content(other)
    assert after.pop("manifest.json") != b""
    assert after == {name: text for name, text in whole.items() if name != "manifest.json"}


@pytest.mark.parametrize("manifest", ["{", "", "[]"])
def test_overwriting_helps_where_the_manifest_is_damaged(user: User, manifest: str) -> None:
    """What the error for a damaged manifest says to type works: --overwrite exports anew."""
    folder = exported(user)
    whole = content(folder)
    (folder / "manifest.json").write_text(manifest)
    assert user.types("study", "diff", "21", str(folder)).code == 2
    assert content(exported(user, "--overwrite")).keys() == whole.keys()


def refused(user: User) -> dict[str, str]:
    """Let the server refuse the key."""
    return {"SOSTRADES_API_KEY": "0" * 32}


def away(user: User) -> dict[str, str]:
    """Let the server be away."""
    user.world.faults.arm(Fault("drop", count=99))
    return {}


def failing(user: User) -> dict[str, str]:
    """Let the server fail."""
    user.world.faults.arm(Fault("status", count=99, status=500))
    return {}


@pytest.mark.parametrize(("obstacle", "code"), [(refused, 4), (away, 6), (failing, 7)])
def test_an_export_that_cannot_be_replaced_stays(
    user: User, obstacle: Callable[[User], dict[str, str]], code: int
) -> None:
    """Where the study cannot even be listed, --overwrite has not removed the older export."""
    folder = exported(user)
    before = content(folder)
    assert user.types("study", "export", "21", str(folder), "--overwrite", **obstacle(user)).code == code
    assert content(folder) == before


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5), ("abc", 2)])
def test_what_came_to_nothing_is_not_in_the_way(user: User, study: str, code: int) -> None:
    """After a study that is not open, not there or no study the same folder can be used."""
    assert user.types("study", "export", study, str(user.folder / "dice")).code == code
    exported(user)


def test_a_study_that_this_server_cannot_show_is_exit_7(user53: User) -> None:
    """Without load, read-only mode and remembered names there is a diagnosis, and no export."""
    done = user53.types("study", "export", "22", str(user53.folder / "dice"))
    assert done.code == 7
    assert "calc run 22" in done.err
    assert content(user53.folder / "dice") == {}
