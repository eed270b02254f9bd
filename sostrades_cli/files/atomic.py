"""Atomic files: written under a temporary name beside the target, and moved into place when complete.

Also the basics of files that every command needs: private folders, the lines of a file, and `~` in a path.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import stat
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError, UserInterrupt, WriteFailed
from sostrades_cli.files.platform_files import reason_of, replace
from sostrades_cli.system import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import ReadableBuffer

# Nobody reads a longer path in an error.
LONGEST_SHOWN_PATH: Final = 120


class PartialFiles:
    """The temporary files of threads that may outlive their command.

    ``close`` removes them. After it no file can be created, and none can replace its target.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Path] = set()
        self._closed = False

    def open(self, path: Path, mode: int) -> int:
        """Create a file, and return its descriptor.

        Raises
        ------
        OSError
            The file cannot be created.
        UserInterrupt
            The files are closed.

        """
        with self._lock:
            if self._closed:
                raise UserInterrupt("interrupted", hint="run the command again")
            # Exclusively, so that it is neither the file nor the link of somebody else.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            self._open.add(path)
        return descriptor

    def move(self, path: Path, target: Path) -> None:
        """Move a file to its target; raise ``OSError`` if it was removed in the meantime."""
        with self._lock:
            replace(path, target)

    def remove(self, path: Path) -> None:
        """Remove a file unless it was moved to its target."""
        with self._lock:
            _unlink(path)
            self._open.discard(path)

    def close(self) -> None:
        """Remove all open files, and allow no new ones."""
        with self._lock:
            self._closed = True
            for path in self._open:
                _unlink(path)


def _unlink(path: Path) -> None:
    # Windows does not remove a file that another thread or a virus scanner has open.
    with contextlib.suppress(PermissionError):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic(
    target: Path, *, private: bool = False, named: bool = False, durable: bool = True, parts: PartialFiles | None = None
) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces the target only when the block ends without an error.

    Only its owner can read a ``private`` file. A ``durable`` file is on the disk when the block ends; a download that
    can be repeated does not need that.

    ``named`` means that the user named this file: a link is followed, and devices and pipes are written directly.
    Otherwise links are not followed, because a name from a server must not lead out of its folder. ``parts`` collects
    the temporary files of a thread that may be abandoned.

    Raises
    ------
    WriteFailed
        The file cannot be written. Its content is lost, unless the error names the file that has it.

    """
    if named and is_special(target):
        with _straight(target) as file:
            yield file
        return
    target = followed(target) if named else target
    # A result may have taken hours. The tool's own files need no copy.
    keep = WINDOWS and named and not private
    with _beside(target, parts or PartialFiles(), private=private, durable=durable, keep=keep) as file:
        yield file


@contextlib.contextmanager
def _beside(target: Path, parts: PartialFiles, *, private: bool, durable: bool, keep: bool) -> Iterator[IO[bytes]]:
    # In the folder of the target: a rename is atomic only within one file system.
    # Shortened, because the name of the target may already be as long as the file system allows.
    temporary = target.parent / f".{target.name[:40]}.{os.urandom(8).hex()}.part"
    mode = 0o600 if private else 0o666  # the umask of the process applies
    with named_in_errors(target):
        descriptor = parts.open(temporary, mode)
    try:
        with io.BufferedWriter(_Output(descriptor, target)) as file:
            if private:
                with named_in_errors(target):
                    temporary.chmod(0o600)  # the umask may have removed the owner's permissions
            yield file
            file.flush()
            if durable:
                with named_in_errors(target):
                    os.fsync(descriptor)
        with named_in_errors(target):
            _install(temporary, target, parts, keep=keep)
    finally:
        parts.remove(temporary)


class _Output(io.FileIO):
    """The file that a caller of ``atomic`` writes: a failed write names the target, and no other error does."""

    def __init__(self, descriptor: int, target: Path) -> None:
        super().__init__(descriptor, "wb")
        self._target = target

    def write(self, content: ReadableBuffer, /) -> int:
        """Write bytes; raise ``WriteFailed`` if that fails."""
        with named_in_errors(self._target):
            return super().write(content)

    def close(self) -> None:
        """Close the file; raise ``WriteFailed`` if that fails, as on a network drive without space."""
        with named_in_errors(self._target):
            super().close()


@contextlib.contextmanager
def named_in_errors(target: Path) -> Iterator[None]:
    """Name the target in the errors of a block that does nothing but write it.

    Raises
    ------
    WriteFailed
        The target cannot be written.

    """
    try:
        yield
    except BrokenPipeError:
        raise  # the reader closed the pipe, which is not an error
    except OSError as error:
        from sostrades_cli.files.write_errors import is_full_disk

        hint = "free space on the disk, or choose another folder" if is_full_disk(error) else "choose another folder"
        raise WriteFailed(f"cannot write {target}: {reason_of(error)}", hint=hint) from error


def _install(temporary: Path, target: Path, parts: PartialFiles, *, keep: bool) -> None:
    """Move a complete file to its target; with ``keep``, beside a target that is open in another program."""
    try:
        parts.move(temporary, target)
    except PermissionError as error:
        if not keep:
            raise
        kept = _free_name(target)
        parts.move(temporary, kept)
        raise WriteFailed(
            f"cannot replace {target}: it is open in another program, or read-only",
            detail=f"the new content is in {kept}",
            hint=f"close {target.name} in the other program (such as Excel), and rename {kept.name} to {target.name}",
        ) from error


def _free_name(target: Path) -> Path:
    numbers = itertools.count(2)
    name = f"{target.stem}.new{target.suffix}"
    while target.with_name(name).exists():
        name = f"{target.stem}.new{next(numbers)}{target.suffix}"
    return target.with_name(name)


@contextlib.contextmanager
def beforehand() -> Iterator[None]:
    """Turn write errors into usage errors, for files that are written before any request is sent.

    Raises
    ------
    UsageError
        A file cannot be written.
    WriteFailed
        The disk is full.

    """
    try:
        yield
    except WriteFailed as error:
        from sostrades_cli.files.write_errors import is_full_disk

        if is_full_disk(error.__cause__):
            raise
        raise UsageError(error.message, detail=error.detail, hint=error.hint) from error


def is_special(path: Path) -> bool:
    """Return whether a path is a device, a pipe or a socket, which must not be replaced by a file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def followed(target: Path) -> Path:
    """Return the final target of a link, which need not exist; return any other path unchanged."""
    return Path(os.path.realpath(target)) if target.is_symlink() else target


@contextlib.contextmanager
def _straight(target: Path) -> Iterator[IO[bytes]]:
    with named_in_errors(target):
        descriptor = os.open(target, os.O_WRONLY)
    with io.BufferedWriter(_Output(descriptor, target)) as file:
        yield file


def stored_lines(path: Path, variable: str, last_bytes: int | None = None) -> list[bytes]:
    """Return the lines of a file in a folder of the program, none if it does not exist. ``variable`` sets the folder.

    With ``last_bytes``, return the whole lines in that many bytes at the end.

    Raises
    ------
    UsageError
        The file exists and cannot be opened.

    """
    try:
        with path.open("rb") as file:
            # From the byte before: the part up to the first line end is not a whole line, or empty.
            start = -1 if last_bytes is None else file.seek(0, os.SEEK_END) - last_bytes - 1
            file.seek(max(start, 0))
            lines = file.read().splitlines()
            return lines if start < 0 else lines[1:]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}",
            hint=f"check its permissions, or set {variable} to another folder",
        ) from error


def private_folder(folder: Path, variable: str) -> None:
    """Create a folder and its missing parents, accessible to their owner only; ``variable`` can move it.

    Raises
    ------
    UsageError
        The folder cannot be created.
    WriteFailed
        The disk is full.

    """
    try:
        # One by one, because mkdir gives its mode to the last folder only.
        for path in (*reversed(folder.parents), folder):
            if not path.exists():
                path.mkdir(mode=0o700, exist_ok=True)
                path.chmod(0o700)  # the umask may have removed the owner's permissions
    except OSError as error:
        from sostrades_cli.files.write_errors import unwritable

        raise unwritable(
            f"cannot create the folder {folder}: {error.strerror}",
            error,
            f"check its permissions, or set {variable} to another folder",
        ) from error


def make_folder(folder: Path) -> None:
    """Create a folder in an existing one.

    Raises
    ------
    WriteFailed
        The folder cannot be created.

    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise WriteFailed(
            f"cannot create the folder {folder}: {error.strerror}", hint="choose another folder"
        ) from error


def at_home(name: str | Path) -> Path:
    """Return the path of a name, with `~` expanded.

    Raises
    ------
    UsageError
        The user in `~user` does not exist.

    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"{name}: {error}"[:LONGEST_SHOWN_PATH], hint="put ./ before a name that begins with ~"
        ) from error
