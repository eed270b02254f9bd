"""Which parameters of a study are shown, and which are hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.operations.param import name_lookup
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Parameter


class ParameterSelection(NamedTuple):
    """The names of the parameters that match, and of those of them that are shown.

    ``note`` explains an empty selection.
    """

    parameters: Mapping[str, Parameter]
    matching: list[str]
    shown: list[str]
    note: str | None = None


def choose(parameters: Mapping[str, Parameter], *, match: str | None, everything: bool) -> ParameterSelection:
    """Select parameters by a glob, or by a part of their names, and hide solver settings unless ``everything``."""
    matching = list(parameters) if match is None else name_lookup.fitting(parameters, match)
    shown = [name for name in matching if everything or not parameters[name].is_solver_setting]
    note = name_lookup.none_fits(match, parameters) if match is not None and not matching else None
    if matching and not shown:
        verb = "matches" if len(matching) == 1 else "match"
        note = f"only {counted(len(matching), 'solver setting')} {verb}, add --all to show them"
    return ParameterSelection(parameters, matching, shown, note)
