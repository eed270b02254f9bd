"""The page of a study's charts as a file: the server's page, or an offline page."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sostrades_cli.files.atomic import private_folder
from sostrades_cli.local.config_file import CACHE_VARIABLE
from sostrades_cli.operations.postproc import offline_page, select
from sostrades_cli.operations.postproc.gather import charts_note, gather
from sostrades_cli.operations.postproc.page_facts import changed_inputs, web_address
from sostrades_cli.operations.postproc.stream_checks import study_page
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.operations.postproc.offline_page import PageTable

_MOST_PAGES: Final = 10


def usual_file(study: int, *, offline: bool) -> Path:
    """Return the default file name of a page, in the current folder."""
    return Path(f"study-{study}-{'offline' if offline else 'charts'}.html")


def page_stream(context: Context, study: int, *, offline: bool, then: Callable[[Path], None] | None = None) -> Stream:
    """Return the page as a stream for a file. ``then`` is called with the complete file.

    Raises
    ------
    NotFound
        An offline page was requested, and there are no charts.

    """
    file = usual_file(study, offline=offline)
    if offline:
        gathered = gather(context, study)
        charts = select.require_matching(gathered, None)
        return _offline_stream(context, gathered, charts, changed_inputs(context, gathered), file, then)
    note = charts_note(context, study)
    notes = [note] if note else []
    return Stream(lambda: _server_page(context, study), context.api.session.repeat, file, then=then, notes=notes)


def kept_page(
    context: Context, study: int, chart: str | None, folder: Path, then: Callable[[Path], None] | None
) -> Stream:
    """Return an offline page with all charts or a single one, as a stream for a file in ``folder``.

    Raises
    ------
    NotFound
        There is no such chart, or no chart at all.

    """
    gathered = gather(context, study)
    charts = select.require_matching(gathered, None) if chart is None else [select.find(gathered, chart)]
    private_folder(folder, CACHE_VARIABLE)
    _remove_old_pages(folder)
    name = f"study-{study}" if chart is None else f"study-{study}-chart-{charts[0].number}"
    # A page of one chart is for a quick look, so it does not wait for the inputs.
    inputs = changed_inputs(context, gathered) if chart is None else None
    return _offline_stream(context, gathered, charts, inputs, folder / f"{name}.html", then)


def _remove_old_pages(folder: Path) -> None:
    """Remove all but the newest pages, because each has some megabytes."""
    # Another process may remove the same pages, and an old page does no harm.
    with contextlib.suppress(OSError):
        pages = sorted(folder.glob("study-*.html"), key=lambda page: page.stat().st_mtime, reverse=True)
        for page in pages[_MOST_PAGES:]:
            page.unlink()


def _offline_stream(
    context: Context,
    gathered: GatheredCharts,
    charts: Sequence[NumberedChart],
    inputs: PageTable | None,
    file: Path,
    then: Callable[[Path], None] | None,
) -> Stream:
    shown = offline_page.page_of(gathered, charts, web_address(context, gathered.study), inputs)
    page = contextlib.nullcontext(offline_page.page_chunks(shown))
    notes = [gathered.note] if gathered.note else []
    return Stream(lambda: page, transfer_once, file, then=then, failure=gathered.failure_of(charts), notes=notes)


@contextlib.contextmanager
def _server_page(context: Context, study: int) -> Iterator[Iterator[bytes]]:
    with context.api.post_processing.page(study) as (headers, chunks):
        yield study_page(chunks, headers, study)
