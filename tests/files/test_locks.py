"""File systems without locks, such as Lustre and some NFS mounts."""

from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User  # type: ignore[attr-defined] # the one above this folder


@pytest.fixture(params=[errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO], ids=errno.errorcode.__getitem__)
def lockless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the locks away from every file system."""

    def flock(*_: object) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.usefixtures("lockless")
@pytest.mark.parametrize(
    "words",
    [
        ("param", "set", "21", "Macro.gamma=0.4"),
        ("param", "reset", "21", "Macro.gamma", "--yes"),
        ("calc", "run", "21"),
        ("calc", "sweep", "21", "CASES", "--collect", "Damage.total_damage", "-o", "RESULTS"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_change_without_a_lock_is_refused_before_it_is_sent(user: User, words: tuple[str, ...]) -> None:
    """Two changes at once would overwrite each other: exit 2, the folder, and the variable that moves it."""
    files = {"CASES": user.folder / "cases.csv", "RESULTS": user.folder / "results.csv"}
    files["CASES"].write_text("case,Macro.gamma\nlow,0.1\n")
    done = user.types(*(str(files.get(word, word)) for word in words))
    assert done.code == 2, done.err
    assert str(user.folder / "state") in done.err
    assert "SOSTRADES_STATE_DIR" in done.err
    assert "goes on" not in done.err
    assert not any(line.startswith("POST") and line.endswith(("/parameters", "/execute/21")) for line in user.asked)


@pytest.mark.usefixtures("lockless")
def test_a_setting_without_a_lock_is_refused(user: User) -> None:
    done = user.types("config", "set", "format", "json")
    assert done.code == 2
    assert "SOSTRADES_CONFIG_DIR" in done.err


@pytest.mark.usefixtures("lockless")
def test_an_export_without_a_lock_goes_on_with_a_note(user: User) -> None:
    """Its folder is where the user wants it, and nothing of the server can be overwritten."""
    folder = user.folder / "exported"
    done = user.types("study", "export", "21", str(folder))
    assert (done.code, "cannot be locked" in done.err) == (0, True), done.err
    assert any(folder.iterdir())


@pytest.mark.usefixtures("lockless")
def test_reads_need_no_lock(user: User) -> None:
    assert user.types("param", "get", "21", "Macro.gamma").code == 0
    assert user.types("param", "history", "21").code == 0
