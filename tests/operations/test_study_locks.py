"""Test locks of studies against concurrent commands of one machine."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from fake_study import HOST, STUDY, FakeStudy

from sostrades_cli.errors import Refused, RunActive, UsageError, WriteFailed
from sostrades_cli.local.journal import BEGUN, DONE, IN_DOUBT, NOT_MADE, Journal, JournalEntry, RecordedValue
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.history.recorder import UNDO
from sostrades_cli.operations.study_locks import (
    change_lock,
    pending_sweep,
    require_finished_sweep,
    require_no_sweep,
    require_not_swept,
    start_lock,
    sweep_lock,
    sweeping,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sostrades_cli.operations.context import Context

HOLDER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from sostrades_cli.operations.study_locks import start_lock
session = SimpleNamespace(host=sys.argv[2])
with start_lock(SimpleNamespace(state=Path(sys.argv[1]), api=SimpleNamespace(session=session)), 21):
    print("held", flush=True)
    sys.stdin.read()
"""


def context_in(folder: Path, notify: Callable[[str], None] | None = None) -> Context:
    """Return the context of a command whose locks are in a folder."""
    return FakeStudy({}).context(folder, notify)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Return the context of a command."""
    return context_in(tmp_path)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Return another process that holds the lock of study 21."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "state"), HOST],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def test_second_process_is_refused_with_the_id_of_the_first(holder: subprocess.Popen[str], context: Context) -> None:
    with pytest.raises(RunActive, match=str(holder.pid)) as caught, start_lock(context, 21):
        pass
    assert caught.value.study == 21


def test_killed_process_holds_no_lock(holder: subprocess.Popen[str], tmp_path: Path, context: Context) -> None:
    holder.kill()
    holder.wait(timeout=60)
    [_, left] = sorted((tmp_path / "state" / "locks").iterdir())
    assert left.read_text() == f"{holder.pid}\n"
    with start_lock(context, 21):
        assert left.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", ["", "999999999\n", "no number", "x" * 10_000])
def test_file_alone_is_not_a_lock(tmp_path: Path, context: Context, content: str) -> None:
    with start_lock(context, 21):
        files = sorted((tmp_path / "state" / "locks").iterdir())
    for path in files:
        path.write_text(content)
    with start_lock(context, 21):
        assert files[1].read_text() == f"{os.getpid()}\n"


@pytest.mark.usefixtures("holder")
def test_lock_belongs_to_a_study_and_a_server(context: Context) -> None:
    with start_lock(context, 22):
        pass
    context.api.session.host = "https://other.example"
    with start_lock(context, 21):
        pass


def test_lock_is_released(context: Context) -> None:
    with pytest.raises(KeyError), start_lock(context, 21):
        raise KeyError
    with start_lock(context, 21):
        pass


def test_lock_files_are_private(tmp_path: Path, context: Context) -> None:
    with start_lock(context, 21):
        folder = tmp_path / "state" / "locks"
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_unwritable_folder_is_a_usage_error(tmp_path: Path, context: Context) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UsageError), start_lock(context, 21):
        pass


def test_change_waits_for_another_change(tmp_path: Path) -> None:
    waiting, entered = threading.Event(), threading.Event()
    notes = []

    def second() -> None:
        def tell(text: str) -> None:
            notes.append(text)
            waiting.set()

        with change_lock(context_in(tmp_path, tell), 21):
            entered.set()

    thread = threading.Thread(target=second)
    with change_lock(context_in(tmp_path, notes.append), 21):
        thread.start()
        assert waiting.wait(60)
        assert not entered.is_set()
    thread.join(60)
    assert entered.is_set()
    assert notes == [f"process {os.getpid()} on this computer is changing study 21, waiting until it is done"]


def test_changes_of_two_studies_do_not_wait(tmp_path: Path) -> None:
    notes: list[str] = []
    with change_lock(context_in(tmp_path, notes.append), 21), change_lock(context_in(tmp_path, notes.append), 22):
        assert notes == []


def test_full_disk_is_reported_with_its_folder(tmp_path: Path, context: Context) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        with (
            pytest.raises(WriteFailed, match=str(tmp_path / "state" / "locks")) as raised,
            start_lock(context, 21),
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
        with change_lock(context_in(tmp_path, notify), 22, 21):
            pass

    thread = threading.Thread(target=second)
    with change_lock(context_in(tmp_path, heard.append), 21):
        thread.start()
        assert waiting.wait(10)
        # The other command waits for 21 and holds nothing yet, so 22 is free.
        with change_lock(context_in(tmp_path, heard.append), 22):
            pass
    thread.join(10)
    assert not thread.is_alive()
    assert heard == [f"process {os.getpid()} on this computer is changing study 21, waiting until it is done"]


def test_sweeping_returns_the_process_id(context: Context) -> None:
    """It does not take the lock."""
    assert sweeping(context, 21) is None
    with sweep_lock(context, [21, 22], CaseCommand.SWEEP):
        process = sweeping(context, 22)
        assert process is not None
        assert (process.holder.pid, process.command, process.is_this_process) == (os.getpid(), CaseCommand.SWEEP, True)
        assert sweeping(context, 23) is None
    with sweep_lock(context, [21], CaseCommand.SWEEP):
        pass
    assert sweeping(context, 21) is None


def test_file_of_a_killed_sweep_is_removed(tmp_path: Path, context: Context) -> None:
    with sweep_lock(context, [21], CaseCommand.SWEEP):
        [_, owner] = sorted((tmp_path / "state" / "locks").iterdir())
    owner.write_text("999999999\n")
    assert sweeping(context, 21) is None
    assert not owner.exists()


def test_sweeps_of_the_same_studies_conflict_at_the_first(context: Context) -> None:
    """One of two sweeps continues, whatever the order of the arguments."""
    with (
        sweep_lock(context, [21], CaseCommand.SWEEP),
        sweep_lock(context, [22], CaseCommand.SWEEP),
        pytest.raises(RunActive) as raised,
        sweep_lock(context, [22, 21], CaseCommand.SWEEP),
    ):
        pass
    assert raised.value.study == 21


def test_study_can_be_changed_during_its_start(tmp_path: Path, context: Context) -> None:
    """`calc run --set` changes values while it holds the lock of the start."""

    def waits(text: str) -> None:
        raise AssertionError(text)

    with start_lock(context, 21), change_lock(context_in(tmp_path, waits), 21):
        pass


def test_study_that_is_given_twice_is_locked_once(context: Context) -> None:
    """It would otherwise conflict with itself."""
    with sweep_lock(context, [21, 21], CaseCommand.SWEEP):
        process = sweeping(context, 21)
    assert process is not None


def test_purpose_and_study_of_a_sweep_are_named(context: Context) -> None:
    with (
        sweep_lock(context, [21, 22, 23], CaseCommand.OPTIMIZE),
        pytest.raises(RunActive) as raised,
        sweep_lock(context, [22, 23], CaseCommand.SWEEP),
    ):
        pass
    assert raised.value.study == 22
    assert CaseCommand.OPTIMIZE.noun in raised.value.message


# Interrupted sweeps ---------------------------------------------------------------------------------


def entry(number: int, command: str, outcome: str, undoes: tuple[int, ...] = ()) -> JournalEntry:
    return JournalEntry(number, "now", HOST, STUDY, command, outcome, (), undoes)


@pytest.mark.parametrize(
    ("history", "pending"),
    [
        ([], None),
        ([entry(1, "set", BEGUN)], None),
        *(([entry(1, command, BEGUN)], 1) for command in CaseCommand),
        ([entry(1, CaseCommand.SWEEP, DONE)], None),
        ([entry(1, CaseCommand.SWEEP, "restored")], None),
        ([entry(1, CaseCommand.SWEEP, BEGUN), entry(2, "set", DONE)], 1),
        ([entry(1, CaseCommand.SWEEP, BEGUN), entry(2, UNDO, DONE, (1,))], None),
        *(
            ([entry(1, CaseCommand.SWEEP, BEGUN), entry(2, UNDO, outcome, (1,))], 1)
            for outcome in (BEGUN, NOT_MADE, IN_DOUBT)
        ),
        ([entry(1, CaseCommand.SWEEP, BEGUN), entry(2, CaseCommand.SWEEP, BEGUN)], 2),
        ([entry(1, CaseCommand.SWEEP, BEGUN), entry(2, CaseCommand.SWEEP, BEGUN), entry(3, UNDO, DONE, (2,))], 1),
    ],
)
def test_last_unfinished_sweep_is_pending(history: list[JournalEntry], pending: int | None) -> None:
    result = pending_sweep(history)
    assert (result.entry if result else None) == pending


def test_unfinished_sweep_can_only_be_undone(tmp_path: Path) -> None:
    context = context_in(tmp_path)
    Journal(context.state, HOST, STUDY).begin(
        CaseCommand.SWEEP, [RecordedValue("dice.Macro.a", "float", None, 1.0, any_new=True)], [], "now"
    )
    require_not_swept(context, STUDY)
    require_finished_sweep(context, STUDY, undoes=(1,))
    for undoes in ((), (2,)):
        with pytest.raises(Refused):
            require_finished_sweep(context, STUDY, undoes)
    with pytest.raises(Refused):
        require_no_sweep(context, STUDY)


@pytest.mark.parametrize("command", CaseCommand)
def test_errors_name_the_command_that_has_changed_the_study(tmp_path: Path, command: CaseCommand) -> None:
    """Only sweeps and searches can be resumed."""
    context = context_in(tmp_path)
    with sweep_lock(context, [STUDY], command):
        with pytest.raises(Refused) as running:
            require_no_sweep(context, STUDY)
        with pytest.raises(RunActive) as again, sweep_lock(context, [STUDY], CaseCommand.SWEEP):
            pass
    assert command.noun in running.value.message
    # Nobody can watch this process from this process.
    assert command.noun in again.value.message
    assert "watch" not in str(again.value.hint)
    number = Journal(context.state, HOST, STUDY).begin(command, [], [], "now")
    with pytest.raises(Refused) as left:
        require_no_sweep(context, STUDY)
    assert command.noun in left.value.message
    assert f"param undo {STUDY} --to {number}" in str(left.value.hint)
    assert ("--resume" in str(left.value.hint)) == (command in {CaseCommand.SWEEP, CaseCommand.OPTIMIZE})


def test_active_sweep_is_refused(tmp_path: Path) -> None:
    context = context_in(tmp_path)
    require_no_sweep(context, STUDY)
    with sweep_lock(context, [STUDY], CaseCommand.SWEEP), pytest.raises(Refused):
        require_no_sweep(context, STUDY)
