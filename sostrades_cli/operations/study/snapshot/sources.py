"""Read the sides of a comparison: studies on the server, or exported folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.operations.study.snapshot.capture import take_inputs
from sostrades_cli.operations.study.snapshot.manifest import read_manifest
from sostrades_cli.operations.study.snapshot.reader import read_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.model import Snapshot


def take_side(side: int | Path, context: Callable[[], Context], *, outputs: bool) -> Snapshot:
    """Return a snapshot of a study or folder.

    ``context`` is a function, because two folders can be compared without a server and a key.

    Raises
    ------
    InvalidFile
        The folder is not an exported study.

    """
    if isinstance(side, int):
        return take_inputs(context(), side, outputs=outputs)
    return read_folder(side, read_manifest(side), outputs=outputs)
