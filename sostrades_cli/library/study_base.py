"""What the parts of a study have in common: its number and the door to its server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sostrades_cli.library.dataframes import frame_of, with_notes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.library.call_scope import CallScope
    from sostrades_cli.output.results import Rows

Found = TypeVar("Found")


class StudyBase:
    """A study of a server."""

    def __init__(self, door: CallScope, number: int) -> None:
        self._door = door
        self._number = number

    def _opened(self) -> AbstractContextManager[App]:
        """Let one call on the study work."""
        return self._door.opened(self._number)

    @property
    def number(self) -> int:
        """The number of the study on its server."""
        return self._number


def shown(app: App, rows: Rows, **options: Any) -> pd.DataFrame:  # noqa: ANN401 - as frame_of takes it
    """Return rows as a DataFrame, and show their notes.

    Raises
    ------
    SostradesError
        The failure of the rows; the DataFrame is its ``result``.

    """
    return noted(app, frame_of(rows, **options), rows.notes, rows.failure)


def noted(app: App, frame: pd.DataFrame, notes: Sequence[str], failure: SostradesError | None = None) -> pd.DataFrame:
    """Show notes, add them to a DataFrame, and return it if it is complete.

    Raises
    ------
    SostradesError
        The failure; the DataFrame is its ``result``.

    """
    if notes:
        app.notes.note("\n".join(notes))
    return complete(with_notes(frame, notes), failure)


def complete(frame: Found, failure: SostradesError | None) -> Found:
    """Return a result if nothing failed.

    Raises
    ------
    SostradesError
        The failure; the incomplete result is its ``result``.

    """
    if failure is not None:
        failure.result = frame
        raise failure
    return frame
