"""Test locks of studies against concurrent commands of one machine."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.study_locks import change_lock, start_lock, sweep_lock, sweeping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "http://127.0.0.1:5004"
HOLDER = """
import sys
import threading
from pathlib import Path
from sostrades_cli.operations.case_commands import CaseCommand
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


def test_second_process_is_refused_with_the_id_of_the_first(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    with pytest.raises(RunActive, match=str(holder.pid)) as caught, start_lock(tmp_path, HOST, 21):
        pass
    assert caught.value.study == 21


def test_killed_process_holds_no_lock(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait(timeout=60)
    [_, left] = sorted((tmp_path / "locks").iterdir())
    assert left.read_text() == f"{holder.pid}\n"
    with start_lock(tmp_path, HOST, 21):
        assert left.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", ["", "999999999\n", "no number", "x" * 10_000])
def test_file_alone_is_not_a_lock(tmp_path: Path, content: str) -> None:
    with start_lock(tmp_path, HOST, 21):
        files = sorted((tmp_path / "locks").iterdir())
    for path in files:
        path.write_text(content)
    with start_lock(tmp_path, HOST, 21):
        assert files[1].read_text() == f"{os.getpid()}\n"


def test_lock_belongs_to_a_study_and_a_server(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    with start_lock(tmp_path, HOST, 22), start_lock(tmp_path, "https://other.example", 21):
        pass


def test_lock_is_released(tmp_path: Path) -> None:
    with pytest.raises(KeyError), start_lock(tmp_path, HOST, 21):
        raise KeyError
    with start_lock(tmp_path, HOST, 21):
        pass


def test_lock_files_are_private(tmp_path: Path) -> None:
    with start_lock(tmp_path, HOST, 21):
        folder = tmp_path / "locks"
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_unwritable_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UsageError), start_lock(tmp_path / "state", HOST, 21):
        pass


def test_change_waits_for_another_change(tmp_path: Path) -> None:
    waiting, entered = threading.Event(), threading.Event()
    notes = []

    def second() -> None:
        def tell(text: str) -> None:
            notes.append(text)
            waiting.set()

        with change_lock(tmp_path, HOST, [21], tell):
            entered.set()

    thread = threading.Thread(target=second)
    with change_lock(tmp_path, HOST, [21], notes.append):
        thread.start()
        assert waiting.wait(60)
        assert not entered.is_set()
    thread.join(60)
    assert entered.is_set()
    assert notes == [f"process {os.getpid()} on this computer is changing study 21, waiting until it is done"]


def test_changes_of_two_studies_do_not_wait(tmp_path: Path) -> None:
    notes: list[str] = []
    with change_lock(tmp_path, HOST, [21], notes.append), change_lock(tmp_path, HOST, [22], notes.append):
        assert notes == []


def test_full_disk_is_reported_with_its_folder(tmp_path: Path) -> None:
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


def test_studies_are_locked_in_ascending_order(tmp_path: Path) -> None:
    """Two commands with opposite orders never wait for each other."""
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


def test_sweeping_returns_the_process_id(tmp_path: Path) -> None:
    """It does not take the lock."""
    assert sweeping(tmp_path, HOST, 21) is None
    with sweep_lock(tmp_path, HOST, [21, 22], CaseCommand.SWEEP):
        process = sweeping(tmp_path, HOST, 22)
        assert process is not None
        assert (process.holder.pid, process.command, process.is_this_process) == (os.getpid(), CaseCommand.SWEEP, True)
        assert sweeping(tmp_path, HOST, 23) is None
    with sweep_lock(tmp_path, HOST, [21], CaseCommand.SWEEP):
        pass
    assert sweeping(tmp_path, HOST, 21) is None


def test_file_of_a_killed_sweep_is_removed(tmp_path: Path) -> None:
    with sweep_lock(tmp_path, HOST, [21], CaseCommand.SWEEP):
        [_, owner] = sorted((tmp_path / "locks").iterdir())
    owner.write_text("999999999\n")
    assert sweeping(tmp_path, HOST, 21) is None
    assert not owner.exists()


def test_sweeps_of_the_same_studies_conflict_at_the_first(tmp_path: Path) -> None:
    """One of two sweeps continues, whatever the order of the arguments."""
    with (
        sweep_lock(tmp_path, HOST, [21], CaseCommand.SWEEP),
        sweep_lock(tmp_path, HOST, [22], CaseCommand.SWEEP),
        pytest.raises(RunActive) as raised,
        sweep_lock(tmp_path, HOST, [22, 21], CaseCommand.SWEEP),
    ):
        pass
    assert raised.value.study == 21


def test_study_can_be_changed_during_its_start(tmp_path: Path) -> None:
    """`calc run --set` changes values while it holds the lock of the start."""

    def waits(text: str) -> None:
        raise AssertionError(text)

    with start_lock(tmp_path, HOST, 21), change_lock(tmp_path, HOST, [21], waits):
        pass
