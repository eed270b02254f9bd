"""What the parts of a study have in common: its number and the door to its server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sostrades_cli.library.dataframes import frame_of

if TYPE_CHECKING:
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
    """Return a result as a DataFrame, and tell its note.

    Raises
    ------
    SostradesError
        The error that the result stands for; the table is its ``result``.

    """
    if rows.note:
        app.notes.note(rows.note)
    return complete(frame_of(rows, **options), rows.failure)


def complete(frame: Found, failure: SostradesError | None) -> Found:
    """Return what was found if that is all.

    Raises
    ------
    SostradesError
        The error that stands for the rest; what was found is its ``result``.

    """
    if failure is not None:
        failure.result = frame
        raise failure
    return frame
