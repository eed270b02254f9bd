"""The original values of the studies of a sweep, and how they are restored at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError, stopped_by
from sostrades_cli.operations.calc.sweep.baseline import restore_baseline
from sostrades_cli.operations.history.recorder import journal_of
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.baseline import Baseline
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


class OriginalValues:
    """The original values of a study; ``baseline`` is recorded in its journal."""

    def __init__(self, context: Context, listed: ListedParameters, baseline: Baseline) -> None:
        self.study = listed.study
        self.own_name = listed.name
        self._context = context
        self._baseline = baseline
        # A change makes the server discard the status of the run; its outputs stay those of the last case.
        self.lacks_results = False

    def own_value(self, key: str) -> Json:
        """Return the original value of a parameter, for a table its placeholder."""
        name = full_key(self.own_name, key)
        return next((change.old for change in self._baseline.changes if change.key == name), None)

    def assignments_without(self, names: Collection[str]) -> list[Assignment]:
        """Return assignments of the original values of all parameters but those with these full names."""
        changes = [change for change in self._baseline.changes if change.key not in names]
        return assignments_to_restore(self._context, journal_of(self._context, self.study), changes, self.study)

    def restore(self) -> None:
        """Restore and verify the original values, and record it in the journal.

        Raises
        ------
        SostradesError
            A value could not be restored.

        """
        self.lacks_results = restore_baseline(self._context, self.study, self._baseline)


def restore_each(originals: Sequence[OriginalValues]) -> None:
    """Restore the original values of every study.

    Raises
    ------
    SostradesError
        Some studies may not have their original values. The error lists them.

    """
    left, failures = list(originals), []
    try:
        for original in originals:
            try:
                original.restore()
                left.remove(original)
            except SostradesError as error:
                # The other studies must be restored all the same.
                failures.append(error)
    except KeyboardInterrupt as error:
        kind, word = stopped_by(error)
        raise _unrestored(left, kind(f"{word} while the original values were restored")) from error
    if failures:
        raise _unrestored(left, failures[0]) from failures[0]


def _unrestored(originals: Sequence[OriginalValues], error: SostradesError) -> SostradesError:
    """Return the error for studies without their original values, with the commands that restore them."""
    commands = " and ".join(f"`sostrades param undo {original.study} --yes --force`" for original in originals)
    numbers = ", ".join(str(original.study) for original in originals)
    return error.reworded(
        f"the original values of {'study' if len(originals) == 1 else 'studies'} {numbers} may not be restored: "
        f"{error.message}",
        hint=f"restore them with {commands}",
        study=originals[0].study,
        in_doubt=True,
    )
