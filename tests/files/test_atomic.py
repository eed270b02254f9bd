"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sostrades_cli.errors import FileConflict, Interrupted, UsageError, WriteFailed
from sostrades_cli.files.atomic import (
    PartialFiles,
    at_home,
    atomic,
    beforehand,
    check_target,
    private_folder,
)


class StoppedError(Exception):
    """What stops a writer halfway."""


def write_half(target: Path, error: type[BaseException], before: bytes | None) -> None:
    """Begin to write a file and stop; until then the target is what it was."""
    with atomic(target) as file:
        file.write(b"new, but only ha")
        file.flush()
        assert (target.read_bytes() if target.exists() else None) == before
        raise error("stop")


# Whole or not at all ---------------------------------------------------------------------------------


def test_a_file_that_was_written_is_there_alone(tmp_path: Path) -> None:
    """After the block the target holds what was written, and nothing else is left in its folder."""
    target = tmp_path / "out.csv"
    with atomic(target) as file:
        file.write(b"a,b\n")
        assert not target.exists()
        file.write(b"1,2\n")
    assert target.read_bytes() == b"a,b\n1,2\n"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [StoppedError, KeyboardInterrupt, SystemExit, UsageError])
def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path, error: type[BaseException]) -> None:
    """Whatever stops the writer, nothing is left, and the error is the writer's own."""
    with pytest.raises(error):
        write_half(tmp_path / "out.csv", error, None)
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """A reader sees the old file or the new one; a failed writer leaves the old one."""
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    with pytest.raises(StoppedError):
        write_half(target, StoppedError, b"old")
    assert target.read_bytes() == b"old"
    with atomic(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_writers_at_the_same_time_do_not_mix(tmp_path: Path) -> None:
    """Of several writers of one target the last one to end wins, whole."""
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


def test_a_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    """A private file can be read by its owner only, while it is written and afterwards."""
    target = tmp_path / "config.toml"
    with atomic(target, private=True) as file:
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600
        file.write(b"x")
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_other_files_have_the_usual_permissions(tmp_path: Path, mask: int) -> None:
    """A result has the permissions that the process's umask gives to a new file."""
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
    """However many files are written at once, none is open to everybody, and the umask stays what it was."""
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
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, target: str) -> None:
    """A missing folder, a file in its place, and too long a name are exit 1, and nothing is left."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteFailed), atomic(tmp_path / target) as file:
        file.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    """A disk that takes no more is a clear error, and no part of the file is left."""
    with Path("/dev/full").open("wb", buffering=0) as full:

        def write() -> None:
            with atomic(tmp_path / "out.csv") as file:
                file.write(b"half")
                full.write(b"x")

        with pytest.raises(WriteFailed):
            write()
        with pytest.raises(UsageError, match="No space left"), beforehand():
            write()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_what_nobody_waits_for(tmp_path: Path) -> None:
    """Once its parts are closed a file that is being written is gone, never gets its name, and no other is begun."""
    parts = PartialFiles()

    def write() -> None:
        with atomic(tmp_path / "out.csv", parts=parts) as file:
            file.write(b"half")
            parts.close()
            assert list(tmp_path.iterdir()) == []

    with pytest.raises(WriteFailed):
        write()
    with pytest.raises(Interrupted), atomic(tmp_path / "out.csv", parts=parts):
        pass
    assert list(tmp_path.iterdir()) == []


# Looking at a target beforehand ----------------------------------------------------------------------------


def test_a_new_name_in_a_folder_passes(tmp_path: Path) -> None:
    """A name that is free can be written, and looking makes nothing."""
    check_target(tmp_path / "out.csv", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    """An existing file is exit 2 that names `--overwrite`, and passes with it."""
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(FileConflict) as caught:
        check_target(tmp_path / "out.csv", overwrite=False)
    assert "--overwrite" in str(caught.value.hint)
    check_target(tmp_path / "out.csv", overwrite=True)
    assert (tmp_path / "out.csv").read_text() == "mine"


@pytest.mark.parametrize("target", ["", "missing/out.csv", "file/out.csv", "x" * 300])
@pytest.mark.parametrize("overwrite", [True, False])
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, target: str, overwrite: bool) -> None:
    """A folder, a name in a missing folder or in a file, and too long a name are exit 2 before anything is asked."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        check_target(tmp_path / target, overwrite=overwrite)


def test_a_private_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    """The folder is its owner's, and making it again is no error."""
    folder = tmp_path / "a" / "b"
    private_folder(folder, "SOSTRADES_STATE_DIR")
    private_folder(folder, "SOSTRADES_STATE_DIR")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_private_folder_that_cannot_be_made_is_wrong_usage(tmp_path: Path) -> None:
    """A file in its place is an error that names the variable to set."""
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError) as caught:
        private_folder(tmp_path / "a" / "b", "SOSTRADES_STATE_DIR")
    assert "SOSTRADES_STATE_DIR" in str(caught.value.hint)


def test_the_folder_of_nobody_is_refused() -> None:
    """`~` is the user's own folder; that of someone whom the machine does not know is exit 2 with what to type."""
    assert at_home("~/x") == Path.home() / "x"
    assert at_home("x/~y") == Path("x/~y")
    with pytest.raises(UsageError) as caught:
        at_home("~nobody-is-called-so/x")
    assert caught.value.hint


# What a user named: links, devices and pipes ---------------------------------------------------------


def test_a_link_that_was_named_stays_one(tmp_path: Path) -> None:
    """What a chain of links points to is written, beside itself, whether or not it is there; a relative one counts."""
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "out.csv"
    link, first = tmp_path / "link", tmp_path / "first"
    link.symlink_to("real/out.csv")
    first.symlink_to(link)
    for content in (b"one", b"two"):
        check_target(first, overwrite=True, named=True)
        with atomic(first, named=True) as file:
            file.write(content)
            assert [one.name for one in (tmp_path / "real").iterdir() if one.suffix == ".part"]
        assert (first.readlink(), str(link.readlink()), real.read_bytes()) == (link, "real/out.csv", content)
    with pytest.raises(FileConflict):
        check_target(first, overwrite=False, named=True)


def test_a_link_into_nothing_is_refused_before(tmp_path: Path) -> None:
    """A link into a folder that is not there, and one to itself, are wrong usage."""
    (tmp_path / "far").symlink_to(tmp_path / "nowhere" / "out.csv")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("far", "loop"):
        with pytest.raises(UsageError):
            check_target(tmp_path / name, overwrite=True, named=True)


def test_a_link_that_nobody_named_is_not_followed(tmp_path: Path) -> None:
    """Under a name of the server a link is replaced, and what is outside of the folder stays."""
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


def test_a_pipe_that_was_named_is_written_to(tmp_path: Path) -> None:
    """A named pipe gets the bytes as they come, needs no --overwrite, and stays a pipe."""
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


def test_devices_are_written_to(tmp_path: Path) -> None:
    """/dev/null, also behind a link, takes everything and stays; a full one is an error of writing."""
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    for path in (Path(os.devnull), link):
        check_target(path, overwrite=False, named=True)
        with atomic(path, named=True) as file:
            file.write(b"x" * 100_000)
        assert path.is_char_device()
    with pytest.raises(WriteFailed), atomic(Path("/dev/full"), named=True) as file:
        file.write(b"x")


def test_pipe_whose_reader_left_is_a_broken_pipe(tmp_path: Path) -> None:
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
