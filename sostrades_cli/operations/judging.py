"""Typing what an assignment wants by what is declared, or refusing it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES
from sostrades_cli.errors import UsageError
from sostrades_cli.operations import contents, csv_check, values
from sostrades_cli.operations.assignments import TYPED, Assignment
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.declaring import Declared


def refuse_unit(assignment: Assignment, declared: Declared) -> None:
    """Refuse a unit that the server would ignore.

    Raises
    ------
    UsageError
        It is not the declared one.

    """
    if assignment.unit is not None and declared.type is not None and assignment.unit != (declared.unit or ""):
        raise UsageError(
            f"{declared.name} is declared in {declared.unit or 'no unit'}, not in {assignment.unit}",
            detail="the server ignores the unit that is sent",
            hint="convert the value; --force sends it as it is",
        )


def refuse_undeclared(value: Json, declared: Declared) -> None:
    """Refuse a value outside what is declared, where read-only mode told it: the next run would fail.

    Raises
    ------
    UsageError
        It is out of range, or none of the possible values.

    """
    seen = declared.seen
    if seen is None:
        return
    if seen.possible_values and not any(values.same(value, choice) for choice in seen.possible_values):
        choices = ", ".join(map(str, seen.possible_values[:20]))
        raise UsageError(f"{declared.name} cannot be {value!r}", hint=f"it takes one of: {choices}")
    if seen.range is not None and isinstance(value, int | float) and not seen.range[0] <= value <= seen.range[1]:
        low, high = seen.range
        raise UsageError(f"{declared.name} cannot be {value!r}", hint=f"it is declared from {low:g} to {high:g}")


def typed(assignment: Assignment, declared: Declared) -> Json:
    """Return the value that an assignment without a file stands for.

    Raises
    ------
    UsageError
        It is of another type, or the server cannot hold it.

    """
    text = assignment.text
    given = assignment.value is not TYPED
    if given:
        values.refuse_not_held(assignment.value, declared.name)
    if declared.type is None:
        value = assignment.value if given else values.parse_undeclared(text, declared.name)
        return _fitting(value, declared)
    if declared.holds_tables:
        raise UsageError(
            f"{declared.name} is a dict of tables: it takes a CSV file, not a value", hint=f"{declared.name}=@FILE.csv"
        )
    if given:
        return values.fitting(assignment.value, declared.type, declared.name)
    return values.parse(text, declared.type, declared.name)


def _fitting(value: Json, declared: Declared) -> Json:
    """Refuse a value that the layout of the present one rules out, where no answer ever told the type."""
    kind = _guessed_type(declared) if declared.content is not None else "single value"
    fits = {"dict": isinstance(value, dict), "array": isinstance(value, list), "dataframe": False}
    if fits.get(kind, True):
        return value
    raise UsageError(
        f"{declared.name} is shown as a {'list or array' if kind == 'array' else kind}: this value does not fit it",
        detail="the server would accept it and the next run would fail",
        hint=f"sostrades param get STUDY {declared.name} shows its layout; tables take {declared.name}=@FILE.csv",
    )


def refuse_untold(declared: Declared) -> None:
    """Refuse a file for what may be a list or an array: as JSON, like a list, an array would make the next run fail.

    Raises
    ------
    UsageError
        No answer ever told the type, and both look like this.

    """
    if declared.type is None and _guessed_type(declared) == "array":
        raise UsageError(
            f"whether {declared.name} is a list or an array cannot be learned from this server",
            detail="a list goes as JSON; sent so, an array would be accepted and the next run would fail",
            hint=f"if it is a list: {declared.name}:='[1.0, 2.0]'; after a finished run its type is known",
        )


def file_kind(declared: Declared) -> str:
    """Return what the declared type asks of the columns of a file: ``any``, ``one`` or ``variable``.

    Raises
    ------
    UsageError
        The parameter takes no file.

    """
    kind = declared.type or _guessed_type(declared)
    if kind == "dataframe":
        return "any"
    if kind == "array" or kind in LIST_TYPES:
        return "one"
    if kind in DICT_TYPES:
        return "variable"
    raise UsageError(
        f"{declared.name} is {with_article(kind)}: it takes a value, not a file",
        detail="the server would store a table in its place",
        hint=f"{declared.name}=VALUE",
    )


def _guessed_type(declared: Declared) -> str:
    """Guess a type from the layout of a download, where no answer ever told it."""
    content = declared.content or b""
    if contents.scalar_text(content) is not None:
        return "single value"
    first_line = content.partition(b"\n")[0]
    return {b"variable,value": "dict", b"value": "array"}.get(first_line, "dataframe")


def from_file(path: Path, declared: Declared, label: str | None = None) -> Json:
    """Read the file of a list or a dict as the value that is sent in its place; ``label`` is what to call it.

    Raises
    ------
    UsageError
        A cell is nothing that the server can hold.

    """
    table, called = islice(csv_check.read(path), 1, None), label or str(path)
    if (declared.type or _guessed_type(declared)) not in DICT_TYPES:
        return [_cell(row[0], called, line) for line, row in table]
    found = {}
    for line, row in table:
        if len(row) != 2:  # noqa: PLR2004 - variable and value
            raise UsageError(
                f"{called}: {declared.name} takes two columns, variable and value", hint="KEY='{...}' is JSON"
            )
        found[row[0]] = _cell(row[1], called, line)
    return found


def _cell(text: str, called: str, line: int) -> Json:
    """Read a cell as the server would, and refuse what it cannot hold."""
    value = contents.literal(text)
    if not values.can_be_held(value, text):
        raise UsageError(
            f"{called}, line {line}: the server cannot hold {text}",
            hint="nan and inf come back as no value: write None",
        )
    return value
