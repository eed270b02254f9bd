"""Finding parameters by what people type: a full name, a unique end of it, or a glob."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

GLOB: Final = frozenset("*?")
SHOWN: Final = 3
# Every coupling has them, and a study is one.
OF_THE_WHOLE: Final = frozenset({"inner_mda_name", "max_mda_iter", "n_processes", "use_threading"})
NO_NAMES: Final = "the names of this study cannot be learned from this server now: give the full name"


def find(key: str, names: Collection[str], study: int) -> str:
    """Return the one full name that a key stands for.

    Raises
    ------
    NotFound
        Nothing fits; the message has the closest names.
    UsageError
        More than one fits.

    """
    if key in names:
        return key
    if (whole := f"{own_name(names)}.{key}") in names:
        return whole
    fitting = [name for name in names if name.endswith(f".{key}")] or matching(key, names)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        shown = ", ".join(fitting[:SHOWN]) + (" ..." if len(fitting) > SHOWN else "")
        raise UsageError(
            f"{key} stands for {len(fitting)} parameters: {shown}", hint="type more of the name", study=study
        )
    raise unknown(key, names, study)


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """Return the names that a glob fits; ``[`` is a letter like any other, since names hold it."""
    if not GLOB & set(pattern):
        return []
    escaped = pattern.replace("[", "[[]")
    return [name for name in names if fnmatchcase(name, escaped)]


def fitting(names: Iterable[str], match: str) -> list[str]:
    """Return the names that fit a glob, or hold this text where it is none."""
    return matching(match, names) if GLOB & set(match) else [name for name in names if match in name]


def own_name(names: Iterable[str]) -> str:
    """Return the study's own name, which stands in front of every parameter's.

    It may hold dots: settings that a study as a whole has tell where it ends.
    """
    all_names = list(names)
    for name in sorted(all_names, key=len):
        node, _, variable = name.rpartition(".")
        if variable in OF_THE_WHOLE and all(other.startswith(f"{node}.") for other in all_names):
            return node
    return all_names[0].partition(".")[0] if all_names else ""


def unknown(key: str, names: Collection[str], study: int) -> NotFound:
    """Make the error for a name that nothing fits."""
    close = closest(key, names, SHOWN, alike=0.5) or _by_last_part(key, names)
    return NotFound(
        f"no parameter {key} in study {study}",
        detail=f"closest: {', '.join(close)}" if close else None if names else NO_NAMES,
        hint=f"sostrades param list {study}",
        study=study,
    )


def none_fits(match: str, names: Collection[str]) -> str:
    """Say that nothing fits, with the closest names."""
    meant = match.strip("*?.")
    close = closest(meant, names, SHOWN, alike=0.5) or _by_last_part(meant, names)
    return f"nothing fits {match}" + (f"; closest: {', '.join(close)}" if close else "")


def _by_last_part(key: str, names: Collection[str]) -> list[str]:
    ends = {name.rpartition(".")[2]: name for name in names}
    return [ends[end] for end in closest(key.rpartition(".")[2], ends, SHOWN)]
