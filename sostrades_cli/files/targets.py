"""The targets of results: files that cannot be written are refused before any request is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sostrades_cli.errors import FileConflict, UsageError
from sostrades_cli.files.atomic import LONGEST_SHOWN_PATH, followed, is_special
from sostrades_cli.files.platform_files import is_open_elsewhere
from sostrades_cli.system import make_folder_command, shell_quoted

if TYPE_CHECKING:
    from pathlib import Path


def check_target(target: Path, *, overwrite: bool, named: bool = False) -> None:
    """Refuse a target that cannot be written, before any request is sent.

    ``named`` means that the user named this file, as in ``atomic``.

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
            f"cannot write {str(target)[:LONGEST_SHOWN_PATH]}: {error.strerror}", hint="choose another file"
        ) from error
    if target.is_dir():
        raise UsageError(f"{target} is a folder", hint=f"choose a file in it, such as {target / 'result.csv'}")
    _check_folder((followed(target) if named else target).parent, target.name)
    if target.exists():
        _check_existing(target, overwrite=overwrite)


def _check_existing(target: Path, *, overwrite: bool) -> None:
    if not target.is_file():
        raise UsageError(f"{target} is not a regular file", hint="remove it, or choose another file")
    if not overwrite:
        raise FileConflict(
            f"{shell_quoted(str(target))} already exists", hint="add --overwrite to replace it, or choose another file"
        )
    if is_open_elsewhere(target):
        raise UsageError(
            f"cannot replace {target}: it is open in another program, or read-only",
            hint="close it in the other program (such as Excel), or choose another file",
        )


def _check_folder(folder: Path, name: str) -> None:
    if not folder.is_dir():
        raise UsageError(
            f"the folder {shell_quoted(str(folder))} of {shell_quoted(name)} does not exist",
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


def require_regular(file: Path) -> None:
    """Reject a device, a pipe or a socket.

    Raises
    ------
    UsageError
        It is one of them.

    """
    if is_special(file):
        raise UsageError(f"{file} is not a regular file", hint="choose another file")
