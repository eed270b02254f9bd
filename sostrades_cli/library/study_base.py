"""The common base of a study's parts: number and call scope; return of incomplete results."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sostrades_cli.library.dataframes import with_notes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.library.call_scope import CallScope

ResultT = TypeVar("ResultT")


class StudyBase:
    """A study on a server."""

    def __init__(self, scope: CallScope, number: int) -> None:
        self._scope = scope
        self._number = number

    def _opened(self) -> AbstractContextManager[App]:
        """Open the scope of one call on this study."""
        return self._scope.opened(self._number)

    @property
    def number(self) -> int:
        """Return the number of the study on its server."""
        return self._number


def noted(app: App, frame: pd.DataFrame, notes: Sequence[str], failure: SostradesError | None = None) -> pd.DataFrame:
    """Log notes, store them in a DataFrame, and return it if it is complete.

    Raises
    ------
    SostradesError
        The failure; its ``result`` is the DataFrame.

    """
    if notes:
        app.notes.inform("\n".join(notes))
    return complete(with_notes(frame, notes), failure)


def complete(frame: ResultT, failure: SostradesError | None) -> ResultT:
    """Return a result if there is no failure.

    Raises
    ------
    SostradesError
        The failure; its ``result`` is the incomplete result.

    """
    if failure is not None:
        # A caller can continue with the incomplete result.
        failure.result = frame
        raise failure
    return frame
