"""Completion of parameter names: whole names if there are few, else the parts up to the next dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.solver_settings import SOLVER_SETTINGS
from sostrades_cli.study_reference import full_key, short_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.local.cache import CachedParameter

# More names do not fit on a screen, so they are completed part by part, like folders.
MAX_WHOLE_NAMES: Final = 60


def beginning(known: Iterable[str], typed: str, own_name: str) -> list[str]:
    """Return the names that start with the typed text, from the first of three groups that has any.

    The groups are names without the study's ``own_name``, full names, and unique last parts. If no name matches in
    the typed case, case is ignored.
    """
    names = list(known)
    short = [short_key(own_name, name) for name in names]
    groups = (short, names, _unique_last_parts(names))
    # Generators: a group is only searched if the groups before have no match.
    same_case = ([name for name in group if name.startswith(typed)] for group in groups)
    any_case = ([name for name in group if name.casefold().startswith(typed.casefold())] for group in groups)
    matches = next(filter(None, (*same_case, *any_case)), [])
    return _folded(_without_solver(matches), typed) if matches else []


def settable(known: Mapping[str, CachedParameter]) -> dict[str, CachedParameter]:
    """Return the parameters that can be set: inputs, and coupling variables with a start value."""
    return {name: parameter for name, parameter in known.items() if not parameter.is_computed}


def entries(known: Mapping[str, CachedParameter], typed: str, own_name: str) -> list[str]:
    """Return the entries of a dict whose name and a dot are typed.

    The cache has only the default value of a dict, but most changes keep its entries.
    """
    name, dot, start = typed.rpartition(".")
    parameter = named(known, name, own_name) if dot else None
    default = parameter.default[0] if parameter is not None and parameter.default else None
    return [f"{name}.{entry}" for entry in default if entry.startswith(start)] if isinstance(default, dict) else []


def named(known: Mapping[str, CachedParameter], word: str, own_name: str) -> CachedParameter | None:
    """Return the parameter with a name: the full one, one without the study's ``own_name``, or a unique end."""
    full = full_key(own_name, word)
    if word in known or full in known:
        return known.get(word) or known[full]
    matches = [parameter for name, parameter in known.items() if name.endswith(f".{word}")]
    if not matches:
        folded = {name: f".{name}".casefold() for name in known}
        whole = [known[name] for name in known if folded[name] == f".{full}".casefold()]
        matches = whole or [known[name] for name in known if folded[name].endswith(f".{word}".casefold())]
    return matches[0] if len(matches) == 1 else None


def _unique_last_parts(names: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for name in names:
        last = name.rpartition(".")[2]
        counts[last] = counts.get(last, 0) + 1
    return [last for last, count in counts.items() if count == 1]


def _without_solver(names: list[str]) -> list[str]:
    """Leave out the solver's settings, unless there are no other names."""
    return [name for name in names if name.rpartition(".")[2] not in SOLVER_SETTINGS] or names


def _folded(names: list[str], typed: str) -> list[str]:
    """Cut many names after their next dot."""
    # A part that all names share leaves no choice, so the loop continues with the next part.
    length = len(typed)
    while len(names) > MAX_WHOLE_NAMES:
        parts = list(dict.fromkeys(_up_to_dot(name, length) for name in names))
        if len(parts) > 1 or not parts[0].endswith("."):
            return parts
        length = len(parts[0])
    return names


def _up_to_dot(name: str, start: int) -> str:
    dot = name.find(".", start)
    return name if dot < 0 else name[: dot + 1]
