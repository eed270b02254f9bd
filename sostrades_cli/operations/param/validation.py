"""Validate units, layouts, choices and ranges of new values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES
from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.operations.tables.equality import equal
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.metadata import ParameterInfo

SHOWN_CHOICES: Final = 20
SHOWN_ELEMENTS: Final = 5
LONGEST_VALUE: Final = 60


def validate_unit(unit: str, info: ParameterInfo) -> None:
    """Reject another unit than the declared one.

    Raises
    ------
    UsageError
        It is not the declared one.

    """
    # The server ignores the unit in a request, so a value in another unit would be stored as it is.
    if info.type is not None and _spelt(unit) != _spelt(info.unit or ""):
        unit = unit or "no unit"
        raise InvalidValue(
            f"{info.name} has {f'the unit {info.unit!r}' if info.unit else 'no unit'}, not {unit!r}",
            detail="the server ignores the unit of a request",
            hint="convert the value, or add --force to send it unchanged",
        )


def _spelt(unit: str) -> str:
    # Models declare a pure number as "-" or without a unit.
    return "" if unit == "-" else unit


def validate_value(value: Json, info: ParameterInfo) -> None:
    """Reject a value that would make the next run fail, although its type is right or unknown.

    Raises
    ------
    UsageError
        Its layout is not that of the present value, or it is outside the declared choices or range.

    """
    if info.type is None:
        _validate_layout(value, info)
    validate_limits(value, info)


def validate_limits(value: Json, info: ParameterInfo) -> None:
    """Reject a value outside the declared choices or range, as far as they are known.

    Each element of a list is validated on its own. The ends of a range are allowed.

    Raises
    ------
    UsageError
        The value, or an element of the list, is out of range or is not one of the possible values.

    """
    cached = info.cached
    # The server supports neither choices nor a range for a dict.
    if cached is None or isinstance(value, dict):
        return
    if choices := cached.possible_values:
        shown = ", ".join([*map(str, choices[:SHOWN_CHOICES]), *["..."] * (len(choices) > SHOWN_CHOICES)])
        _validate_elements(
            lambda item: not any(equal(item, choice) for choice in choices),
            value,
            info.name,
            hint=f"choose one of these values: {shown}",
        )
    if cached.range is not None:
        low, high = cached.range
        _validate_elements(
            lambda item: not _is_within(item, low, high),
            value,
            info.name,
            hint=f"give a value from {low!r} to {high!r}",
        )


def _validate_elements(is_bad: Callable[[Json], bool], value: Json, name: str, *, hint: str) -> None:
    """Reject a value, or the elements of a list, for which a condition holds."""
    if not isinstance(value, list):
        if is_bad(value):
            raise InvalidValue(f"{name} cannot be {value!r:.{LONGEST_VALUE}}", hint=hint)
        return
    bad = [f"{item!r:.{LONGEST_VALUE}} (index {index})" for index, item in enumerate(value) if is_bad(item)]
    if bad:
        more = f" and {len(bad) - SHOWN_ELEMENTS} more" if len(bad) > SHOWN_ELEMENTS else ""
        raise InvalidValue(f"{name} cannot contain {', '.join(bad[:SHOWN_ELEMENTS])}{more}", hint=hint)


def _is_within(item: Json, low: float, high: float) -> bool:
    # The server does not compare the elements of nested lists with a range.
    if isinstance(item, list):
        return True
    return isinstance(item, int | float) and not isinstance(item, bool) and low <= item <= high


def _validate_layout(value: Json, info: ParameterInfo) -> None:
    """Reject a value that does not fit the layout of the present one, if the type is unknown."""
    from sostrades_cli.operations.tables import downloads

    # Without a download there is nothing to compare with.
    kind = _guessed_type(info) if info.content is not None else "single value"
    # A list of objects is shown as a table with its positions in front.
    objects = isinstance(value, list) and downloads.shows_objects(info.content or b"")
    fits = {"dict": isinstance(value, dict), "array": isinstance(value, list), "dataframe": objects}
    if fits.get(kind, True):
        return
    raise InvalidValue(
        f"{info.name} seems to be a {'list or array' if kind == 'array' else kind}, which cannot have this value",
        detail="the server would accept the value, and the next run would fail",
        hint=f"see the layout with `sostrades param get STUDY {info.name}`. For a table, give {info.name}=@FILE.csv",
    )


def require_known_type(info: ParameterInfo) -> None:
    """Reject a file if the type is unknown and may be list or array: an array sent as JSON makes the next run fail.

    Raises
    ------
    UsageError
        The download of a list looks like that of an array.

    """
    # The download of a list and that of an array of one dimension are the same bytes.
    if info.type is None and _guessed_type(info) == "array":
        raise UsageError(
            f"cannot tell whether {info.name} is a list or an array on this server",
            detail="a list is sent as JSON. If the parameter is an array, the next run would fail",
            hint=f"if it is a list, set {info.name}:='[1.0, 2.0]', else finish a run, which shows the type",
        )


def file_kind(info: ParameterInfo) -> str:
    """Return the layout of a file for a type: ``any`` columns, ``one`` column, or a first column ``variable``.

    Raises
    ------
    UsageError
        The parameter takes no file.

    """
    kind = info.type or _guessed_type(info)
    if kind == "dataframe":
        return "any"
    if kind == "array" or kind in LIST_TYPES:
        return "one"
    if kind in DICT_TYPES:
        return "variable"
    raise InvalidValue(
        f"{info.name} is {with_article(kind)} and cannot be set from a file",
        detail="the server would store a table instead",
        hint=f"give a value: {info.name}=VALUE",
    )


def _guessed_type(info: ParameterInfo) -> str:
    """Guess an unknown type from the layout of a download."""
    from sostrades_cli.operations.tables import downloads

    content = info.content or b""
    if downloads.scalar_text(content) is not None:
        return "single value"
    first_line = content.partition(b"\n")[0]
    return {b"variable,value": "dict", b"value": "array"}.get(first_line, "dataframe")
