"""Two studies beside each other: their inputs, their charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.charts import remark
from sostrades_cli.library.client_base import ClientBase
from sostrades_cli.library.dataframes import frame_from, frame_of_items, with_notes
from sostrades_cli.library.study_base import StudyBase, complete, noted
from sostrades_cli.operations.postproc.compare_studies import compare_charts
from sostrades_cli.operations.postproc.diff import PointPair, SeriesDifference
from sostrades_cli.operations.study.reference import side
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.operations.study.snapshot.sources import take_side
from sostrades_cli.operations.tables.equality import Tolerance
from sostrades_cli.output.text import listed

if TYPE_CHECKING:
    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.library.client_base import Named
    from sostrades_cli.operations.postproc.diff import ChartDiff
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry

SIDES: Final = ("a", "b")


class ComparisonMethods(ClientBase):
    """What a client does with two studies."""

    def diff(
        self,
        a: Named | Path,
        b: Named | Path,
        *,
        match: str | None = None,
        outputs: bool = False,
        rtol: float = 0.0,
        atol: float = 0.0,
    ) -> pd.DataFrame:
        """Compare the inputs of two studies, or of folders that studies were exported into.

        ``a`` and ``b`` are studies as ``study`` takes them, or folders: ``Path("dice")``, ``"./dice"``. ``match``
        chooses names by a glob or a text in them; ``outputs`` are compared, too, where both sides have them. Numbers
        are the same if ``abs(a - b) <= max(rtol * max(abs(a), abs(b)), atol)``.

        Returns a DataFrame with a row for each parameter that differs: ``key`` (without the study's own name),
        ``type``, ``a``, ``b`` (Python objects; a table in short), ``difference`` (where a table or a nested value
        differs). ``attrs["note"]`` says how many were compared, and which could not be.
        """
        named = [self._side(one) for one in (a, b)]
        with self._door.opened(*(one for one in named if isinstance(one, int))) as app:
            sides = [take_side(one, lambda: app.context, outputs=outputs) for one in named]
            found = compare(sides[0], sides[1], Tolerance(rtol, atol))
            if found.not_compared:
                app.notes.warning(f"not compared, since they could not be read: {listed(found.not_compared)}")
            shown = found.matching(match)
            table: dict[str, list[Any]] = {
                "key": [one.key for one in shown],
                "type": [one.type for one in shown],
                "a": [_value(one.a) for one in shown],
                "b": [_value(one.b) for one in shown],
                "difference": [one.text for one in shown],
            }
            return noted(app, frame_from(table, objects=SIDES), [found.summary(shown)])

    def diff_charts(
        self,
        a: Named,
        b: Named,
        *,
        match: str | None = None,
        numbers: bool = False,
        rtol: float = 0.0,
        atol: float = 0.0,
        page: str | Path | None = None,
        overwrite: bool = False,
    ) -> pd.DataFrame:
        """Compare the charts of two studies; those are the same that have the same discipline and title.

        ``match`` chooses titles as ``Study.charts`` does; ``rtol`` and ``atol`` are as of ``diff``. ``page`` is the
        file of a page that draws both on the same axes, and needs no network.

        Returns a DataFrame with a row for each series that differs: ``discipline``, ``chart``, ``series`` (str),
        ``points``, ``differing`` (int64), ``largest`` (float64, b - a), ``at`` (str, where), ``change`` (``changed``,
        ``only in A``, ``only in B``). With ``numbers`` a row for each point, whether it differs or not: ``discipline``,
        ``chart``, ``series``, ``x`` (str), ``a``, ``b`` (Python objects; ``"nan"`` and ``"inf"`` are texts),
        ``difference`` (float64). ``attrs`` has ``a``, ``b`` (study, name, status, state), ``charts``, ``differing``.

        Raises
        ------
        ServerFault
            Some have no numbers: ``change`` is ``numbers missing``, and the DataFrame is the error's ``result``.
        NotFound, FileConflict
            Neither has such a chart; the page exists, and ``overwrite`` is not set.

        Source: as of ``Study.charts``.

        """
        first, second = self._number(a), self._number(b)
        with self._door.opened(first, second) as app:
            file = None if page is None else at_home(page)
            diff = compare_charts(app.context, first, second, match, Tolerance(rtol, atol), file, overwrite=overwrite)
            return _chart_frame(app, diff, numbers=numbers)

    def _side(self, first: Named | Path) -> int | Path:
        if isinstance(first, Path):
            return at_home(first)
        if isinstance(first, StudyBase):
            return first.number
        try:
            return side(str(first), self._known)
        except ValueError as error:
            raise UsageError(str(error)) from None


def _chart_frame(app: App, diff: ChartDiff, *, numbers: bool) -> pd.DataFrame:
    """Return the series that differ, or every point, with what is known of both studies in ``attrs``."""
    remark(app, diff.a)
    remark(app, diff.b)
    frame = (
        frame_of_items(PointPair, diff.points(), objects=SIDES, types={"difference": "float64"})
        if numbers
        else frame_of_items(SeriesDifference, diff.differences, types={"largest": "float64"})
    )
    frame = with_notes(frame, list(filter(None, [diff.a.remark, diff.b.remark, diff.summary])))
    frame.attrs.update(diff.about())
    return complete(frame, diff.failure)


def _value(entry: SnapshotEntry | None) -> object:
    """Return the value of a side, of a table only its size."""
    if entry is None:
        return None
    return entry.brief if entry.table is not None else entry.plain
