"""Atomic files: written under a temporary name beside the target, and moved into place when complete."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sostrades_cli.errors import FileConflict, Interrupted, InvalidFile, UsageError, WriteFailed
from sostrades_cli.files.platform_files import is_open_elsewhere, reason_of, replace
from sostrades_cli.system import WINDOWS, make_folder_command, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_NAME = 120


def check_target(target: Path, *, overwrite: bool, named: bool = False) -> None:
    """Refuse a target that cannot be written, before any request is sent.

    ``named`` is as in ``atomic``.

    Raises
    ------
    FileConflict
        The file exists and ``overwrite`` is not set.
    UsageError
        The folder is missing or cannot be written to, or the path is a folder.

    """
    if named and is_special(target):
        if not os.access(target, os.W_OK):
            raise UsageError(f"you do not have permission to write to {target}", hint="choose another file")
        return
    try:
        target.stat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UsageError(
            f"cannot write {str(target)[:LONGEST_NAME]}: {error.strerror}", hint="choose another file"
        ) from error
    if target.is_dir():
        raise UsageError(f"{target} is a folder", hint=f"choose a file in it, such as {target / 'result.csv'}")
    _check_folder((_followed(target) if named else target).parent, target.name)
    if target.exists():
        _check_existing(target, overwrite=overwrite)


def _check_existing(target: Path, *, overwrite: bool) -> None:
    if not target.is_file():
        raise UsageError(f"{target} is not a regular file", hint="remove it, or choose another file")
    if not overwrite:
        raise FileConflict(
            f"{quoted(str(target))} already exists", hint="add --overwrite to replace it, or choose another file"
        )
    if is_open_elsewhere(target):
        raise UsageError(
            f"cannot replace {target}: it is open in another program, or read-only",
            hint="close it in the other program (such as Excel), or choose another file",
        )


def _check_folder(folder: Path, name: str) -> None:
    if not folder.is_dir():
        raise UsageError(
            f"the folder {quoted(str(folder))} of {quoted(name)} does not exist",
            hint=f"create the folder first: `{make_folder_command(str(folder))}`",
        )
    require_writable(folder)


def require_writable(folder: Path) -> None:
    """Reject a folder in which no file can be created.

    Raises
    ------
    UsageError
        The user has no right to write into it.

    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"you do not have permission to write into {folder}", hint="choose another folder")


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
        Interrupted
            The files are closed.

        """
        with self._lock:
            if self._closed:
                raise Interrupted("interrupted", hint="run the command again")
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
    target = _followed(target) if named else target
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
    try:
        descriptor = parts.open(temporary, mode)
    except OSError as error:
        raise WriteFailed(f"cannot write {target}: {reason_of(error)}", hint="choose another folder") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            if private:
                temporary.chmod(0o600)  # the umask may have removed the owner's permissions
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        _install(temporary, target, parts, keep=keep)
    except OSError as error:
        raise WriteFailed(
            f"cannot write {target}: {reason_of(error)}", hint="free space on the disk, or choose another folder"
        ) from error
    finally:
        parts.remove(temporary)


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

    """
    try:
        yield
    except WriteFailed as error:
        raise UsageError(error.message, detail=error.detail, hint=error.hint) from error


def is_special(path: Path) -> bool:
    """Return whether a path is a device, a pipe or a socket, which must not be replaced by a file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _followed(target: Path) -> Path:
    """Return the final target of a link, which need not exist; return any other path unchanged."""
    return Path(os.path.realpath(target)) if target.is_symlink() else target


@contextlib.contextmanager
def _straight(target: Path) -> Iterator[IO[bytes]]:
    try:
        with os.fdopen(os.open(target, os.O_WRONLY), "wb") as file:
            yield file
    except BrokenPipeError:
        raise  # the reader closed the pipe, which is not an error
    except OSError as error:
        raise WriteFailed(f"cannot write {target}: {error.strerror}", hint="choose another folder") from error


def stored_lines(path: Path, variable: str, last_bytes: int | None = None) -> list[bytes]:
    """Return the lines of a file in a folder of the program, none if it does not exist. ``variable`` sets the folder.

    With ``last_bytes``, return the whole lines in that many bytes at the end.

    Raises
    ------
    UsageError
        The file exists and cannot be opened.

    """
    try:
        if last_bytes is None or path.stat().st_size <= last_bytes:
            return path.read_bytes().splitlines()
        with path.open("rb") as file:
            file.seek(-last_bytes, os.SEEK_END)
            return file.read().splitlines()[1:]
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

    """
    try:
        # One by one, because mkdir gives its mode to the last folder only.
        for path in (*reversed(folder.parents), folder):
            if not path.exists():
                path.mkdir(mode=0o700, exist_ok=True)
                path.chmod(0o700)  # the umask may have removed the owner's permissions
    except OSError as error:
        raise UsageError(
            f"cannot create the folder {folder}: {error.strerror}",
            hint=f"check its permissions, or set {variable} to another folder",
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
        raise UsageError(f"{name}: {error}"[:LONGEST_NAME], hint="put ./ before a name that begins with ~") from error


def digest_of(path: Path) -> str:
    """Return the sha-256 of a file.

    Raises
    ------
    UsageError
        The file cannot be read.

    """
    from hashlib import file_digest  # noqa: PLC0415 - start-up

    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidFile(
            f"cannot read {path}: {error.strerror}", hint="check the name and the permissions of the file"
        ) from error


def name_of_host(host: str) -> str:
    """Return a file name for the address of a server."""
    return _sha256(host.encode())[:16]


def name_of_path(path: Path) -> str:
    """Return a file name for a path; each spelling of the path has the same."""
    return _sha256(os.path.normcase(path.resolve()).encode("utf-8", "surrogatepass"))[:16]


def _sha256(content: bytes) -> str:
    from hashlib import sha256  # noqa: PLC0415 - start-up: it loads OpenSSL

    return sha256(content).hexdigest()
