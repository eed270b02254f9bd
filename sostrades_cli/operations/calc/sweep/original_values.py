"""Restore the original values of the studies of a sweep at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError, stopped_by
from sostrades_cli.operations.calc.sweep.baseline import restore_baseline
from sostrades_cli.operations.history.recorder import journal_of
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.study_locks import pending_sweep, restoring_hint
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.local.journal import JournalEntry
    from sostrades_cli.operations.calc.sweep.baseline import Baseline
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


class OriginalValues:
    """The original values of a study. ``baseline`` is recorded in its journal."""

    def __init__(self, context: Context, listed: ListedParameters, baseline: Baseline) -> None:
        self.study = listed.study
        self.own_name = listed.name
        self._context = context
        self._baseline = baseline
        # True if a value changed: the server then shows no finished run, and the outputs are those of the last case.
        self.lacks_results = False

    def pending(self) -> JournalEntry | None:
        """Return the entry of the original values as long as they are not restored."""
        return pending_sweep(journal_of(self._context, self.study).entries())

    def own_value(self, key: str) -> Json:
        """Return the original value of a parameter, or the placeholder of a table."""
        name = full_key(self.own_name, key)
        return next((change.old for change in self._baseline.changes if change.key == name), None)

    def assignments_without(self, names: Collection[str]) -> list[Assignment]:
        """Return assignments of the original values of all parameters except those with these full names."""
        changes = [change for change in self._baseline.changes if change.key not in names]
        return assignments_to_restore(self._context, journal_of(self._context, self.study), changes, self.study)

    def restore(self) -> None:
        """Restore and verify the original values, and record this in the journal.

        Raises
        ------
        SostradesError
            A value could not be restored.

        """
        self.lacks_results = restore_baseline(self._context, self.study, self._baseline)


def restore_each(originals: Sequence[OriginalValues], stopped: BaseException | None = None) -> None:
    """Restore the original values of every study. ``stopped`` is the signal that has ended the command, if any.

    Raises
    ------
    SostradesError
        Some studies may not have their original values. The error lists them. After a signal, it is that of the signal.

    """
    left, failures = list(originals), []
    try:
        for original in originals:
            try:
                original.restore()
                left.remove(original)
            except SostradesError as error:
                # A failure must not keep the other studies from being restored.
                failures.append(error)
    except KeyboardInterrupt as error:
        kind, word = stopped_by(stopped or error)
        raise _unrestored(left, kind(f"{word} while the original values were restored")) from error
    if failures:
        failure = failures[0]
        if stopped is not None:
            kind, word = stopped_by(stopped)
            failure = kind(f"{word}, and then {failure.message}", detail=failure.detail)
        raise _unrestored(left, failure) from failures[0]


def named_studies(studies: Sequence[int]) -> str:
    """Return the numbers of studies in words: ``study 21``, ``studies 21, 22``."""
    return f"{'study' if len(studies) == 1 else 'studies'} {', '.join(map(str, studies))}"


def _unrestored(originals: Sequence[OriginalValues], error: SostradesError) -> SostradesError:
    """Return the error for studies without their original values, with the commands that restore them."""
    studies = named_studies([original.study for original in originals])
    pending = [entry for original in originals if (entry := original.pending()) is not None]
    return error.reworded(
        f"the original values of {studies} may not be restored: {error.message}",
        hint=restoring_hint(pending) if pending else error.hint,
        study=originals[0].study,
        in_doubt=True,
    )
