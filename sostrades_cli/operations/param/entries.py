"""Set single entries of a dict: ``Macro.shares.coal=0.5`` changes one entry and keeps all others exactly."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import InvalidValue, NotFound, NoValue, ServerFault, UsageError
from sostrades_cli.operations.param import coercion, elements, relative
from sostrades_cli.operations.param.json_hints import whole_value_hint
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.operations.tables import downloads, json_values
from sostrades_cli.operations.tables.sent_tables import last_change
from sostrades_cli.output.text import listed
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.local.journal import Journal
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.metadata import ParameterInfo

SHOWN: Final = 3
_KINDS: Final[dict[type, str]] = {bool: "bool", int: "int", float: "float", str: "string", list: "list", dict: "dict"}


@dataclass(frozen=True, slots=True)
class EntryChange:
    """The new value of one entry of a dict; ``path`` are the keys that lead to it, ``old`` is ``None`` if it is new."""

    info: ParameterInfo
    path: tuple[str, ...]
    old: Json
    new: Json

    @property
    def name(self) -> str:
        """The full name of the parameter, with the keys behind it."""
        return ".".join((self.info.name, *self.path))


def path_of(value: Json, dotted: str) -> tuple[str, ...] | None:
    """Return the keys that lead to an entry of a dict, ``None`` if there is none; keys may contain dots."""
    if not isinstance(value, dict):
        return None
    # A key may itself contain dots, so the whole text is tried before its first part.
    if dotted in value:
        return (dotted,)
    for key, inner in value.items():
        if dotted.startswith(f"{key}.") and (rest := path_of(inner, dotted[len(key) + 1 :])) is not None:
            return (key, *rest)
    return None


def plan_entry(
    assignment: Assignment,
    info: ParameterInfo,
    dotted: str,
    present: dict[str, Json],
    journal: Journal,
    *,
    force: bool,
) -> EntryChange:
    """Return the change of one entry; ``force`` allows a new entry, and elements of another kind.

    Raises
    ------
    NotFound
        The dict has no such entry.
    InvalidValue
        The entry does not take the value.

    """
    name = f"{info.name}.{dotted}"
    # A list from Python has a file, too, in case the parameter is an array.
    if assignment.file is not None and assignment.is_text:
        raise InvalidValue(
            f"{name} is an entry of a dict and takes no file", hint=f"give the whole dict: {info.name}=@FILE.csv"
        )
    path = path_of(present, dotted)
    if path is None and not force:
        raise unknown_entry(info.name, dotted, present, "add --force to add the entry")
    path = path or _new_path(present, dotted)
    old = at(present, path)
    change = assignment.relative
    # `+10%` is a plain text for an entry that has a text.
    if change is None or (change.may_be_text and isinstance(old, str)):
        new = _typed(assignment, old, name)
        if not force:
            elements.validate_entry(new, old, name)
        return EntryChange(info, path, old, new)
    kind = relative.number_type(change, _KINDS.get(type(old), "missing value"), name)
    if not force:
        relative.require_first_time(change, present, info.name, journal)
    return EntryChange(info, path, old, relative.applied(change, old, kind, name))


def _typed(assignment: Assignment, old: Json, name: str) -> Json:
    """Return the value of an assignment; a text is converted to the type of the present entry."""
    if not assignment.is_text:
        coercion.validate_allowed(assignment.value, name)
        # The server would show 1 instead of 1.0 from then on.
        is_whole = type(assignment.value) is int and type(old) is float
        return coercion.coerced(assignment.value, "float", name) if is_whole else assignment.value
    # An entry that is new or null has no type to follow.
    declared = _KINDS.get(type(old))
    if declared is None:
        return coercion.parse_undeclared(assignment.text, name)
    return coercion.parse(assignment.text, declared, name)


def present_dict(context: Context, study: int, info: ParameterInfo, journal: Journal) -> dict[str, Json]:
    """Return the exact present value of a dict, from which a change of one entry starts.

    Raises
    ------
    InvalidValue
        The server does not show all types and digits of the dict, so the other entries could change.

    """
    try:
        content = context.api.parameters.content(study, info.name)
    except NoValue as error:
        raise _inexact(info, "it has no value") from error
    except ServerFault as error:
        raise _inexact(info, "the server cannot download it") from error
    # The download has the present digits, and a candidate that it agrees with has their types.
    for value in _candidates(context, study, info, journal):
        if isinstance(value, dict) and not has_tables(value) and downloads.holds(content, value, info.type):
            _require_no_lost_types(info, value, content, journal)
            return value
    present = downloads.value_of(content, info.type)
    if has_tables(present):
        raise _inexact(info, "it contains tables or arrays")
    raise _inexact(info, "this server does not show the types of its entries", whole_value_hint(info.name, present))


def _candidates(context: Context, study: int, info: ParameterInfo, journal: Journal) -> Iterator[Json]:
    """Yield values with types that the dict may have; only a load shows the present one for certain."""
    if info.parameter is not None:
        yield info.parameter.value
        return
    last = last_change(journal.entries(), info.name)
    # A dict that was sent as a file is not in the journal as JSON.
    if last is not None and last.new_sent is None:
        yield last.new
    # These are the values of the last run, so the caller compares them with the download.
    finished = read_only_parameters(context, study)
    if info.name in finished:
        yield finished[info.name].value


def _require_no_lost_types(info: ParameterInfo, value: dict[str, Json], content: bytes, journal: Journal) -> None:
    """Reject a dict that JSON does not represent: with nan, infinity, or whole numbers as keys."""
    cells = {row[0]: row[1] for row in downloads.rows(content)[1:] if len(row) > 1}
    plain = [(entry, cells.get(key, "")) for key, entry in value.items() if not isinstance(entry, str)]
    # A download and a load show nan and None alike, except in nested dicts.
    if any(entry is None or not coercion.can_be_held(entry, cell) for entry, cell in plain):
        raise _inexact(info, "it contains nan or inf, or entries without a value")
    last = last_change(journal.entries(), info.name)
    sent_as_texts = last is not None and last.new_sent is None and last.new == value
    if json_values.integer_keys(value) and not sent_as_texts:
        raise _inexact(info, "its keys may be whole numbers, which JSON turns into texts")


def _inexact(info: ParameterInfo, why: str, hint: str = "") -> InvalidValue:
    file = f"{info.name}=@FILE.csv"
    return InvalidValue(
        f"a single entry of {info.name} cannot be set: {why}",
        detail="the other entries might not stay as they are",
        hint=hint or f"give the whole dict as a file: `sostrades param download STUDY {info.name}`, then {file}",
    )


def require_separate(change: EntryChange, others: Sequence[EntryChange]) -> None:
    """Reject a second value for an entry, or for a part of an entry.

    Raises
    ------
    UsageError
        One of the paths is the beginning of the other.

    """
    for other in others:
        length = min(len(change.path), len(other.path))
        if change.info.name == other.info.name and change.path[:length] == other.path[:length]:
            same = change.path == other.path
            raise UsageError(
                f"{change.name} is set twice" if same else f"{other.name} and {change.name} are both set",
                hint="give one value for each entry",
            )


def merged(present: dict[str, Json], changes: Sequence[EntryChange]) -> dict[str, Json]:
    """Return a dict with new entries; all others stay, and so does their order."""
    # It may be the object of the load, which is the old value of this plan.
    value = copy.deepcopy(present)
    for change in changes:
        inner = value
        for key in change.path[:-1]:
            inner = inner[key]
        inner[change.path[-1]] = change.new
    return value


def removed(old: Json, new: Json, prefix: str = "") -> list[str]:
    """Return the entries of a dict that a new value does not have, with the keys above them."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return []
    names = [f"{prefix}{key}" for key in old if key not in new]
    for key in filter(new.__contains__, old):
        names += removed(old[key], new[key], f"{prefix}{key}.")
    return names


def removal_note(old: Json, new: Json) -> str | None:
    """Return a note on the entries that a new value of a dict removes."""
    names = removed(old, new)
    return f"removes from the dict: {listed(names)}" if names else None


def at(value: Json, path: Sequence[str]) -> Json:
    """Return the entry that some keys lead to, ``None`` if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _new_path(value: dict[str, Json], dotted: str) -> tuple[str, ...]:
    """Return the path of a new entry: the keys that exist, then one new key."""
    for key, inner in value.items():
        if isinstance(inner, dict) and dotted.startswith(f"{key}."):
            return (key, *_new_path(inner, dotted[len(key) + 1 :]))
    return (dotted,)


def unknown_entry(name: str, dotted: str, present: dict[str, Json], hint: str) -> NotFound:
    """Return the error for an entry that a dict does not have, with suggestions."""
    path = _new_path(present, dotted)
    around = at(present, path[:-1])
    close = closest(path[-1], around, SHOWN, alike=0.5) if isinstance(around, dict) else []
    return NotFound(
        f"the dict {'.'.join((name, *path[:-1]))} has no entry {path[-1]}",
        detail=f"did you mean {' or '.join(close)}?" if close else f"its entries: {listed(list(around))}",
        hint=hint,
    )
