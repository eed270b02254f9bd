"""Compare the charts of two studies, and draw both on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.files.file_formats import PAGES, check_ending
from sostrades_cli.files.targets import check_target
from sostrades_cli.operations.postproc import diff, diff_page
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.output.text import file_note

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.diff import ChartDiff
    from sostrades_cli.operations.tables.equality import Tolerance


def compare_charts(
    context: Context, a: int, b: int, match: str | None, tolerance: Tolerance, page: Path | None, *, overwrite: bool
) -> ChartDiff:
    """Compare the charts of two studies whose titles match, and draw both on the ``page`` if there is one.

    Raises
    ------
    UsageError
        The suffix of the page is wrong.
    FileConflict
        The page exists, and ``overwrite`` is not set. No request was sent.
    NotFound
        Neither study has a matching chart.

    """
    if page is not None:
        # Gathering charts can take minutes, so reject a bad file first.
        check_ending(page, PAGES, "diff")
        check_target(page, overwrite=overwrite, named=True)
    sides = gather(context, a), gather(context, b)
    pairs = diff.pairs(*sides, match)
    if page is not None:
        diff_page.write_page(context, *sides, pairs, page)
        context.inform(file_note(page))
    return diff.chart_diff(*sides, pairs, tolerance)
