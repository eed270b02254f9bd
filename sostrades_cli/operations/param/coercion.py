"""Turn text into a value of the declared type."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli import number_text
from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES
from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.operations.param.json_hints import dict_hint, file_hint, list_hint
from sostrades_cli.output.text import with_article
from sostrades_cli.safe_parsers import DuplicateKeyError, NotADoubleError, distinct, double, from_json

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
        raise InvalidValue(
            f"{info.name} is a dict of tables and needs a CSV or Excel file",
            hint=file_hint(assignment.text, info.name) or f"give a file: {info.name}=@FILE.csv",
        )
    if assignment.is_text:
        return parse(assignment.text, info.type, info.name)
    # A value from JSON, TOML or Python has a type already, which must be the declared one.
    return coerced(assignment.value, info.type, info.name)


def parse(text: str, declared: str, key: str) -> Json:
    """Return the value of a text for a declared type.

    Raises
    ------
    UsageError
        The text is not a value of that type, or the server cannot hold it.

    """
    return _parser(declared, key, text)(text, key)


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


def coerced(value: Json, declared: str, key: str) -> Json:
    """Return a typed value as the declared type, if it is a value of that type.

    A whole number is an int and a float, however it is written, and 0 and 1 are booleans, because pandas and numpy turn
    ints and booleans beside floats into floats.

    Raises
    ------
    UsageError
        The value is of another type.

    """
    kinds: dict[str, tuple[type, ...]] = {"float": (int, float), "int": (int,), "bool": (bool,), "string": (str,)}
    kind = (list,) if declared in LIST_TYPES else (dict,) if declared in DICT_TYPES else kinds.get(declared)
    if declared in {"dataframe", "array"}:
        return _parser(declared, key, "")("", key)
    # pandas makes every column with a missing value a float column.
    value = _recast(value, declared)
    if kind is not None and (not isinstance(value, kind) or (isinstance(value, bool) and declared != "bool")):
        percent = (
            isinstance(value, str)
            and declared in {"int", "float"}
            and _percent_hint(value.strip(), key, whole=declared == "int")
        )
        why = percent or (
            f"restore the default value with `sostrades param reset STUDY {key}`"
            if value is None
            else f"give {with_article(declared)} instead of {with_article(type(value).__name__)}"
        )
        raise _bad(json.dumps(value), key, with_article(declared), why)
    # The server stores an int in a float as it is, and shows 1 instead of 1.0 from then on.
    return _as_float(value, key) if declared == "float" else value


def _as_float(value: float, key: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise _bad(str(value), key, "a float that the server can store", "give a number below 1.8e308") from error


def _recast(value: Json, declared: str) -> Json:
    """Return a number as the int or the boolean that it is equal to."""
    if declared == "bool" and isinstance(value, int | float) and value in {0, 1}:
        return bool(value)
    if declared == "int" and isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
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
    except TypeError as error:
        why = "give a number, a text, true, false, a list or a dict"
        raise _bad(str(value), key, "a value that the server can store", why) from error
    except ValueError as error:
        raise _bad(json.dumps(value), key, "a value that the server can store", NO_NAN) from error


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


def _parser(declared: str, key: str, text: str) -> Callable[[str, str], Json]:
    if declared in LIST_TYPES:
        return _list
    if declared in DICT_TYPES:
        return _dict
    if declared in {"dataframe", "array"}:
        # The server cannot download an array of two dimensions, so the layout of an array is said here.
        layout = (
            "has one column, `value`" if declared == "array" else f"is that of `sostrades param download STUDY {key}`"
        )
        raise InvalidValue(
            f"{key} is {with_article(declared)} and needs a CSV or Excel file",
            detail="the server would accept this value, and the next run would fail",
            hint=file_hint(text, key) or f"give a file: {key}=@FILE.csv. Its layout {layout}",
        )
    return {"float": _float, "int": _int, "bool": _bool}.get(declared, _string)


def _float(text: str, key: str) -> float:
    plain = text.strip()
    # float() accepts more than the server and than people expect: 1_0, infinity, digits of other scripts.
    if not number_text.is_number(plain):
        if plain.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
            raise _bad(text, key, "a float that the server can store", NO_NAN)
        hint = _percent_hint(plain, key, whole=False) or _respelled(plain)
        raise _bad(text, key, "a float", hint or "give a number, for example 12.5 or 1e-3")
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
    raise _bad(text, key, "an int", _percent_hint(plain, key, whole=True) or _respelled(plain, whole=True) or needs)


def _percent_hint(text: str, key: str, *, whole: bool) -> str | None:
    """Return how to write a percentage as a number, and as a change of the present value, if a text is one."""
    if not text.endswith("%") or not number_text.is_number(text[:-1]) or len(text) > LONGEST_SHOWN:
        return None
    if text[0] in "+-":
        return f"type it on the command line: {key}={text} changes the present value by {text}"
    from fractions import Fraction

    number = text[:-1]
    factor = float(Fraction(number) / 100)
    changes = f"the command line, {key}=+{text} adds {text}, and {key}*={factor} takes {text} of the present value"
    # The unit of the parameter decides between the two numbers, and is not known here.
    return f"on {changes}" if whole else f"write {factor}, or {number} if the unit is %. On {changes}"


def _respelled(text: str, *, whole: bool = False) -> str | None:
    """Return a suggestion how to write the number, or only a ``whole`` number, that a text seems to be."""
    if len(text) > LONGEST_SHOWN or number_text.is_number(text):
        return None
    from sostrades_cli.operations.tables import cells

    readings = cells.readings(text, cells.NUMERIC)
    if whole:
        readings = [reading for reading in readings if number_text.whole(reading) is not None]
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
    value = _json(text, key, "a list", list_hint)
    if not isinstance(value, list):
        raise _bad(text, key, "a list", list_hint(text, key))
    return value


def _dict(text: str, key: str) -> dict[str, Json]:
    value = _json(text, key, "a dict", dict_hint)
    if not isinstance(value, dict):
        raise _bad(text, key, "a dict", dict_hint(text, key))
    return value


def _json(text: str, key: str, requested: str, suggest: Callable[[str, str], str]) -> Json:
    try:
        return strict_json(text)
    except ValueError as error:
        reason = (
            f"correct the JSON: {error}"
            if isinstance(error, _NotHeldError | NotADoubleError | DuplicateKeyError)
            else suggest(text, key)
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
