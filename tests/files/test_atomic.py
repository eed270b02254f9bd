"""Test atomic writing of files."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sostrades_cli.errors import FileConflict, UsageError, UserInterrupt, WriteFailed
from sostrades_cli.files.atomic import PartialFiles, at_home, atomic, beforehand, private_folder, stored_lines
from sostrades_cli.files.targets import check_target


class StoppedError(Exception):
    """An error that interrupts a writer."""


def write_half(target: Path, error: type[BaseException], before: bytes | None) -> None:
    """Write a part of a file and stop. Check that the target is unchanged until then."""
    with atomic(target) as file:
        file.write(b"new, but only ha")
        file.flush()
        assert (target.read_bytes() if target.exists() else None) == before
        raise error("stop")


# Whole or not at all ---------------------------------------------------------------------------------


def test_written_file_is_alone_in_its_folder(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with atomic(target) as file:
        file.write(b"a,b\n")
        assert not target.exists()
        file.write(b"1,2\n")
    assert target.read_bytes() == b"a,b\n1,2\n"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [StoppedError, KeyboardInterrupt, SystemExit, UsageError])
def test_interrupted_file_does_not_exist(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        write_half(tmp_path / "out.csv", error, None)
    assert list(tmp_path.iterdir()) == []


def test_old_file_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    with pytest.raises(StoppedError):
        write_half(target, StoppedError, b"old")
    assert target.read_bytes() == b"old"
    with atomic(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_concurrent_writers_do_not_mix(tmp_path: Path) -> None:
    """The last one wins."""
    target = tmp_path / "out.csv"
    together = threading.Barrier(4)

    def write(letter: bytes) -> None:
        with atomic(target) as file:
            file.write(letter * 1000)
            together.wait(60)
            file.write(letter * 1000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, [b"a", b"b", b"c", b"d"]))
    content = target.read_bytes()
    assert len(content) == 2000
    assert len(set(content)) == 1
    assert list(tmp_path.iterdir()) == [target]


def test_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    target = tmp_path / "config.toml"
    with atomic(target, private=True) as file:
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600
        file.write(b"x")
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_other_files_have_the_permissions_of_the_umask(tmp_path: Path, mask: int) -> None:
    program = (
        "import os, pathlib, sys; from sostrades_cli.files.atomic import atomic; os.umask(int(sys.argv[2]))\n"
        "with atomic(pathlib.Path(sys.argv[1])) as file: file.write(b'x')\n"
        "print(os.umask(0))"
    )
    target = tmp_path / "out.csv"
    done = subprocess.run(
        [sys.executable, "-c", program, target, str(mask)], capture_output=True, text=True, check=True, timeout=60
    )
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask
    assert int(done.stdout) == mask


@pytest.mark.slow
def test_threads_do_not_change_the_permissions(tmp_path: Path) -> None:
    program = """
import os, pathlib, sys
from concurrent.futures import ThreadPoolExecutor
from sostrades_cli.files.atomic import atomic

def write(number):
    path = pathlib.Path(sys.argv[1]) / str(number)
    with atomic(path) as file:
        file.write(b"x")
    return path.stat().st_mode & 0o777

os.umask(0o077)
sys.setswitchinterval(1e-7)
with ThreadPoolExecutor(8) as pool:
    modes = set(pool.map(write, range(6000)))
print(modes, os.umask(0o077))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == f"{ {0o600} } {0o077}"


@pytest.mark.parametrize("target", ["missing/out.csv", "file/out.csv", "x" * 300])
def test_unwritable_path_is_exit_1(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteFailed), atomic(tmp_path / target) as file:
        file.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("content", [b"buffered until the end", b"x" * 100_000])
def test_full_disk_is_an_error_and_leaves_no_file(tmp_path: Path, content: bytes) -> None:
    def write() -> None:
        with Path("/dev/full").open("wb") as full, atomic(tmp_path / "out.csv") as file:
            os.dup2(full.fileno(), file.fileno())
            file.write(content)

    with pytest.raises(WriteFailed) as caught:
        write()
    assert "free space" in str(caught.value.hint)
    # The same fault has the same exit code, also before any request.
    with pytest.raises(WriteFailed), beforehand():
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("target", "named"), [("out.csv", False), ("out.csv", True), (os.devnull, True)])
def test_error_of_another_file_does_not_blame_the_target(tmp_path: Path, target: str, named: bool) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.csv"), atomic(tmp_path / target, named=named) as file:
        file.write((tmp_path / "missing.csv").read_bytes())
    assert list(tmp_path.iterdir()) == []


def test_write_that_fails_beforehand_for_another_reason_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError), beforehand(), atomic(tmp_path / "no folder" / "out.csv"):
        pass


def test_abandoned_files_are_removed_and_no_others_begun(tmp_path: Path) -> None:
    parts = PartialFiles()

    def write() -> None:
        with atomic(tmp_path / "out.csv", parts=parts) as file:
            file.write(b"half")
            parts.close()
            assert list(tmp_path.iterdir()) == []

    with pytest.raises(WriteFailed):
        write()
    with pytest.raises(UserInterrupt), atomic(tmp_path / "out.csv", parts=parts):
        pass
    assert list(tmp_path.iterdir()) == []


# Folders, and the home of a user ---------------------------------------------------------------------------


def test_private_folder_is_created_with_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    private_folder(folder, "SOSTRADES_STATE_DIR")
    private_folder(folder, "SOSTRADES_STATE_DIR")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_impossible_private_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError) as caught:
        private_folder(tmp_path / "a" / "b", "SOSTRADES_STATE_DIR")
    assert "SOSTRADES_STATE_DIR" in str(caught.value.hint)


def test_home_folder_of_an_unknown_user_is_a_usage_error() -> None:
    assert at_home("~/x") == Path.home() / "x"
    assert at_home("x/~y") == Path("x/~y")
    with pytest.raises(UsageError) as caught:
        at_home("~nobody-is-called-so/x")
    assert caught.value.hint


# What a user named: links, devices and pipes ---------------------------------------------------------


def test_link_target_is_written_and_the_link_is_kept(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "out.csv"
    link, first = tmp_path / "link", tmp_path / "first"
    link.symlink_to("real/out.csv")
    first.symlink_to(link)
    for content in (b"one", b"two"):
        check_target(first, overwrite=True, named=True)
        with atomic(first, named=True) as file:
            file.write(content)
            assert [item.name for item in (tmp_path / "real").iterdir() if item.suffix == ".part"]
        assert (first.readlink(), str(link.readlink()), real.read_bytes()) == (link, "real/out.csv", content)
    with pytest.raises(FileConflict):
        check_target(first, overwrite=False, named=True)


def test_link_into_a_missing_folder_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "far").symlink_to(tmp_path / "nowhere" / "out.csv")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("far", "loop"):
        with pytest.raises(UsageError):
            check_target(tmp_path / name, overwrite=True, named=True)


def test_link_with_a_name_from_the_server_is_replaced(tmp_path: Path) -> None:
    folder, runtime = tmp_path / "folder", tmp_path / "outside.csv"
    folder.mkdir()
    runtime.write_bytes(b"mine")
    (folder / "a.csv").symlink_to(runtime)
    check_target(folder / "a.csv", overwrite=True)
    with atomic(folder / "a.csv") as file:
        file.write(b"server")
    assert (runtime.read_bytes(), (folder / "a.csv").is_symlink()) == (b"mine", False)
    os.mkfifo(folder / "pipe.csv")
    with pytest.raises(UsageError, match=r"pipe\.csv"):
        check_target(folder / "pipe.csv", overwrite=True)


def test_fifo_is_written_without_overwrite(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    check_target(pipe, overwrite=False, named=True)
    with atomic(pipe, named=True) as file:
        file.write(b"a,b\n")
    reader.join(60)
    assert (read, pipe.is_fifo(), list(tmp_path.iterdir())) == ([b"a,b\n"], True, [pipe])


def test_failed_close_names_the_target(tmp_path: Path) -> None:
    """Some network drives report a lack of space only then."""
    with pytest.raises(WriteFailed, match=r"out\.csv"), atomic(tmp_path / "out.csv", durable=False) as file:
        os.close(file.fileno())
    assert list(tmp_path.iterdir()) == []


def test_devices_are_written(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    for path in (Path(os.devnull), link):
        check_target(path, overwrite=False, named=True)
        with atomic(path, named=True) as file:
            file.write(b"x" * 100_000)
        assert path.is_char_device()
    with pytest.raises(WriteFailed), atomic(Path("/dev/full"), named=True) as file:
        file.write(b"x")


def test_pipe_without_a_reader_is_a_broken_pipe(tmp_path: Path) -> None:
    """Commands end at a broken pipe without an error."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def write() -> None:
        with atomic(pipe, named=True) as file:
            os.close(reading)
            file.write(b"x")

    with pytest.raises(BrokenPipeError):
        write()


@pytest.mark.parametrize("durable", [True, False])
def test_durable_file_is_whole_on_the_disk_before_it_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    """After a power failure the new name never has a part of the content."""
    synced: list[tuple[int, bool]] = []
    target = tmp_path / "target"
    monkeypatch.setattr(os, "fsync", lambda number: synced.append((os.fstat(number).st_size, target.exists())))
    with atomic(target, durable=durable) as file:
        file.write(b"content")
    assert synced == ([(7, False)] if durable else [])


def test_file_is_durable_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with atomic(tmp_path / "target") as file:
        file.write(b"content")
    assert len(synced) == 1


def test_removed_part_does_not_replace_its_target(tmp_path: Path) -> None:
    """A thread that outlives its command cannot write its file any more."""
    parts, target = PartialFiles(), tmp_path / "target"
    target.write_bytes(b"old")

    def write() -> None:
        with atomic(target, parts=parts) as file:
            file.write(b"new")
            parts.close()

    with pytest.raises(WriteFailed):
        write()
    assert (target.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (b"old", ["target"])
    with pytest.raises(UserInterrupt), atomic(target, parts=parts):
        pass


def test_part_does_not_replace_another_file(tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(b"of somebody else")
    with pytest.raises(FileExistsError):
        PartialFiles().open(part, 0o600)
    assert part.read_bytes() == b"of somebody else"


@pytest.mark.parametrize(
    ("last_bytes", "lines"),
    [
        (None, [b"one", b"two", b"three"]),
        (100, [b"one", b"two", b"three"]),
        (14, [b"one", b"two", b"three"]),
        (13, [b"two", b"three"]),
        (10, [b"two", b"three"]),
        (9, [b"three"]),
        (6, [b"three"]),
        (5, []),
        (0, []),
    ],
)
def test_last_lines_are_whole(tmp_path: Path, last_bytes: int | None, lines: list[bytes]) -> None:
    path = tmp_path / "lines"
    assert stored_lines(path, "FOLDER", last_bytes) == []
    path.write_bytes(b"one\ntwo\nthree\n")
    assert stored_lines(path, "FOLDER", last_bytes) == lines


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_new_folders_are_private_and_others_are_left_alone(tmp_path: Path, mask: int) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own").chmod(0o755)
    usual = os.umask(mask)
    try:
        private_folder(tmp_path / "own" / "a" / "b", "FOLDER")
    finally:
        os.umask(usual)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("own", "own/a", "own/a/b")]
    assert modes == [0o755, 0o700, 0o700]
