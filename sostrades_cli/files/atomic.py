"""Writing files: beside the target under a temporary name, moved into place when whole."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sostrades_cli.errors import FileConflict, Interrupted, InvalidFile, UsageError, WriteFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^A-Za-z0-9._+=@-]+")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def check_target(target: Path, *, overwrite: bool, named: bool = False) -> None:
    """Refuse a file that could not be written later, before anything is asked of the server.

    ``named`` is as in ``atomic``.

    Raises
    ------
    FileConflict
        The file exists and ``overwrite`` is not set.
    UsageError
        Its folder is missing or cannot be written to, or the name is a folder's.

    """
    if named and is_special(target):
        if not os.access(target, os.W_OK):
            raise UsageError(f"no right to write to {target}", hint="choose another name")
        return
    try:
        target.stat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UsageError(
            f"cannot write {str(target)[:LONGEST_NAME]}: {error.strerror}", hint="choose another name"
        ) from error
    if target.is_dir():
        raise UsageError(f"{target} is a folder, a file is wanted", hint="name a file in it")
    _check_folder((_followed(target) if named else target).parent, target.name)
    if target.exists() and not target.is_file():
        raise UsageError(f"{target} is no regular file", hint="remove it, or choose another folder")
    if target.exists() and not overwrite:
        raise FileConflict(f"{target} exists already", hint="add --overwrite to replace it, or choose another name")


def _check_folder(folder: Path, name: str) -> None:
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder} for {name}", hint=f"mkdir -p {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"no right to write into {folder}", hint="choose another folder")


class PartialFiles:
    """The temporary files of threads that may outlive their command.

    ``close`` removes them; after it no file is made, and none takes the place of its target.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Path] = set()
        self._closed = False

    def open(self, path: Path, mode: int) -> int:
        """Make a new file, and return its descriptor.

        Raises
        ------
        OSError
            It cannot be made.
        Interrupted
            The files are closed.

        """
        with self._lock:
            if self._closed:
                raise Interrupted("nobody waits for it any more")
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            self._open.add(path)
        return descriptor

    def place(self, path: Path, target: Path) -> None:
        """Move a file to its target; ``OSError`` if it was removed meanwhile."""
        with self._lock:
            path.replace(target)

    def drop(self, path: Path) -> None:
        """Remove a file unless it was moved to its target."""
        with self._lock:
            path.unlink(missing_ok=True)
            self._open.discard(path)

    def close(self) -> None:
        """Remove all open files, and let no other be made."""
        with self._lock:
            self._closed = True
            for path in self._open:
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic(
    target: Path, *, private: bool = False, named: bool = False, durable: bool = True, parts: PartialFiles | None = None
) -> Iterator[IO[bytes]]:
    """Open a temporary file that takes the target's name only when the block ends well.

    With ``private`` the file can be read by its owner only; otherwise it gets the usual permissions. A ``durable`` one
    is on the disk by then, and not only on its way; what can be fetched again need not wait for that.

    ``named`` says that the user named this very file: a link stays one, and what it points to is written; a device, a
    pipe and an open file of this process are written straight to. Without it no link is followed, since a name that
    came from a server must not lead out of its folder. ``parts`` are those of a thread that may be left behind.

    Raises
    ------
    WriteFailed
        It cannot be written: what it was to hold is lost, though a server may have been asked for it.

    """
    if named and is_special(target):
        with _straight(target) as file:
            yield file
        return
    target = _followed(target) if named else target
    with _beside(target, parts or PartialFiles(), private=private, durable=durable) as file:
        yield file


@contextlib.contextmanager
def _beside(target: Path, parts: PartialFiles, *, private: bool, durable: bool) -> Iterator[IO[bytes]]:
    temporary = target.parent / f".{target.name[:40]}.{os.urandom(8).hex()}.part"
    mode = 0o600 if private else 0o666  # less the process's own mask
    try:
        descriptor = parts.open(temporary, mode)
    except OSError as error:
        raise WriteFailed(f"cannot write {target}: {error.strerror}", hint="choose another place") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            if private:
                temporary.chmod(0o600)  # also where the mask would take it from its owner
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        parts.place(temporary, target)
    except OSError as error:
        raise WriteFailed(f"cannot write {target}: {error.strerror}", hint="is the disk full?") from error
    finally:
        parts.drop(temporary)


@contextlib.contextmanager
def beforehand() -> Iterator[None]:
    """Write what must be there before anything is sent, or what is sent nowhere: it is local input as any other.

    Raises
    ------
    UsageError
        It cannot be written.

    """
    try:
        yield
    except WriteFailed as error:
        raise UsageError(error.message, detail=error.detail, hint=error.hint) from error


def is_special(path: Path) -> bool:
    """Return whether a path is a device, a pipe or a socket, which is written to and never replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _followed(target: Path) -> Path:
    """Return what a link points to in the end, which need not be there; any other path as it is."""
    return Path(os.path.realpath(target)) if target.is_symlink() else target


@contextlib.contextmanager
def _straight(target: Path) -> Iterator[IO[bytes]]:
    try:
        with os.fdopen(os.open(target, os.O_WRONLY), "wb") as file:
            yield file
    except BrokenPipeError:
        raise  # the reader has enough
    except OSError as error:
        raise WriteFailed(f"cannot write {target}: {error.strerror}", hint="choose another place") from error


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, and those above it that are missing."""
    try:
        for one in (*reversed(folder.parents), folder):
            if not one.exists():
                one.mkdir(mode=0o700, exist_ok=True)
                one.chmod(0o700)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror}") from error


def make_folder(folder: Path) -> None:
    """Make a folder in one that is there.

    Raises
    ------
    WriteFailed
        It cannot be made.

    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise WriteFailed(f"cannot make the folder {folder}: {error.strerror}", hint="choose another place") from error


def safe_name(name: str) -> str:
    """Turn a parameter's name into a file name that cannot leave its folder; distinct names stay distinct.

    A name that is a file name already stays as it is; any other gets eight digits of its own hash.
    """
    # A dash would make `rm *` and its like take the name for options.
    plain = _UNSAFE.sub("_", name).lstrip(".-")
    if plain == name and name and len(name) <= LONGEST_NAME and not _DEVICE.fullmatch(name):
        return name
    # With digits behind it, too, a device's name is that device on some systems.
    plain = f"_{plain}" if _DEVICE.fullmatch(plain) else plain
    digest = _sha256(name.encode("utf-8", "surrogatepass"))[:8]
    return f"{plain[:LONGEST_NAME] or 'parameter'}-{digest}"


def readable_name(text: str, most: int = 60) -> str:
    """Turn a text into a part of a file name that people recognise; what makes it distinct must stand beside it."""
    return _UNSAFE.sub("_", text)[:most].strip("._")


def at_home(name: str | Path) -> Path:
    """Return the path of a name, in which `~` is the user's own folder.

    Raises
    ------
    UsageError
        `~someone` is nobody's.

    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{name}: {error}"[:LONGEST_NAME], hint="./~... is a name that begins so") from error


def digest_of(path: Path) -> str:
    """Return the sha-256 of a file.

    Raises
    ------
    UsageError
        It cannot be read.

    """
    from hashlib import file_digest  # noqa: PLC0415 - start-up

    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidFile(
            f"{path} cannot be read: {error.strerror}", hint="look at its name and permissions"
        ) from error


def name_of_host(host: str) -> str:
    """Return a file name that stands for a server's address."""
    return _sha256(host.encode())[:16]


def _sha256(content: bytes) -> str:
    from hashlib import sha256  # noqa: PLC0415 - start-up: it loads a library of cryptography

    return sha256(content).hexdigest()
