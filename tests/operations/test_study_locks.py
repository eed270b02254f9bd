"""One start at a time from one machine."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.operations.study_locks import change_lock, start_lock, sweep_lock, sweeping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "http://127.0.0.1:5004"
HOLDER = """
import sys
import threading
from pathlib import Path
from sostrades_cli.operations.study_locks import start_lock
with start_lock(Path(sys.argv[1]), sys.argv[2], 21):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Return another process that holds the lock of study 21."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_the_first(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    """While another process starts the study the lock is refused, with the id of that process."""
    with pytest.raises(RunActive, match=str(holder.pid)) as caught, start_lock(tmp_path, HOST, 21):
        pass
    assert caught.value.study == 21


def test_a_process_that_was_killed_holds_nothing(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    """The lock of a process that died, its file left behind, can be had at once."""
    holder.kill()
    holder.wait(timeout=60)
    [_, left] = sorted((tmp_path / "locks").iterdir())
    assert left.read_text() == f"{holder.pid}\n"
    with start_lock(tmp_path, HOST, 21):
        assert left.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", ["", "999999999\n", "no number", "x" * 10_000])
def test_whatever_a_file_holds_it_is_no_lock(tmp_path: Path, content: str) -> None:
    """A file alone locks nothing, whatever its content."""
    with start_lock(tmp_path, HOST, 21):
        files = sorted((tmp_path / "locks").iterdir())
    for path in files:
        path.write_text(content)
    with start_lock(tmp_path, HOST, 21):
        assert files[1].read_text() == f"{os.getpid()}\n"


def test_other_studies_and_servers_are_free(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    """A lock is of one study on one server."""
    with start_lock(tmp_path, HOST, 22), start_lock(tmp_path, "https://other.example", 21):
        pass


def test_a_lock_is_given_back(tmp_path: Path) -> None:
    """After the block, also after an exception in it, the lock can be had again."""
    with pytest.raises(KeyError), start_lock(tmp_path, HOST, 21):
        raise KeyError
    with start_lock(tmp_path, HOST, 21):
        pass


def test_locks_are_private(tmp_path: Path) -> None:
    """Nobody else can read the folder or the files of locks."""
    with start_lock(tmp_path, HOST, 21):
        folder = tmp_path / "locks"
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_a_folder_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    """A state folder that is none is exit 2, with the way out."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UsageError), start_lock(tmp_path / "state", HOST, 21):
        pass


def test_a_change_waits_for_that_of_another(tmp_path: Path) -> None:
    """The second is told whose end it waits for, and goes on as soon as the first is over."""
    waiting, entered = threading.Event(), threading.Event()
    told = []

    def second() -> None:
        def tell(text: str) -> None:
            told.append(text)
            waiting.set()

        with change_lock(tmp_path, HOST, [21], tell):
            entered.set()

    thread = threading.Thread(target=second)
    with change_lock(tmp_path, HOST, [21], told.append):
        thread.start()
        assert waiting.wait(60)
        assert not entered.is_set()
    thread.join(60)
    assert entered.is_set()
    assert told == [f"process {os.getpid()} on this computer is changing study 21, waiting until it is done"]


def test_changes_of_two_studies_do_not_wait(tmp_path: Path) -> None:
    """A lock is of one study of one server."""
    told: list[str] = []
    with change_lock(tmp_path, HOST, [21], told.append), change_lock(tmp_path, HOST, [22], told.append):
        assert told == []


def test_full_disk_names_the_folder_that_is_full(tmp_path: Path) -> None:
    """A lock that cannot be written is a usage error, with the variable that moves its folder."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        with (
            pytest.raises(UsageError, match=str(tmp_path / "locks")) as raised,
            start_lock(tmp_path, HOST, 21),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert "SOSTRADES_STATE_DIR" in str(raised.value.hint)


def test_studies_are_locked_in_the_same_order_by_everybody(tmp_path: Path) -> None:
    """Two commands that name two studies in opposite order never wait for each other: the lower number comes first."""
    waiting = threading.Event()
    heard: list[str] = []

    def notify(text: str) -> None:
        heard.append(text)
        waiting.set()

    def second() -> None:
        with change_lock(tmp_path, HOST, [22, 21], notify):
            pass

    thread = threading.Thread(target=second)
    with change_lock(tmp_path, HOST, [21], heard.append):
        thread.start()
        assert waiting.wait(10)
        # The other command waits for 21 and holds nothing yet, so 22 is free.
        with change_lock(tmp_path, HOST, [22], heard.append):
            pass
    thread.join(10)
    assert not thread.is_alive()
    assert heard == [f"process {os.getpid()} on this computer is changing study 21, waiting until it is done"]


def test_sweeping_names_the_process(tmp_path: Path) -> None:
    """It names the owner while the lock is held, and takes nothing from it."""
    assert sweeping(tmp_path, HOST, 21) is None
    with sweep_lock(tmp_path, HOST, [21, 22]):
        assert sweeping(tmp_path, HOST, 22) == f"process {os.getpid()} on this computer"
        assert sweeping(tmp_path, HOST, 23) is None
    with sweep_lock(tmp_path, HOST, [21]):
        pass
    assert sweeping(tmp_path, HOST, 21) is None


def test_killed_sweep_is_over(tmp_path: Path) -> None:
    """A file with the id of a process that no longer runs says nothing, and is removed."""
    with sweep_lock(tmp_path, HOST, [21]):
        [_, owner] = sorted((tmp_path / "locks").iterdir())
    owner.write_text("999999999\n")
    assert sweeping(tmp_path, HOST, 21) is None
    assert not owner.exists()


def test_sweeps_of_the_same_studies_meet_at_the_first(tmp_path: Path) -> None:
    """Whatever the order on the command line, the lowest study is locked first, so one of two sweeps goes on."""
    with (
        sweep_lock(tmp_path, HOST, [21]),
        sweep_lock(tmp_path, HOST, [22]),
        pytest.raises(RunActive) as raised,
        sweep_lock(tmp_path, HOST, [22, 21]),
    ):
        pass
    assert raised.value.study == 21


def test_study_that_is_being_started_can_be_changed(tmp_path: Path) -> None:
    """`calc run --set` changes values while it holds the lock of the start."""

    def waits(text: str) -> None:
        raise AssertionError(text)

    with start_lock(tmp_path, HOST, 21), change_lock(tmp_path, HOST, [21], waits):
        pass
