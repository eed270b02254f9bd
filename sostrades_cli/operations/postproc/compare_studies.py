"""The charts of two studies, gathered and compared; and the page that shows both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.files.atomic import check_target
from sostrades_cli.files.file_formats import PAGES, check_ending
from sostrades_cli.operations.postproc import diff, diff_page
from sostrades_cli.operations.postproc.gather import gather

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.diff import ChartPair, PairedSeries
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.tables.equality import Tolerance
    from sostrades_cli.output.results import Rows


@dataclass(frozen=True, slots=True)
class ChartPairs:
    """The charts of two studies: which belong together, and what stands at each of their points."""

    sides: tuple[GatheredCharts, GatheredCharts]
    pairs: Sequence[ChartPair]
    points: Sequence[PairedSeries]

    def rows(self, tolerance: Tolerance, *, numbers: bool, exit_code: bool = False) -> Rows:
        """Return a row for each series that differs, or with ``numbers`` for each point."""
        return diff.difference_rows(
            self.sides, self.points, self.pairs, tolerance, numbers=numbers, exit_code=exit_code
        )


def compare_charts(
    context: Context, a: int, b: int, match: str | None, page: Path | None, *, overwrite: bool
) -> ChartPairs:
    """Compare the charts of two studies that fit; ``page`` is the file of a page of both, where one is wanted.

    Raises
    ------
    UsageError
        The page's name does not end as one of a page.
    FileConflict
        The page exists, and ``overwrite`` is not set; nothing was asked of the server.
    NotFound
        Neither study has such a chart.

    """
    if page is not None:
        check_ending(page, PAGES, "diff")
        check_target(page, overwrite=overwrite, named=True)
    sides = gather(context, a), gather(context, b)
    pairs = diff.pairs(*sides, match)
    points = diff.compared(pairs)
    if page is not None:
        diff_page.write_page(*sides, pairs, page)
        context.inform(f"{page}: written")
    return ChartPairs(sides, pairs, points)
