"""Test the errors for files and folders that cannot be written before any request is sent."""

from __future__ import annotations

import errno
import os

import pytest

from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.files.write_errors import unwritable


@pytest.mark.parametrize(
    ("number", "code"),
    [
        *((errno.ENOSPC, 1), (errno.EIO, 1), (errno.EFBIG, 1)),
        *((errno.EACCES, 2), (errno.EROFS, 2), (errno.ENOENT, 2), (errno.ENOTDIR, 2)),
    ],
)
def test_full_disk_is_exit_1_and_an_unwritable_folder_exit_2(number: int, code: int) -> None:
    error = unwritable("cannot write", OSError(number, os.strerror(number)), "choose another folder")
    assert exit_code_of(error) == code
    assert error.hint
