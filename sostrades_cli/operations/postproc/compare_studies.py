"""The charts of two studies, gathered and compared; and the page that shows both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.files.atomic import check_target
from sostrades_cli.files.file_formats import PAGES, check_ending
from sostrades_cli.operations.postproc import diff, diff_page
from sostrades_cli.operations.postproc.gather import gather

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.diff import ChartDiff
    from sostrades_cli.operations.tables.equality import Tolerance


def compare_charts(
    context: Context, a: int, b: int, match: str | None, tolerance: Tolerance, page: Path | None, *, overwrite: bool
) -> ChartDiff:
    """Compare the charts of two studies whose titles match, and draw both into the file ``page`` if it is given.

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
    if page is not None:
        diff_page.write_page(*sides, pairs, page)
        context.inform(f"{page}: written")
    return diff.chart_diff(*sides, pairs, tolerance)
