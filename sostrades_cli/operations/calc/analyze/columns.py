"""Convert the results of a sweep to columns: inputs as numbers or texts, outputs as numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sostrades_cli.operations.tables.equality import is_number
from sostrades_cli.output.text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.results import SweepReport

# A dict with more entries contains data rather than a few results.
MOST_ENTRIES: Final = 100
LONGEST_TEXT: Final = 200
_KINDS: Final[dict[type, str]] = {
    bool: "true or false",
    str: "a text",
    list: "a list or an array",
    dict: "a dict",
}

Number: TypeAlias = float | None


@dataclass(frozen=True, slots=True)
class InputColumn:
    """An input. All of its cells are finite numbers, or all are texts."""

    name: str
    cells: list[float] | list[str]
    is_number: bool


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """An output, with a finite number for each case, or ``None`` if the case has no number."""

    name: str
    numbers: list[Number]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An output that is left out, and the reason."""

    name: str
    reason: str


def input_columns(report: SweepReport) -> list[InputColumn]:
    """Return the inputs of all cases. An input with other values than numbers becomes a column of texts."""
    return [_input(name, [case.inputs[index] for case in report.cases]) for index, name in enumerate(report.columns)]


def _input(name: str, values: Sequence[Json]) -> InputColumn:
    numbers = [finite(value) for value in values]
    present = [number for number in numbers if number is not None]
    if len(present) == len(values):
        return InputColumn(name, present, is_number=True)
    return InputColumn(name, [shortened(plain(value), LONGEST_TEXT) for value in values], is_number=False)


def output_columns(report: SweepReport, folder: str) -> tuple[list[OutputColumn], list[LeftOut]]:
    """Return the outputs that are numbers, and the outputs that are not.

    Each entry of a dict is an output ``KEY.ENTRY``. ``folder`` is the name of the folder of saved tables.
    """
    columns: list[OutputColumn] = []
    left_out: list[LeftOut] = []
    for index, key in enumerate(report.keys):
        values = [case.outputs[index] for case in report.cases]
        is_saved = _is_saved(values, folder)
        _add_output(key, values, columns, left_out, is_saved=is_saved)
    return columns, left_out


def _is_saved(values: Sequence[Json], folder: str) -> bool:
    """Return whether the values are the paths of saved tables."""
    texts = [value for value in values if value is not None]
    return bool(texts) and all(isinstance(text, str) and text.startswith(f"{folder}/") for text in texts)


def _add_output(
    name: str, values: Sequence[Json], columns: list[OutputColumn], left_out: list[LeftOut], *, is_saved: bool = False
) -> None:
    # A failed case has no outputs.
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, dict) for value in present):
        entries = list(dict.fromkeys(entry for value in present for entry in value))
        if len(entries) > MOST_ENTRIES:
            left_out.append(LeftOut(name, f"a dict with more than {MOST_ENTRIES} entries"))
            return
        for entry in entries:
            inner = [value.get(entry) if isinstance(value, dict) else None for value in values]
            _add_output(f"{name}.{entry}", inner, columns, left_out)
        return
    odd = next((value for value in present if not is_number(value)), None)
    numbers = [finite(value) for value in values]
    if odd is not None:
        left_out.append(LeftOut(name, "a table" if is_saved else _KINDS.get(type(odd), "not a number")))
    elif all(number is None for number in numbers):
        left_out.append(LeftOut(name, "no case has a number"))
    else:
        columns.append(OutputColumn(name, numbers))


def finite(value: Json) -> Number:
    """Return a value as a finite float, or ``None`` if it is not a finite number."""
    if not is_number(value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
