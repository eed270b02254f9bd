"""The folders for an export, and their content afterwards."""

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


def test_missing_folder_is_created(user: User) -> None:
    """An empty folder is used."""
    assert user.types("study", "export", "21", str(user.folder / "a" / "b")).code == 0
    (user.folder / "c").mkdir()
    assert user.types("study", "export", "21", str(user.folder / "c")).code == 0


@pytest.mark.parametrize("name", ["notes.txt", "parameters.toml", ".hidden", "data/mine.csv", "data/Macro.events.csv"])
def test_folder_with_other_files_is_rejected(user: User, name: str) -> None:
    file = user.folder / "dice" / name
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    done = user.types("study", "export", "21", str(user.folder / "dice"))
    assert (done.code, user.requests) == (2, [])
    assert "--overwrite" in done.err
    assert content(user.folder / "dice") == {name: b"mine"}


def test_existing_export_is_not_overwritten(user: User) -> None:
    folder = exported(user)
    before = content(folder)
    user.types("param", "set", "21", "Macro.gamma=0.4")
    done = user.types("study", "export", "21", str(folder))
    assert (done.code, content(folder)) == (2, before)
    assert "--overwrite" in done.err


def test_file_instead_of_the_folder_is_rejected(user: User) -> None:
    file = user.folder / "dice"
    file.write_text("mine")
    for options in ([], ["--overwrite"]):
        assert user.types("study", "export", "21", str(file), *options).code == 2
    assert (file.read_text(), user.requests) == ("mine", [])


def test_overwrite_replaces_only_the_export(user: User) -> None:
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
def test_overwrite_replaces_a_damaged_export(user: User, manifest: str) -> None:
    folder = exported(user)
    whole = content(folder)
    (folder / "manifest.json").write_text(manifest)
    assert user.types("study", "diff", "21", str(folder)).code == 2
    assert content(exported(user, "--overwrite")).keys() == whole.keys()


def refused(user: User) -> dict[str, str]:
    """Let the server reject the key."""
    return {"SOSTRADES_API_KEY": "0" * 32}


def away(user: User) -> dict[str, str]:
    """Let the server be unreachable."""
    user.world.faults.arm(Fault("drop", count=99))
    return {}


def failing(user: User) -> dict[str, str]:
    """Let the server fail."""
    user.world.faults.arm(Fault("status", count=99, status=500))
    return {}


@pytest.mark.parametrize(("obstacle", "code"), [(refused, 4), (away, 6), (failing, 7)])
def test_failed_overwrite_keeps_the_older_export(
    user: User, obstacle: Callable[[User], dict[str, str]], code: int
) -> None:
    folder = exported(user)
    before = content(folder)
    assert user.types("study", "export", "21", str(folder), "--overwrite", **obstacle(user)).code == code
    assert content(folder) == before


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5), ("abc", 2)])
def test_failed_export_does_not_block_the_folder(user: User, study: str, code: int) -> None:
    assert user.types("study", "export", study, str(user.folder / "dice")).code == code
    exported(user)


def test_study_that_the_server_cannot_show_is_a_server_fault(user53: User) -> None:
    done = user53.types("study", "export", "22", str(user53.folder / "dice"))
    assert done.code == 7
    assert "calc run 22" in done.err
    assert content(user53.folder / "dice") == {}
