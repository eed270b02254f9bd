"""Resolve the space of a design: complete and validate the user's file with the metadata of the study."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile, InvalidValue
from sostrades_cli.files.atomic import at_home
from sostrades_cli.operations.calc.design.axes import Axis, ChoiceAxis, DistributionAxis, FloatAxis, IntAxis
from sostrades_cli.operations.calc.design.distributions import SHAPES, Distribution
from sostrades_cli.operations.calc.design.space_file import EXAMPLES, FAILURE, SpaceEntry
from sostrades_cli.operations.param import coercion, elements, validation
from sostrades_cli.operations.param.assignments import AT_SIGN, Assignment, file_named, plain_text
from sostrades_cli.operations.param.collected_errors import map_all
from sostrades_cli.operations.param.metadata import ParameterInfo, declare
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.operations.tables.csv_reader import validate_control_characters
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.context import Context

_NUMBERS: Final = frozenset({"float", "int", None})


@dataclass(frozen=True, slots=True)
class SpaceFolders:
    """The folder of the space, to which its ``@FILE`` choices are relative, and the folder of the table of cases."""

    space: Path
    cases: Path


@dataclass(frozen=True, slots=True)
class Space:
    """The axes of a design, and the study's own name."""

    axes: list[Axis]
    own_name: str


def resolve(context: Context, study: int, entries: Sequence[SpaceEntry], folders: SpaceFolders) -> Space:
    """Return the axes of a space, and the study's own name.

    Raises
    ------
    NotFound
        The study has no such parameter.
    UsageError
        A parameter is not an input, has no range of its own, or its values are invalid.

    """
    infos, shown = declare(context, study, [entry.key for entry in entries])
    names = [info.name for info in infos]
    if duplicates := [name for name in names if names.count(name) > 1]:
        raise InvalidFile(f"the space has {duplicates[0]} twice", hint="remove one of the two")
    pairs = list(zip(entries, infos, strict=True))
    axes = map_all(lambda pair: _axis(*pair, folders), pairs, FAILURE)
    return Space(axes, own_name(context, study, names if shown is None else shown))


def _axis(entry: SpaceEntry, info: ParameterInfo, folders: SpaceFolders) -> Axis:
    own = info.cached
    if entry.choices is not None:
        return _choice_axis(entry.choices, info, folders)
    if entry.range is None and entry.distribution is None:
        if own is not None and own.possible_values:
            return _choice_axis(own.possible_values, info, folders)
        if info.type == "bool":
            return _choice_axis((True, False), info, folders)
    if info.type not in _NUMBERS:
        raise InvalidValue(
            f"{info.name} is {with_article(str(info.type))}, so it needs choices",
            hint="write {choices = ['@low.csv', '@high.csv']}" if _is_table(info) else "write {choices = [A, B]}",
        )
    own_range = own.range if own is not None else None
    if entry.distribution is not None:
        return _distribution_axis(entry, info, own_range)
    if entry.range is None and own_range is None:
        raise InvalidFile(
            f"no range of {info.name} is known",
            detail="the model declares none, or the study has no finished run, which shows it",
            hint=EXAMPLES,
        )
    return _range_axis(entry.range or own_range or (0.0, 1.0), info, is_own=entry.range is None)


def _is_table(info: ParameterInfo) -> bool:
    return info.type == "dataframe" or info.holds_tables


def _range_axis(ends: tuple[float, float], info: ParameterInfo, *, is_own: bool) -> Axis:
    if info.type != "int":
        low, high = float(ends[0]), float(ends[1])
        _validate_within(low, high, info)
        return FloatAxis(info.name, low, high)
    # The server gives all ranges as floats, so the range of an int may have to be narrowed.
    first, last = math.ceil(ends[0]), math.floor(ends[1])
    if (not is_own and (first, last) != ends) or first > last:
        raise InvalidValue(
            f"{info.name} is an int, and its range is {ends[0]!r} to {ends[1]!r}", hint="give whole numbers"
        )
    _validate_within(first, last, info)
    return IntAxis(info.name, first, last)


def _validate_within(low: float, high: float, info: ParameterInfo) -> None:
    """Reject values beyond the range that the study declares."""
    own = info.cached.range if info.cached is not None else None
    if own is not None and (low < own[0] or high > own[1]):
        raise InvalidValue(
            f"{info.name}: {low!r} to {high!r} is beyond the range of the study, {own[0]!r} to {own[1]!r}",
            hint=f"give values from {own[0]!r} to {own[1]!r}",
        )


def _distribution_axis(entry: SpaceEntry, info: ParameterInfo, own: tuple[float, float] | None) -> Axis:
    numbers = {name: float(value) for name, value in (entry.numbers or {}).items()}
    low, high = own or (None, None)
    kind = str(entry.distribution)
    shape = {name: numbers[name] for name in SHAPES[kind]}
    distribution = Distribution(kind, shape, numbers.get("low", low), numbers.get("high", high))
    distribution.check(info.name)
    _validate_within(*distribution.limits, info)
    if kind == "uniform" and distribution.low is not None and distribution.high is not None:
        return _range_axis(
            (distribution.low, distribution.high), info, is_own="low" not in numbers and "high" not in numbers
        )
    is_whole = info.type == "int"
    if is_whole and any(end is not None and not end.is_integer() for end in (distribution.low, distribution.high)):
        raise InvalidValue(f"{info.name} is an int, and a limit of its values is not", hint="give whole numbers")
    return DistributionAxis(info.name, distribution, is_whole)


def _choice_axis(choices: Sequence[Json], info: ParameterInfo, folders: SpaceFolders) -> Axis:
    cells = tuple(_cell(choice, info, folders) for choice in choices)
    if duplicate := next((cell for cell in cells if cells.count(cell) > 1), None):
        raise InvalidFile(f"{info.name} has the choice {duplicate} twice", hint="remove one of the two")
    return ChoiceAxis(info.name, cells, tuple(choices))


def _cell(choice: Json, info: ParameterInfo, folders: SpaceFolders) -> str:
    """Return the cell that a sweep reads as this choice."""
    if isinstance(choice, str) and info.type != "string" and (file := file_named(choice)) is not None:
        return _file_cell(folders, file)
    cell = _text(choice, info)
    if not cell.strip():
        raise InvalidValue(
            f"{info.name} has a blank choice", hint="remove it: a blank cell would keep the value of the study"
        )
    validate_control_characters(cell, info.name)
    # Arrays are sent as files, so there is no value to validate.
    if info.type != "array" or not isinstance(choice, list):
        value = coercion.typed(Assignment(info.name, plain_text(cell)), info)
        validation.validate_value(value, info)
        elements.validate_elements(value, elements.present_elements(info), info)
    return cell


def _text(choice: Json, info: ParameterInfo) -> str:
    if isinstance(choice, str):
        # `@@` escapes an @ at the beginning of a text.
        return f"@{choice}" if choice.startswith("@") else choice
    if isinstance(choice, float) and info.type == "int" and choice.is_integer():
        return str(int(choice))
    try:
        return json.dumps(float(choice) if info.type == "float" and type(choice) is int else choice, ensure_ascii=False)
    except TypeError as error:
        raise InvalidValue(
            f"{info.name} cannot be {choice!s:.{coercion.LONGEST_SHOWN}}", hint="write dates as texts, in quotes"
        ) from error


def _file_cell(folders: SpaceFolders, file: Path) -> str:
    """Return the cell for a file of the space. A sweep resolves it relative to the table of cases."""
    path = folders.space / at_home(file)
    if not path.is_file():
        raise InvalidFile(f"file {path} does not exist", hint=AT_SIGN)
    if at_home(file).is_absolute() or folders.space.resolve() == folders.cases.resolve():
        return f"@{file}"
    try:
        return f"@{os.path.relpath(path.resolve(), folders.cases.resolve())}"
    except ValueError:
        return f"@{path.resolve()}"  # on another drive of Windows
