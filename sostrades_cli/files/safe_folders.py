"""Output folders in which links are not followed.

The user may choose a link as the folder itself. A link inside it may come from elsewhere, such as a cloned
repository, and must not make the tool write or remove files outside.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import FolderInUse, UsageError
from sostrades_cli.files.atomic import make_folder
from sostrades_cli.files.locks import folder_locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK: Final = ".sostrades.lock"


def require_no_link(path: Path) -> None:
    """Refuse a path of the tool that is a link.

    Raises
    ------
    UsageError
        The path is a link.

    """
    if path.is_symlink():
        raise UsageError(
            f"{path} is a symbolic link to another place", hint="remove the link, or choose another folder"
        )


def inner_folder(folder: Path) -> None:
    """Create a folder inside an existing one, unless it exists.

    Raises
    ------
    WriteFailed
        The folder cannot be made.
    UsageError
        The path is a link.

    """
    require_no_link(folder)
    make_folder(folder)


@contextlib.contextmanager
def alone_in(folder: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Create a folder, unless it exists, and lock it against other commands of this machine.

    On a file system without locks, ``notify`` gets a warning, and other commands are not locked out.

    Raises
    ------
    FolderInUse
        Another command is writing into the folder.
    UsageError
        The folder cannot be created or written to.

    """
    with contextlib.ExitStack() as stack:
        try:
            # Two exports into one folder would mix their files and manifests.
            folder.mkdir(parents=True, exist_ok=True)
            # The lock file is created, so a link would create a file elsewhere.
            require_no_link(folder / LOCK)
            reason = stack.enter_context(folder_locked(folder / LOCK))
        except BlockingIOError as error:
            raise FolderInUse(
                f"another command is writing into {folder}",
                hint="wait until that command ends, or choose another folder",
            ) from error
        except OSError as error:
            raise UsageError(f"cannot write into {folder}: {error.strerror}", hint="choose another folder") from error
        if reason:
            notify(f"cannot lock {folder} ({reason}): do not run another command that writes into it")
        yield
