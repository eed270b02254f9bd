"""Read the file of a space: TOML with a table of fields for each parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.calc.design.distributions import FIELDS, LIMITS, SHAPES
from sostrades_cli.operations.param.collected_errors import map_all
from sostrades_cli.operations.tables.equality import is_number
from sostrades_cli.safe_parsers import LONGEST_SHOWN, from_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sostrades_cli.api.models import Json

RANGE: Final = "range"
CHOICES: Final = "choices"
DISTRIBUTION: Final = "distribution"
EXAMPLES: Final = "write, for example, {range = [0.1, 0.5]} or {choices = [1, 2]}"
FAILURE: Final = "parameters of the space are invalid"
_ENDS: Final = 2


@dataclass(frozen=True, slots=True)
class SpaceEntry:
    """A parameter of the file: its key as the user wrote it, and its fields."""

    key: str
    range: tuple[float, float] | None = None
    choices: tuple[Json, ...] | None = None
    distribution: str | None = None
    numbers: Mapping[str, float] | None = None


def read_space(path: Path) -> list[SpaceEntry]:
    """Read the file of a space.

    Raises
    ------
    InvalidFile
        The file cannot be read, is not TOML, has no parameters, or the fields of a parameter are invalid.

    """
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = from_toml(text)
    except OSError as error:
        raise InvalidFile(
            f"cannot read {path}: {error.strerror}",
            hint=f"write the space of the study with `sostrades calc design STUDY {path} --init`",
        ) from error
    except ValueError as error:
        from sostrades_cli.operations.param.toml_errors import not_toml

        raise not_toml(text, str(path), error, "correct the file", InvalidFile) from error
    parameters = list(_parameters(document))
    if not parameters:
        raise InvalidFile(
            f"{path} has no parameters", hint='remove the # from a line, or add one: "KEY" = {range = [0.1, 0.5]}'
        )
    return map_all(lambda item: _entry(*item), parameters, FAILURE)


def _parameters(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of parameters and their tables. To TOML, a key with dots but without quotes is a nested table."""
    for name, value in document.items():
        key = f"{prefix}{name}"
        # The fields of a parameter are never tables, so a table of tables is a part of a key.
        if isinstance(value, dict) and value and all(isinstance(item, dict) for item in value.values()):
            yield from _parameters(value, f"{key}.")
        else:
            yield key, value


def _entry(key: str, fields: Any) -> SpaceEntry:  # noqa: ANN401 - any value of TOML
    """Return the entry of a parameter, after a check that its fields fit together."""
    if not isinstance(fields, dict):
        raise InvalidFile(f"{key}: expected a table, got {_shown(fields)}", hint=EXAMPLES)
    kinds = [kind for kind in (RANGE, CHOICES, DISTRIBUTION) if kind in fields]
    if len(kinds) > 1:
        raise InvalidFile(f"{key} has both {kinds[0]} and {kinds[1]}", hint="remove one of the two")
    distribution = fields.get(DISTRIBUTION)
    if distribution is not None and distribution not in list(SHAPES):
        raise InvalidFile(
            f"{key}: there is no distribution {_shown(distribution)}", hint=f"choose one of these: {', '.join(SHAPES)}"
        )
    numbers = {name: value for name, value in fields.items() if name in FIELDS}
    _check_names(key, fields, distribution)
    for name, value in numbers.items():
        if not _is_finite_number(value):
            raise InvalidFile(
                f"{key}: {name} must be a number, got {_shown(value)}", hint=f"write, for example, {name} = 0.5"
            )
    return SpaceEntry(
        key, _range(key, fields.get(RANGE)), _choices(key, fields.get(CHOICES)), distribution, numbers or None
    )


def _check_names(key: str, fields: Mapping[str, Any], distribution: str | None) -> None:
    """Reject unknown and missing fields."""
    shape = SHAPES.get(distribution or "", ())
    allowed = {DISTRIBUTION, *LIMITS, *shape} if distribution else {RANGE, CHOICES, DISTRIBUTION}
    unknown = next((name for name in fields if name not in allowed), None)
    if unknown is not None:
        owner = f"a {distribution} distribution" if distribution else "it"
        hint = f"use only {', '.join([*shape, *LIMITS])}" if distribution else EXAMPLES
        raise InvalidFile(f"{key}: {owner} has no field {unknown[:LONGEST_SHOWN]!r}", hint=hint)
    missing = next((name for name in shape if name not in fields), None)
    if missing is not None:
        raise InvalidFile(f"{key}: a {distribution} distribution needs {missing}", hint=f"add {missing} = NUMBER")


def _range(key: str, ends: Any) -> tuple[float, float] | None:  # noqa: ANN401 - any value of TOML
    if ends is None:
        return None
    if not isinstance(ends, list) or len(ends) != _ENDS or not all(map(_is_finite_number, ends)):
        raise InvalidFile(
            f"{key}: range must be two numbers, got {_shown(ends)}",
            hint="write, for example, range = [0.1, 0.5]",
        )
    low, high = ends
    if low > high:
        raise InvalidFile(f"{key}: the range is reversed: {low!r} to {high!r}", hint=f"write range = [{high}, {low}]")
    if low == high:
        raise InvalidFile(f"{key}: both ends of the range are {low!r}", hint=f"write choices = [{low}]")
    return low, high


def _choices(key: str, choices: Any) -> tuple[Json, ...] | None:  # noqa: ANN401 - any value of TOML
    if choices is None:
        return None
    if not isinstance(choices, list) or not choices:
        raise InvalidFile(
            f"{key}: choices must be a list, got {_shown(choices)}", hint="write, for example, choices = [1, 2]"
        )
    return tuple(choices)


def _is_finite_number(value: Json) -> bool:
    return is_number(value) and math.isfinite(value)


def _shown(value: object) -> str:
    return f"{value!r:.{LONGEST_SHOWN}}"
