"""Check that the elements of new lists and dicts are of the same kinds as the present ones.

The server accepts any elements, and the next run fails. The kinds of the present elements are the only sign of those
that the model takes, because the server shows no types of elements.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli import number_text
from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES, UNKNOWN, has_tables
from sostrades_cli.errors import InvalidValue
from sostrades_cli.output.text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.metadata import ParameterInfo

SHOWN: Final = 5
NUMBER, TEXT, BOOL, LIST, DICT, NULL = "a number", "a text", "a bool", "a list", "a dict", "null"
_KINDS: Final[dict[type, str]] = {
    bool: BOOL,
    int: NUMBER,
    float: NUMBER,
    str: TEXT,
    list: LIST,
    dict: DICT,
    type(None): NULL,
}
# Values of the kind that the server declares for all elements of a list.
_DECLARED: Final[dict[str, Json]] = {
    "string_list": [""],
    "float_list": [0.0],
    "int_list": [0],
    "dict_list": [{}],
    "string_list_list": [[""]],
}


class _Misfit(NamedTuple):
    """An element of another kind: its position, the element, and the kind of the present elements."""

    position: str
    element: Json
    kind: str


def validate_elements(new: Json, present: Json, info: ParameterInfo, *, of_file: bool = False) -> None:
    """Reject a list or a dict with elements of other kinds than the ``present`` value has.

    A value without elements is compared with the declared type of the list, or else with the default value. ``of_file``
    says that the new value was read from a CSV file or a sheet.

    Raises
    ------
    InvalidValue
        An element is of another kind.

    """
    if not isinstance(new, list | dict) or has_tables(present) or has_tables(new):
        return
    reference = present if _has_elements(present) else _reference(info, present)
    # A download shows the text '1' and the number 1 alike.
    is_download = info.parameter is None
    if of_file or is_download:
        # A text among the numbers of a file makes all of them texts, and is the only wrong cell.
        validate_entry(new, reference, info.name, as_shown=True)
    if not is_download:
        validate_entry(new, reference, info.name)


def validate_entry(new: Json, present: Json, name: str, *, as_shown: bool = False) -> None:
    """Reject a value, or the elements in it, of other kinds than the ``present`` one. ``name`` is that of the entry.

    ``as_shown`` allows texts that look like numbers in place of numbers.

    Raises
    ------
    InvalidValue
        A kind differs.

    """
    misfits = list(_misfits(new, [present], ""))
    if as_shown:
        misfits = [item for item in misfits if not _is_as_shown(item.element, item.kind)]
    if not misfits:
        return
    shown = [f"{_shown(item.element)}{_position(item.position)}" for item in misfits[:SHOWN]]
    more = f" and {len(misfits) - SHOWN} more" if len(misfits) > SHOWN else ""
    verb = "contain" if misfits[0].position else "be"
    raise InvalidValue(
        f"{name} cannot {verb} {', '.join(shown)}{more} in place of {_kinds(misfits)}",
        detail="the server would accept this value, and the next run would fail",
        hint=f"write {_kinds(misfits)}. To change the kind, use `sostrades param set` with --force",
    )


def present_elements(info: ParameterInfo) -> Json:
    """Return the present value of a list or a dict for ``validate_elements``, ``None`` if it is unknown."""
    if info.parameter is not None:
        return info.parameter.value
    if info.content is None:
        return None
    from sostrades_cli.operations.tables import downloads

    return downloads.value_of(info.content, info.type)


def unknown_kind(new: Json, present: Json, info: ParameterInfo) -> str | None:
    """Return a note on new elements that cannot be compared, because no present or default elements are known."""
    known = _has_elements(present) or has_tables(present) or _has_elements(_reference(info, present))
    if known or not _has_elements(new):
        return None
    kinds = dict.fromkeys(_KINDS.get(type(item), NULL) for item in _elements(new))
    return f"the kinds of its elements are unknown, so {' and '.join(kinds)} may not fit"


def _reference(info: ParameterInfo, present: Json) -> Json:
    """Return a value of the declared kind: an example of the type, or the default value."""
    if info.type in _DECLARED:
        return _DECLARED[info.type]
    # The default may be of another kind than a present value that the server does not show.
    if present is None and info.parameter is None and not info.empty:
        return None
    default = info.cached.default[0] if info.cached is not None and info.cached.default else None
    return None if default is UNKNOWN or info.type not in LIST_TYPES | DICT_TYPES else default


def _has_elements(value: Json) -> bool:
    return isinstance(value, list | dict) and any(item is not None for item in _elements(value))


def _elements(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _misfits(new: Json, present: Sequence[Json], position: str) -> Iterator[_Misfit]:
    """Yield the elements that differ in kind from those of all ``present`` values; ``None`` is an unknown one."""
    dicts = [value for value in present if isinstance(value, dict)]
    lists = [value for value in present if isinstance(value, list)]
    if isinstance(new, dict) and dicts:
        everything = [item for value in dicts for item in value.values()]
        for key, item in new.items():
            same_key = [value[key] for value in dicts if value.get(key) is not None]
            yield from _against(item, same_key or everything, f"{position}.{key}" if position else key)
    elif isinstance(new, list) and lists:
        known = [item for value in lists for item in value]
        for index, item in enumerate(new):
            yield from _against(item, known, f"{position}[{index}]")
    else:
        yield from _against(new, present, position)


def _against(item: Json, present: Sequence[Json], position: str) -> Iterator[_Misfit]:
    """Yield the misfits of one element, which is compared with several present ones."""
    kinds = {_KINDS.get(type(other), TEXT) for other in present} - {NULL}
    # Elements of several kinds do not show which kind the model takes here.
    if len(kinds) != 1:
        return
    (kind,) = kinds
    if item is None:
        if None not in present:
            yield _Misfit(position, item, kind)
    elif _KINDS.get(type(item), TEXT) != kind:
        yield _Misfit(position, item, kind)
    elif isinstance(item, list | dict):
        yield from _misfits(item, present, position)


def _is_as_shown(item: Json, kind: str) -> bool:
    """Return whether a download may show an element like a value of a kind."""
    # The download of a list of lists has the rows of a list.
    if isinstance(item, list):
        return all(_KINDS.get(type(inner), TEXT) == kind or _is_as_shown(inner, kind) for inner in item)
    if not isinstance(item, str):
        return False
    return number_text.is_number(item) if kind == NUMBER else kind == BOOL and item in {"True", "False"}


def _position(path: str) -> str:
    """Return the position of an element in words: its index, or its keys."""
    if not path:
        return ""
    index = path[1:-1]
    return f" (index {index})" if index.isdecimal() else f" ({'element' if path[0] == '[' else 'entry'} {path})"


def _shown(element: Json) -> str:
    return shortened(json.dumps(element, ensure_ascii=False))


def _kinds(misfits: Sequence[_Misfit]) -> str:
    return " or ".join(dict.fromkeys(item.kind for item in misfits))
