"""Test locks of files, and file systems without locks such as Lustre and some NFS mounts."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import filelock
import pytest

from sostrades_cli.errors import FolderInUse, NoFileLocks
from sostrades_cli.files.locks import Holder, holder_of, locked
from sostrades_cli.files.safe_folders import alone_in

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User  # type: ignore[attr-defined] # the one above this folder


KILLED = """
import os
import signal
import sys
from pathlib import Path
from sostrades_cli.files.safe_folders import alone_in
with alone_in(Path(sys.argv[1], "folder"), Path(sys.argv[1], "state"), "FOLDER", print):
    os.kill(os.getpid(), signal.SIGKILL)
"""
WITHOUT_FCNTL = """
import sys
sys.modules["fcntl"] = None
from pathlib import Path
from sostrades_cli.errors import NoFileLocks
from sostrades_cli.cli import main
from sostrades_cli.operations import study_locks
from sostrades_cli.files.locks import locked
try:
    with locked(Path(sys.argv[1]) / "x.lock", "FOLDER"):
        print("locked")
except NoFileLocks:
    print("no locks")
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program with a folder as its argument."""
    return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)


def test_wait_reports_the_owner_and_ends_with_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    waiting, entered = threading.Event(), threading.Event()
    owners: list[Holder] = []

    def busy(owner: Holder) -> None:
        owners.append(owner)
        waiting.set()

    def second() -> None:
        with locked(path, "FOLDER", busy):
            entered.set()

    thread = threading.Thread(target=second)
    with locked(path, "FOLDER", busy):
        thread.start()
        assert waiting.wait(10)
        assert not entered.wait(0.1)
    thread.join(10)
    assert entered.is_set()
    assert owners == [Holder(os.getpid())]
    assert str(os.getpid()) in str(owners[0])


def test_owner_is_recorded_only_if_requested(tmp_path: Path) -> None:
    """A lock without ``busy`` leaves no second file beside the user's own."""
    with locked(tmp_path / "x.lock", "FOLDER"):
        assert [path.name for path in tmp_path.iterdir()] == ["x.lock"]


def refuse(owner: Holder) -> None:
    """Raise instead of waiting."""
    raise BlockingIOError(str(owner))


def test_query_for_the_holder_never_blocks_a_holder(tmp_path: Path) -> None:
    """Many concurrent queries do not block each other either, even for the lock of a killed process."""
    path = tmp_path / "x.lock"
    answers: list[Holder | None] = []
    for _ in range(20):
        with locked(path, "FOLDER", refuse):
            pass
        path.with_name("x.lock.pid").write_text("999999999\n")
        threads = [threading.Thread(target=lambda: answers.append(holder_of(path, "FOLDER"))) for _ in range(4)]
        for thread in threads:
            thread.start()
        with locked(path, "FOLDER", refuse):
            pass
        for thread in threads:
            thread.join(10)
    assert len(answers) == 80
    assert set(answers) <= {None, Holder(os.getpid()), Holder(None)}


def test_query_does_not_take_a_free_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else who wants the lock at that moment would be refused."""
    taken: list[object] = []
    monkeypatch.setattr(filelock, "lock_descriptor", lambda *values, **_: taken.append(values))
    assert holder_of(tmp_path / "x.lock", "FOLDER") is None
    assert taken == []


@pytest.mark.parametrize("name", ["lock_descriptor", "unlock_descriptor"])
def test_file_system_without_locks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    path = tmp_path / "x.lock"
    monkeypatch.setattr(filelock, name, fail)
    if name == "unlock_descriptor":
        with pytest.raises(NoFileLocks):
            holder_of(path, "FOLDER")
        return
    with pytest.raises(NoFileLocks), locked(path, "FOLDER"):
        pass
    path.with_name("x.lock.pid").write_text("999999999\n")
    with pytest.raises(NoFileLocks):
        holder_of(path, "FOLDER")


def test_lock_that_is_taken_for_an_instant_is_not_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may only have looked whether it is free."""
    answers = [False, True]
    monkeypatch.setattr(filelock, "lock_descriptor", lambda *_, **__: answers.pop(0))
    with locked(tmp_path / "x.lock", "FOLDER", refuse):
        assert answers == []


@pytest.mark.parametrize(
    ("content", "holder"),
    [
        ("12 sweep", Holder(12, "sweep")),
        ("12", Holder(12)),
        ("", Holder(None)),
        ("x", Holder(None)),
        ("-1", Holder(None)),
    ],
)
def test_holder_without_a_number_is_unknown(tmp_path: Path, content: str, holder: Holder) -> None:
    path = tmp_path / "x.lock"
    with locked(path, "FOLDER", refuse):
        path.with_name("x.lock.pid").write_text(content)
        assert holder_of(path, "FOLDER") == holder


def test_holder_has_its_purpose(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with locked(path, "FOLDER", refuse, purpose="trial"):
        assert holder_of(path, "FOLDER") == Holder(os.getpid(), "trial")
    assert holder_of(path, "FOLDER") is None


def test_folder_is_written_by_one_command_at_a_time(tmp_path: Path) -> None:
    folder, state = tmp_path / "exported", tmp_path / "state"
    again = tmp_path / "exported" / ".." / "exported"
    with (
        alone_in(folder, state, "FOLDER", pytest.fail),
        pytest.raises(FolderInUse),
        alone_in(again, state, "FOLDER", pytest.fail),
    ):
        pass
    with alone_in(folder, state, "FOLDER", pytest.fail):
        assert list(folder.iterdir()) == []


def test_other_folders_are_not_locked(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with alone_in(tmp_path / "a", state, "FOLDER", pytest.fail), alone_in(tmp_path / "b", state, "FOLDER", pytest.fail):
        pass


def test_killed_command_does_not_keep_its_folder(tmp_path: Path) -> None:
    assert run(KILLED, tmp_path).returncode < 0
    with alone_in(tmp_path / "folder", tmp_path / "state", "FOLDER", pytest.fail):
        assert list((tmp_path / "folder").iterdir()) == []


def test_folder_without_locks_is_a_warning(tmp_path: Path) -> None:
    """An export must work on a read-only home, because it changes nothing on the server."""
    state = tmp_path / "state"
    state.write_text("a file")
    notes: list[str] = []
    with alone_in(tmp_path / "exported", state, "FOLDER", notes.append):
        pass
    assert len(notes) == 1
    assert str(tmp_path / "exported") in notes[0]


def test_tool_loads_without_fcntl(tmp_path: Path) -> None:
    """Windows has no such module, and filelock uses other locks there."""
    assert run(WITHOUT_FCNTL, tmp_path).stdout == "no locks\n"


@pytest.fixture(params=[errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO], ids=errno.errorcode.__getitem__)
def lockless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable locks on every file system."""

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
def test_change_without_a_lock_is_refused(user: User, words: tuple[str, ...]) -> None:
    """Two concurrent changes would overwrite each other."""
    files = {"CASES": user.folder / "cases.csv", "RESULTS": user.folder / "results.csv"}
    files["CASES"].write_text("case,Macro.gamma\nlow,0.1\n")
    done = user.types(*(str(files.get(word, word)) for word in words))
    assert (done.code, done.kind) == (2, "no_file_locks")
    assert str(user.folder / "state") in done.err
    assert "SOSTRADES_STATE_DIR" in done.err
    assert not any(line.startswith("POST") and line.endswith(("/parameters", "/execute/21")) for line in user.requests)


@pytest.mark.usefixtures("lockless")
def test_setting_without_a_lock_is_refused(user: User) -> None:
    done = user.types("config", "set", "format", "json")
    assert (done.code, done.kind) == (2, "no_file_locks")
    assert "SOSTRADES_CONFIG_DIR" in done.err


@pytest.mark.usefixtures("lockless")
def test_export_without_a_lock_continues_with_a_note(user: User) -> None:
    """It overwrites nothing on the server."""
    folder = user.folder / "exported"
    done = user.types("study", "export", "21", str(folder))
    assert (done.code, str(folder) in done.err) == (0, True), done.err
    assert any(folder.iterdir())


@pytest.mark.usefixtures("lockless")
def test_reads_need_no_lock(user: User) -> None:
    assert user.types("param", "get", "21", "Macro.gamma").code == 0
    assert user.types("param", "history", "21").code == 0
