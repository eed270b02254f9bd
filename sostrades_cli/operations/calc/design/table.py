"""Make the table of cases of a design, and the side file that records its origin."""

from __future__ import annotations

import decimal
import itertools
import json
import math
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, UsageError
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.targets import check_target, require_regular
from sostrades_cli.operations.calc.design import samplers
from sostrades_cli.operations.calc.design.space import SpaceFolders, resolve
from sostrades_cli.operations.calc.design.space_file import read_space
from sostrades_cli.operations.calc.sweep.case_rows import NAME, NAMES, RESERVED, SELECTED
from sostrades_cli.output.text import counted
from sostrades_cli.safe_parsers import from_json
from sostrades_cli.study_reference import short_key
from sostrades_cli.system import shell_quoted
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.calc.design.space import Space
    from sostrades_cli.operations.context import Context

FORMAT: Final = 1
SIDE_SUFFIX: Final = ".design.json"
# A sweep of more cases takes days on the fastest server, so the number is most likely a typing error.
MOST_CASES: Final = 100_000
# So many cells take two seconds or more.
LARGE: Final = 200_000
LARGEST_SEED: Final = 2**32 - 1
BASE: Final = "base"
_FEWEST_LEVELS: Final = 2
# LibreOffice saves this many digits.
_SAVED_DIGITS: Final = decimal.Context(prec=15, rounding=decimal.ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class DesignRequest:
    """The options of a design. ``n`` is the number of rows, levels, trajectories or base samples of the method."""

    study: int
    space: Path
    cases: Path
    method: str
    n: int | None
    seed: int | None
    overwrite: bool = False

    @property
    def side_file(self) -> Path:
        """The file that records the origin of the table of cases."""
        return self.cases.with_suffix(SIDE_SUFFIX)


@dataclass(frozen=True, slots=True)
class Design:
    """A table of cases: its columns, and the values of each case. ``notes`` are lines for the user."""

    columns: tuple[str, ...]
    rows: list[tuple[Json, ...]]
    notes: list[str]


def cases_file(file: Path | None, *, safe_csv: bool) -> Path:
    """Return the file for the cases.

    Raises
    ------
    UsageError
        There is no file, so the side file would have no name, or ``safe_csv`` is set, which changes cells.

    """
    if file is None:
        raise UsageError("a design needs a file for its cases", hint="add -o cases.csv")
    require_regular(file)
    if safe_csv:
        raise UsageError("--safe-csv would change the cells that a sweep reads", hint="remove --safe-csv")
    return file


def make_design(context: Context, request: DesignRequest) -> Design:
    """Sample a space, and write the side file. The caller writes the table.

    Raises
    ------
    UsageError
        The space or an option is invalid, or a library is missing.
    NotFound
        The study has no such parameter.

    """
    _check_side_file(request)
    entries = read_space(request.space)
    has_distributions = any(entry.distribution is not None for entry in entries)
    samplers.require_library(request.method, has_distributions=has_distributions)
    folders = SpaceFolders(request.space.parent, request.cases.parent)
    space = resolve(context, request.study, entries, folders)
    _check_limits(request.method, space.axes)
    columns = [column_of(space, axis) for axis in space.axes]
    versions = samplers.used_versions(request.method, has_distributions=has_distributions)
    # scipy takes a second to import, and a million cells take some seconds.
    with context.waiting("Sampling the space"):
        if request.method in samplers.LEVELLED:
            record, rows = _levelled(context, request, space.axes, columns)
        else:
            record, rows = _sampled(context, request, space.axes)
        header = (NAME, *columns)
        origin = {
            "server": context.api.session.host,
            "study": request.study,
            "versions": {"sostrades": __version__, **versions},
            "space": {column: axis.spec for column, axis in zip(columns, space.axes, strict=True)},
            "cases": {"rows": len(rows), "sha256": digest_of_cells(header, rows)},
        }
        _write_side_file(request, {**origin, **record})
        return Design(header, [_typed(row, space.axes) for row in rows], _notes(request, record, len(rows)))


def digest_of_cells(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the sha-256 of the cells of a table, whatever the format of its file.

    A table that was saved as a workbook has 5 instead of 5.0, and True instead of true. LibreOffice also rounds numbers
    to 15 digits.
    """
    return sha256(json.dumps([header, *(list(map(_plain, row)) for row in rows)]).encode()).hexdigest()


def _plain(cell: str) -> str:
    try:
        # A format such as .15g rounds the exact binary value. The spreadsheet rounds the decimal digits half up.
        return str(_SAVED_DIGITS.create_decimal(repr(float(cell))).normalize())
    except ValueError:
        return cell.lower() if cell.lower() in {"true", "false"} else cell


def _typed(row: Sequence[str], axes: Sequence[Axis]) -> tuple[Json, ...]:
    """Return a row with numbers and booleans instead of their texts, as a spreadsheet needs them."""
    name, *cells = row
    numbers = (axis.number(cell) if cell else None for axis, cell in zip(axes, cells, strict=True))
    return (name, *((cell or None) if number is None else number for cell, number in zip(cells, numbers, strict=True)))


def _check_limits(method: str, axes: Sequence[Axis]) -> None:
    unbounded = next((axis.name for axis in axes if not axis.is_bounded), None)
    if unbounded is not None and method in samplers.TOUCHING_ENDS:
        raise UsageError(
            f"the method {method} needs limits of {unbounded}, whose distribution has none",
            hint="add low = NUMBER and high = NUMBER to its distribution, or choose another --method",
        )


def column_of(space: Space, axis: Axis) -> str:
    """Return the name of a column, without the study's own name, so that copies of the study can run the cases."""
    short = short_key(space.own_name, axis.name)
    # These names have a meaning in a table of cases.
    return axis.name if short in {*NAMES, *RESERVED, SELECTED} else short


def _levelled(
    context: Context, request: DesignRequest, axes: Sequence[Axis], columns: Sequence[str]
) -> tuple[Mapping[str, Json], list[tuple[str, ...]]]:
    """Return the rows of a grid, or of changes of one parameter at a time."""
    needs_count = any("choices" not in axis.spec for axis in axes)
    count = _count(request) if needs_count else request.n or _FEWEST_LEVELS
    if count < _FEWEST_LEVELS:
        raise UsageError(
            f"the method {request.method} needs at least {_FEWEST_LEVELS} levels", hint="give -n 2 or more"
        )
    # Before the levels exist: so many of them could fill the memory.
    _check_size(count if needs_count else 0)
    levels = [axis.levels(count) for axis in axes]
    if request.method == samplers.GRID:
        _accept_size(context, math.prod(map(len, levels)), len(axes))
        return {"seed": None}, _numbered(itertools.product(*levels))
    _accept_size(context, 1 + sum(map(len, levels)), len(axes))
    return {"seed": None}, list(_one_at_a_time(levels, columns))


def _one_at_a_time(levels: Sequence[Sequence[str]], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield a case with the values of the study, then a case per level. A blank cell keeps the study's value."""
    blank = [""] * len(columns)
    yield (BASE, *blank)
    for index, (column, cells) in enumerate(zip(columns, levels, strict=True)):
        for number, cell in enumerate(cells, 1):
            yield (f"{column} {number}", *blank[:index], cell, *blank[index + 1 :])


def _sampled(
    context: Context, request: DesignRequest, axes: Sequence[Axis]
) -> tuple[Mapping[str, Any], list[tuple[str, ...]]]:
    """Return the rows of a sample."""
    n = _count(request)
    _accept_size(context, samplers.row_count(request.method, n, len(axes)), len(axes))
    # A seed of 0 is never chosen, because SALib before 1.5.2 ignores it.
    seed = 1 + secrets.randbelow(LARGEST_SEED) if request.seed is None else request.seed
    points = samplers.unit_points(request.method, n, len(axes), seed)
    cells = [axis.at(positions) for axis, positions in zip(axes, zip(*points, strict=True), strict=True)]
    record: dict[str, Any] = {"seed": seed}
    if request.method in samplers.SALIB_ARGUMENTS:
        record["salib"] = samplers.SALIB_ARGUMENTS[request.method]
    if request.method == samplers.MORRIS:
        # Elementary effects are computed from the points, which cannot be derived from rounded cells or choices.
        record["points"] = points
    return record, _numbered(zip(*cells, strict=True))


def _numbered(rows: Iterator[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [(str(number), *row) for number, row in enumerate(rows, 1)]


def _count(request: DesignRequest) -> int:
    if request.n is None:
        noun = {samplers.MORRIS: "trajectories", samplers.SALTELLI: "base samples"}.get(request.method, "rows")
        noun = "levels" if request.method in samplers.LEVELLED else noun
        raise UsageError(f"the method {request.method} needs a number of {noun}", hint="add -n N, for example -n 8")
    return request.n


def _check_size(count: int) -> None:
    if count > MOST_CASES:
        raise UsageError(
            f"the design would have {count} cases, and the limit is {MOST_CASES}",
            hint="give a smaller -n, or fewer parameters in the space",
        )


def _accept_size(context: Context, cases: int, parameters: int) -> None:
    """Reject a table that is too large, and announce one that takes a while."""
    _check_size(cases)
    if cases * parameters > LARGE:
        context.still_waiting(f"making {counted(cases, 'case')} of {counted(parameters, 'parameter')}")


def _check_side_file(request: DesignRequest) -> None:
    """Check that the side file can be written, and name the table of another format that it belongs to."""
    other = None if request.overwrite else _recorded_file(request.side_file)
    if other is not None and other != request.cases.name:
        name = request.cases.with_name(f"{request.cases.stem}-2{request.cases.suffix}")
        raise FileConflict(
            f"{request.side_file} already exists: it records the design of {other}",
            hint=f"choose another name, such as -o {shell_quoted(str(name))}, or add --overwrite, but then {other} "
            "has no sensitivity indices",
            study=request.study,
        )
    check_target(request.side_file, overwrite=request.overwrite, named=True)


def _recorded_file(side_file: Path) -> str | None:
    """Return the name of the table of cases that a side file belongs to, ``None`` if it does not say so."""
    try:
        name = from_json(side_file.read_text(encoding="utf-8"))["file"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return name if isinstance(name, str) else None


def _write_side_file(request: DesignRequest, origin: Mapping[str, Json]) -> None:
    document = {"format": FORMAT, "file": request.cases.name, "method": request.method, "n": request.n, **origin}
    with atomic(request.side_file, named=True) as file:
        file.write(f"{json.dumps(document, ensure_ascii=False, indent=1)}\n".encode())


def _notes(request: DesignRequest, record: Mapping[str, Json], count: int) -> list[str]:
    n, method = request.n or 1, request.method
    seed = "" if record["seed"] is None else f", seed {record['seed']}"
    notes = [f"{counted(count, 'case')}: {method}{seed}; recorded in {request.side_file}"]
    if method in samplers.BALANCED and n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        notes.append(f"-n {n} is not a power of two, so the sample is not balanced: give -n {below} or -n {2 * below}")
    if request.seed is not None and record["seed"] is None:
        notes.append(f"the method {method} is not random, so --seed has no effect")
    notes.append(
        f"next: sostrades calc sweep {request.study} {shell_quoted(str(request.cases))} --collect KEY -o results.csv"
    )
    return notes
