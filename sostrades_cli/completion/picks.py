"""Rows of a picker: studies and parameters. Unlike TAB, it shows whole names and not parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.completion import parameter_names
from sostrades_cli.operations.study.cached_studies import list_studies
from sostrades_cli.output.text import counted
from sostrades_cli.output.times import time_cell
from sostrades_cli.solver_settings import SOLVER_SETTINGS
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from datetime import datetime

    from sostrades_cli.completion.known_names import KnownNames
    from sostrades_cli.local.cache import CachedParameter


class Pick(NamedTuple):
    """A word of the command line, its row in the picker, and a description."""

    word: str
    row: str
    about: str = ""


def studies(known: KnownNames, now: datetime) -> list[Pick]:
    """Return the studies used on this computer, the latest first, then studies that only have an alias."""
    if known.cache is None:
        return []
    picks = []
    for listed in list_studies(known.cache, known.usable_aliases):
        alias = f"({listed.alias})" if listed.alias else None
        row = "  ".join(filter(None, (str(listed.study), listed.name, alias)))
        count = counted(listed.parameters, "parameter") if listed.parameters else None
        last_use = time_cell(listed.last_seen, now).brief
        picks.append(Pick(str(listed.study), row, ", ".join(filter(None, (last_use, count)))))
    return picks


def keys(known: KnownNames, study: int | None, *, settable: bool = False) -> list[Pick]:
    """Return the parameters of a study, or those that can be set, by their names without the study's own.

    Solver settings follow all others.
    """
    parameters = known.parameters(study)
    own_name = known.own_name(study, parameters)
    offered = parameter_names.settable(parameters) if settable else parameters
    names = sorted(offered, key=lambda name: name.rpartition(".")[2] in SOLVER_SETTINGS)
    return [Pick(short, short, _about(parameters[name])) for name in names for short in [short_key(own_name, name)]]


def _about(parameter: CachedParameter) -> str:
    kind = "output" if parameter.io_type == "out" else ""
    return "  ".join(filter(None, (parameter.type, parameter.unit, kind)))
