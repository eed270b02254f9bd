"""Output folders in which links are not followed.

The user may choose a link as the folder itself. A link inside it may come from elsewhere, such as a cloned
repository, and must not make the tool write or remove files outside.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from sostrades_cli.errors import FolderInUse, NoFileLocks, UsageError, WriteFailed
from sostrades_cli.files.atomic import make_folder
from sostrades_cli.files.locks import locked
from sostrades_cli.files.platform_files import is_link, reason_of
from sostrades_cli.files.write_errors import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sostrades_cli.files.locks import Holder


def require_no_link(path: Path) -> None:
    """Refuse a path of the tool that is a link.

    Raises
    ------
    UsageError
        The path is a link.

    """
    if is_link(path):
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
def alone_in(folder: Path, state: Path, variable: str, notify: Callable[[str], None]) -> Iterator[None]:
    """Create a folder, unless it exists, and lock it against other commands of this computer.

    The lock is in the folder ``state``, which the environment variable ``variable`` can move. If it cannot be written,
    ``notify`` gets a warning, and other commands are not locked out.

    Raises
    ------
    FolderInUse
        Another command is writing into the folder.
    UsageError
        The folder cannot be created.

    """

    def refuse(owner: Holder) -> None:
        raise FolderInUse(
            f"another command is writing into {folder}: {owner}",
            hint="wait until that command ends, or choose another folder",
        )

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(f"cannot write into {folder}: {reason_of(error)}", error, "choose another folder") from error
    # Outside the folder: Windows neither removes nor moves a file that is open.
    path = state / "locks" / f"folder-{_name_of(folder)}.lock"
    with contextlib.ExitStack() as stack:
        try:
            # Two exports into one folder would mix their files and manifests.
            stack.enter_context(locked(path, variable, refuse))
        except FolderInUse:
            raise
        except (NoFileLocks, UsageError, WriteFailed) as error:
            notify(f"cannot lock {folder}, do not run another command that writes into it: {error.message}")
        yield


def _name_of(folder: Path) -> str:
    """Return a part of a file name for a folder; each spelling of its path has the same."""
    from hashlib import sha256

    return sha256(os.path.normcase(folder.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
