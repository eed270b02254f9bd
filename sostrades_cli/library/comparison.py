"""Comparison of two studies: their inputs and their charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.charts import warn_of_state
from sostrades_cli.library.client_base import ClientBase
from sostrades_cli.library.dataframes import frame_from, frame_of_items, with_notes
from sostrades_cli.library.study_base import StudyBase, complete
from sostrades_cli.operations.postproc.compare_studies import compare_charts
from sostrades_cli.operations.postproc.diff import PointPair, SeriesDifference
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.operations.study.snapshot.sources import take_side
from sostrades_cli.operations.study.study_argument import side
from sostrades_cli.operations.tables.equality import Tolerance

if TYPE_CHECKING:
    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.library.client_base import Named
    from sostrades_cli.operations.postproc.diff import ChartDiff
    from sostrades_cli.operations.study.snapshot.diff import StudyDiff
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry

SIDES: Final = ("a", "b")


class ComparisonMethods(ClientBase):
    """Methods of a client that compare two studies."""

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
        """Compare the inputs of two studies or exported folders.

        ``a`` and ``b`` are studies as for ``study``, or folders: ``Path("dice")``, ``"./dice"``. ``match`` selects
        names by a glob or by a part of the name. ``outputs`` adds the outputs that both sides have. Numbers are equal
        if ``abs(a - b) <= max(rtol * max(abs(a), abs(b)), atol)``.

        Returns a DataFrame with a row for each parameter that differs. Columns: ``key`` (without the name of the
        study), ``type``, ``a``, ``b`` (Python objects; a table as a short text), ``difference`` (position of the
        first difference in a table or a nested value). ``attrs["note"]`` counts the compared parameters and lists
        those that were not compared, such as outputs of a study without a run.
        """
        # Resolve both sides before the first request, so that a typo costs nothing.
        sources = [self._side(source) for source in (a, b)]
        with self._scope.opened(*(source for source in sources if isinstance(source, int))) as app:
            sides = [take_side(source, lambda: app.context, outputs=outputs) for source in sources]
            diff = compare(sides[0], sides[1], Tolerance(rtol, atol), outputs=outputs)
            return _study_frame(app, diff, match)

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
        """Compare the charts of two studies, matched by discipline and title.

        ``match`` selects titles as in ``Study.charts``. ``rtol`` and ``atol`` are as in ``diff``. ``page`` is the file
        for an HTML page that draws both studies on the same axes and needs no network.

        Returns a DataFrame with a row for each series that differs. Columns: ``discipline``, ``chart``, ``series``
        (str), ``points``, ``differing`` (int64), ``largest`` (float64, b - a), ``at`` (str, position of the largest
        difference), ``change`` (``changed``, ``only in A``, ``only in B``). With ``numbers``, a row for each point,
        equal or not: ``discipline``, ``chart``, ``series``, ``x`` (str), ``a``, ``b`` (Python objects; ``"nan"`` and
        ``"inf"`` are strings), ``difference`` (float64). ``attrs`` has ``a``, ``b`` (study, name, status, state),
        ``charts``, ``differing``.

        Raises
        ------
        ServerFault
            Some charts have no numbers: ``change`` is ``numbers missing``. ``result`` of the error is the DataFrame.
        NotFound, FileConflict
            Neither study has a matching chart, or the page exists and ``overwrite`` is not set.

        Source: as for ``Study.charts``.

        """
        first, second = self._number(a), self._number(b)
        with self._scope.opened(first, second) as app:
            file = None if page is None else at_home(page)
            diff = compare_charts(app.context, first, second, match, Tolerance(rtol, atol), file, overwrite=overwrite)
            return _chart_frame(app, diff, numbers=numbers)

    def _side(self, source: Named | Path) -> int | Path:
        if isinstance(source, Path):
            return at_home(source)
        if isinstance(source, StudyBase):
            return source.number
        try:
            return side(str(source), self._known)
        except ValueError as error:
            raise UsageError(str(error), hint="give a study or a folder that Study.export has written") from None


def _study_frame(app: App, diff: StudyDiff, match: str | None) -> pd.DataFrame:
    """Return a row per difference."""
    # Without a warning, studies could look equal because a parameter was not compared.
    notes = [*filter(None, [diff.uncompared_outputs(match)]), *diff.notes]
    for note in notes:
        app.notes.warning(note)
    differences = diff.matching(match)
    summary = diff.summary(differences)
    app.notes.inform(summary)
    table: dict[str, list[Any]] = {
        "key": [difference.key for difference in differences],
        "type": [difference.type for difference in differences],
        "a": [_value(difference.a) for difference in differences],
        "b": [_value(difference.b) for difference in differences],
        "difference": [difference.text for difference in differences],
    }
    return with_notes(frame_from(table, objects=SIDES), [summary, *notes])


def _chart_frame(app: App, diff: ChartDiff, *, numbers: bool) -> pd.DataFrame:
    """Return the differing series, or every point, with the metadata of both studies in ``attrs``."""
    warn_of_state(app, diff.a)
    warn_of_state(app, diff.b)
    frame = (
        frame_of_items(PointPair, diff.points(), objects=SIDES, types={"difference": "float64"})
        if numbers
        else frame_of_items(SeriesDifference, diff.differences, types={"largest": "float64"})
    )
    frame = with_notes(frame, list(filter(None, [diff.a.note, diff.b.note, diff.summary])))
    frame.attrs.update(diff.about())
    return complete(frame, diff.failure)


def _value(entry: SnapshotEntry | None) -> object:
    """Return the value of one side, or the size of a table."""
    if entry is None:
        return None
    return entry.brief if entry.table is not None else entry.plain
