"""Write the file of the best values, which ``param set --from`` reads."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.file_formats import ending_of
from sostrades_cli.files.file_names import safe_names
from sostrades_cli.files.targets import check_target, require_regular
from sostrades_cli.operations.calc.design.axes import ChoiceAxis
from sostrades_cli.operations.param.assignments import file_named
from sostrades_cli.operations.study.snapshot import toml_writer
from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.param.assignments import Assignment

ENDING: Final = "toml"


def best_file(file: Path | None, *, overwrite: bool) -> Path:
    """Return the file for the best values, after a check that it can be written.

    Raises
    ------
    UsageError
        The file is missing, or is not TOML.
    FileConflict
        The file exists, and ``overwrite`` is not set.

    """
    if file is not None:
        require_regular(file)
    if file is None or ending_of(file) != ENDING:
        raise UsageError("an optimization needs a file for its best values", hint=f"add -o best.{ENDING}")
    check_target(file, overwrite=overwrite, named=True)
    return file


def write_best(file: Path, title: str, values: Mapping[str, Json], comments: Mapping[str, str]) -> None:
    """Write values by key, with a comment for each."""
    lines = [f"# {visible(title)}"]
    for key, value in values.items():
        # Values of a space were read from TOML, so TOML can represent them.
        line = toml_writer.line(key, value, comments[key])
        lines.append(line or toml_writer.comment_line(key, "cannot be written as TOML", comments[key]))
    with atomic(file, named=True) as target:
        target.write("".join(f"{line}\n" for line in lines).encode())


def best_values(
    file: Path, folder: Path, axes: Mapping[str, Axis], values: Mapping[str, Json], assignments: Sequence[Assignment]
) -> dict[str, Json]:
    """Return the values of a trial as ``param set --from`` reads them. Arrays are written as files into ``folder``."""
    best: dict[str, Json] = {}
    names = safe_names([assignment.key for assignment in assignments])
    for (column, value), assignment in zip(values.items(), assignments, strict=True):
        axis = axes[column]
        if not isinstance(axis, ChoiceAxis):
            best[assignment.key] = value
        elif assignment.file is not None and file_named(str(value)) is None:
            # An array can only be set from a file.
            path = folder / f"best-{names[assignment.key]}.csv"
            shutil.copyfile(assignment.file, path)
            best[assignment.key] = f"@{path.relative_to(file.parent).as_posix()}"
        else:
            choice = axis.choices[axis.cells.index(str(value))]
            # The cell of a text already has a path relative to the file of the best values, and an escaped @.
            best[assignment.key] = value if isinstance(choice, str) else choice
    return best
