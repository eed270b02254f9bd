"""Turn text into a value of the declared type."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli import number_text
from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES
from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.output.text import with_article
from sostrades_cli.safe_parsers import DuplicateKeyError, NotADoubleError, distinct, double, from_json
from sostrades_cli.system import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.metadata import ParameterInfo

_NOT_HELD: Final = re.compile(r"\b(?:nan|inf)\b")
_TRUE: Final = frozenset({"true", "yes", "on", "1", "1.0"})
_FALSE: Final = frozenset({"false", "no", "off", "0", "0.0"})
# A larger float may have been another whole number.
_EXACT: Final = 2**53
LONGEST_SHOWN: Final = 60
NO_NAN: Final = "give a finite number: the server does not store nan and inf"


def typed(assignment: Assignment, info: ParameterInfo) -> Json:
    """Return the typed value of an assignment without a file.

    Raises
    ------
    UsageError
        The value is of another type, or the server cannot hold it.

    """
    if not assignment.is_text:
        validate_allowed(assignment.value, info.name)
    if info.type is None:
        return parse_undeclared(assignment.text, info.name) if assignment.is_text else assignment.value
    if info.holds_tables:
        file = _file_in(assignment.text) or "FILE.csv"
        raise InvalidValue(
            f"{info.name} is a dict of tables and needs a CSV file", hint=f"give a file: {info.name}=@{file}"
        )
    if assignment.is_text:
        return parse(assignment.text, info.type, info.name)
    # A value from JSON, TOML or Python has a type already, which must be the declared one.
    return fitting(assignment.value, info.type, info.name)


def parse(text: str, info: str, key: str) -> Json:
    """Return the value of a text for a declared type.

    Raises
    ------
    UsageError
        The text is not a value of that type, or the server cannot hold it.

    """
    return _parser(info, key, text)(text, key)


def parse_undeclared(text: str, key: str) -> Json:
    """Return the value of a text for an unknown type: JSON if it is JSON, else the text itself.

    Raises
    ------
    UsageError
        The server cannot hold it.

    """
    try:
        return strict_json(text)
    except (_NotHeldError, NotADoubleError, DuplicateKeyError) as error:
        raise _bad(text, key, "a value that the server can store", f"{error}, correct it") from error
    except ValueError:
        return _string(text, key)


def fitting(value: Json, info: str, key: str) -> Json:
    """Return a typed value if its type is the declared one.

    A whole number is an int and a float, however it is written, and 0 and 1 are booleans, because pandas and numpy turn
    ints and booleans beside floats into floats.

    Raises
    ------
    UsageError
        The value is of another type.

    """
    kinds: dict[str, tuple[type, ...]] = {"float": (int, float), "int": (int,), "bool": (bool,), "string": (str,)}
    wanted = (list,) if info in LIST_TYPES else (dict,) if info in DICT_TYPES else kinds.get(info)
    if info in {"dataframe", "array"}:
        return _parser(info, key, "")("", key)
    # pandas makes every column with a missing value a float column.
    value = _recast(value, info)
    if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and info != "bool")):
        why = (
            f"restore the default value with `sostrades param reset STUDY {key}`"
            if value is None
            else f"give {with_article(info)} instead of {with_article(type(value).__name__)}"
        )
        raise _bad(json.dumps(value), key, with_article(info), why)
    # The server stores an int in a float as it is, and shows 1 instead of 1.0 from then on.
    return float(value) if info == "float" else value


def _recast(value: Json, info: str) -> Json:
    """Return a number as the int or the boolean that it is equal to."""
    if info == "bool" and isinstance(value, int | float) and value in {0, 1}:
        return bool(value)
    if info == "int" and isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value


def validate_allowed(value: Json, key: str) -> None:
    """Reject a value that JSON, and so the server, cannot represent.

    Raises
    ------
    UsageError
        The value contains nan, an infinite number, or half of a surrogate pair.

    """
    try:
        # The server accepts NaN and Infinity, and returns them as null: the value is lost without an error.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(
            f"the value of {key} has an incomplete character", hint="correct the character in the value"
        ) from error
    except (ValueError, TypeError) as error:
        raise _bad(json.dumps(value, default=str), key, "a value that the server can store", NO_NAN) from error


def can_be_held(value: Json, text: str) -> bool:
    """Return whether the server can hold a value that was read from a text: neither nan nor infinite."""
    if isinstance(value, str):
        return not number_text.is_number(text.strip())  # a number beyond a double stays text
    if _NOT_HELD.search(text):
        return False
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def _parser(info: str, key: str, text: str) -> Callable[[str, str], Json]:
    if info in LIST_TYPES:
        return _list
    if info in DICT_TYPES:
        return _dict
    if info in {"dataframe", "array"}:
        # The server cannot download an array of two dimensions, so the layout of an array is said here.
        layout = "has one column, `value`" if info == "array" else f"is that of `sostrades param download STUDY {key}`"
        raise InvalidValue(
            f"{key} is {with_article(info)} and needs a CSV file",
            detail="the server would accept this value, and the next run would fail",
            hint=f"give a file: {key}=@{_file_in(text) or 'FILE.csv'}. Its layout {layout}",
        )
    return {"float": _float, "int": _int, "bool": _bool}.get(info, _string)


def _float(text: str, key: str) -> float:
    plain = text.strip()
    # float() accepts more than the server and than people expect: 1_0, infinity, digits of other scripts.
    if not number_text.is_number(plain):
        if plain.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
            raise _bad(text, key, "a float that the server can store", NO_NAN)
        raise _bad(text, key, "a float", _respelled(plain, key) or "give a number, for example 12.5 or 1e-3")
    try:
        return double(plain)
    except NotADoubleError as error:
        raise _bad(text, key, "a float that the server can store", f"{error}, give another number") from error


def _int(text: str, key: str) -> int:
    plain = text.strip()
    number = number_text.whole(plain)
    if number is not None:
        return number
    # The text is an int, but has too many digits for Python to convert.
    if plain.isascii() and plain.lstrip("+-").isdecimal():
        raise _bad(text, key, "an int", "give a number with fewer digits")
    needs = "give a whole number. The server would accept this value, but the next run would fail"
    raise _bad(text, key, "an int", _respelled(plain, key) or needs)


def _file_in(text: str) -> str | None:
    """Return a text that is the name of a file without its ``@``, quoted for the shell; ``None`` for other texts."""
    is_file = text.lower().endswith(".csv") or os.path.isfile(text)  # noqa: PTH113 - unlike Path, it never fails
    return quoted(text) if is_file and "\n" not in text else None


def _respelled(text: str, key: str) -> str | None:
    """Return a suggestion how to write the number that a text seems to be."""
    if text.endswith("%") and number_text.is_number(text[:-1]) and len(text) <= LONGEST_SHOWN:
        from fractions import Fraction  # noqa: PLC0415 - start-up: only for an error

        factor = float(Fraction(text[:-1].strip()) / 100)
        return f"on the command line, {key}=+{text} adds {text}, and {key}*={factor} takes {text} of the present value"
    from sostrades_cli.operations.tables import cells  # noqa: PLC0415 - start-up: only for an error

    readings = (
        cells.readings(text, cells.NUMERIC) if len(text) <= LONGEST_SHOWN and not number_text.is_number(text) else []
    )
    return f"write {' or '.join(readings)}" if readings else None


def _bool(text: str, key: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise _bad(text, key, "a bool", "write true or false")
    return word in _TRUE


def _string(text: str, key: str) -> str:
    # Python keeps undecodable bytes of the command line as lone surrogates.
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _bad(text, key, "a text", "give the text in UTF-8") from error
    return text


def _list(text: str, key: str) -> list[Json]:
    value = _json(text, key, "a list", _listed(text, key))
    if not isinstance(value, list):
        raise _bad(text, key, "a list", _listed(text, key))
    return value


def _listed(text: str, key: str) -> str:
    """Return a suggestion how to write the list that a text seems to be."""
    if (file := _file_in(text)) is not None:
        return f"give a file: {key}=@{file}"
    items = [item.strip() for item in text.strip("[](){} ").split(",")]
    # Texts in JSON need quotes, which a shell removes.
    if len(text) > LONGEST_SHOWN or not all(map(number_text.is_number, items)):
        return "write JSON, for example [1.0, 2.0]"
    value = f"[{', '.join(items)}]"
    return f"write JSON: {quoted(f'{key}={value}')}"


def _dict(text: str, key: str) -> dict[str, Json]:
    file = _file_in(text)
    example = f"give a file: {key}=@{file}" if file is not None else """write JSON, for example '{"a": 1.0}'"""
    value = _json(text, key, "a dict", example)
    if not isinstance(value, dict):
        raise _bad(text, key, "a dict", example)
    return value


def _json(text: str, key: str, requested: str, example: str) -> Json:
    try:
        return strict_json(text)
    except ValueError as error:
        reason = (
            f"correct the JSON: {error}"
            if isinstance(error, _NotHeldError | NotADoubleError | DuplicateKeyError)
            else example
        )
        raise _bad(text, key, requested, reason) from error


class _NotHeldError(ValueError):
    """A number that Python's JSON parser accepts and the server cannot hold."""


def strict_json(text: str) -> Json:
    """Parse JSON that the server can hold.

    Raises
    ------
    ValueError
        The JSON is invalid, or contains nan, a number beyond a double, a key twice, or half of a surrogate pair.

    """
    value = finite_json(text)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _NotHeldError("the text has an incomplete character") from error
    return value


def finite_json(text: str) -> Json:
    """Parse JSON with finite numbers.

    Raises
    ------
    ValueError
        The JSON is invalid, or contains nan, a number beyond a double, or a key twice.

    """

    def refuse(constant: str) -> Any:  # noqa: ANN401 - it never returns
        raise _NotHeldError(f"the server cannot store {constant}")

    return from_json(text, parse_constant=refuse, parse_float=double, object_pairs_hook=distinct)


def _bad(text: str, key: str, requested: str, why: str) -> UsageError:
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return InvalidValue(f"{key} must be {requested}, got {shown!r}", hint=why)
