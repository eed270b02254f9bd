"""The error for a file or folder that cannot be written before any request is sent."""

from __future__ import annotations

import errno
from typing import Final

from sostrades_cli.errors import UsageError, WriteFailed

# Faults of the disk, not of the place that the user chose. Windows has no quota.
_OF_DISK: Final = {errno.ENOSPC, errno.EIO, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether a write failed because of the disk: it is full, or damaged."""
    return isinstance(error, OSError) and error.errno in _OF_DISK


def unwritable(
    message: str, error: OSError, hint: str, elsewhere: str = "choose another folder"
) -> UsageError | WriteFailed:
    """Return the error for a failed write: the same for a full disk whenever it occurs, else a usage error.

    ``elsewhere`` is the advice to use another disk.
    """
    if is_full_disk(error):
        return WriteFailed(message, hint=f"free space on the disk, or {elsewhere}")
    return UsageError(message, hint=hint)
