"""The options that select parameters, without the selection itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

INPUT, OUTPUT, SOLVER = "input", "output", "solver setting"


class Filters(NamedTuple):
    """The requested parameters. Without ``inputs``, ``outputs`` or ``solver``, all but solver settings are shown.

    ``match`` is a glob or a part of a name. ``types`` and ``units`` accept any of their items. ``node`` is a part of
    the tree, ``changed`` selects inputs that differ from their defaults, and ``everything`` adds solver settings.
    ``sort`` is ``parameter`` or a field of a parameter.
    """

    match: str | None = None
    inputs: bool = False
    outputs: bool = False
    solver: bool = False
    types: Sequence[str] = ()
    units: Sequence[str] = ()
    node: str | None = None
    changed: bool = False
    sort: str | None = None
    everything: bool = False

    @property
    def groups(self) -> set[str]:
        """Return the requested groups; none stands for the usual ones."""
        return {
            group
            for group, is_wanted in ((INPUT, self.inputs), (OUTPUT, self.outputs), (SOLVER, self.solver))
            if is_wanted
        }

    @property
    def needs_inputs(self) -> bool:
        """Return whether inputs or solver settings can be among the requested parameters."""
        return self.inputs or self.solver or not self.outputs

    @property
    def needs_outputs(self) -> bool:
        """Return whether outputs can be among the requested parameters."""
        return self.outputs or not (self.inputs or self.solver or self.changed)

    @property
    def is_set(self) -> bool:
        """Return whether parameters other than solver settings are left out."""
        return self._replace(sort=None, everything=False) != Filters()
