"""Names of parameters that begin as typed: few as they are, many by the next of their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.solver_settings import SOLVER_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.local.cache import CachedParameter

# More than these do not fit a screen: then the parts of names come first, as folders do.
MOST_WHOLE: Final = 60


def beginning(known: Iterable[str], typed: str, own: str) -> list[str]:
    """Return what may be meant: names without the study's ``own`` in front, whole names, else unique ends of names."""
    names = list(known)
    short = [name.removeprefix(f"{own}.") for name in names]
    groups = (short, names, _unique_ends(names))
    as_typed = ([name for name in group if name.startswith(typed)] for group in groups)
    in_any_case = ([name for name in group if name.casefold().startswith(typed.casefold())] for group in groups)
    found = next(filter(None, (*as_typed, *in_any_case)), [])
    return _folded(_without_solver(found), typed) if found else []


def settable(known: Mapping[str, CachedParameter]) -> list[str]:
    """Return the names of what can be set: inputs, and coupling variables with a start value."""
    return [name for name, seen in known.items() if not seen.is_computed]


def named(known: Mapping[str, CachedParameter], word: str, own: str) -> CachedParameter | None:
    """Return what was seen of a parameter by a name as typed; ``own`` is the study's own name."""
    if word in known or f"{own}.{word}" in known:
        return known.get(word) or known[f"{own}.{word}"]
    found = [seen for name, seen in known.items() if name.endswith(f".{word}")]
    if not found:
        folded = {name: f".{name}".casefold() for name in known}
        whole = [known[name] for name in known if folded[name] == f".{own}.{word}".casefold()]
        found = whole or [known[name] for name in known if folded[name].endswith(f".{word}".casefold())]
    return found[0] if len(found) == 1 else None


def _unique_ends(names: list[str]) -> list[str]:
    ends: dict[str, int] = {}
    for name in names:
        end = name.rpartition(".")[2]
        ends[end] = ends.get(end, 0) + 1
    return [end for end, count in ends.items() if count == 1]


def _without_solver(names: list[str]) -> list[str]:
    """Leave out the solver's settings, unless nothing else is meant."""
    return [name for name in names if name.rpartition(".")[2] not in SOLVER_SETTINGS] or names


def _folded(names: list[str], typed: str) -> list[str]:
    """Return many names by their parts up to the next dot; a part that all of them have is no choice."""
    length = len(typed)
    while len(names) > MOST_WHOLE:
        parts = list(dict.fromkeys(_up_to_dot(name, length) for name in names))
        if len(parts) > 1 or not parts[0].endswith("."):
            return parts
        length = len(parts[0])
    return names


def _up_to_dot(name: str, start: int) -> str:
    dot = name.find(".", start)
    return name if dot < 0 else name[: dot + 1]
