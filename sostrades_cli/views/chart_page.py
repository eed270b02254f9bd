"""The page of a study's charts as a file: the server's page, or an offline page."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.operations.postproc import offline_page, select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.stream_checks import study_page
from sostrades_cli.output.results import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sostrades_cli.operations.context import Context


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
        # An offline page without charts is an error, not an empty file.
        select.some(gathered, None)
        page = contextlib.nullcontext(offline_page.written(offline_page.page_of(gathered)))
        failure = gathered.failure_of(gathered.charts)
        notes = [gathered.note] if gathered.note else []
        # The page is built locally, so there is nothing to retry.
        return Stream(lambda: page, lambda once: once(), file, then=then, failure=failure, notes=notes)
    return Stream(lambda: _server_page(context, study), context.api.session.repeat, file, then=then)


@contextlib.contextmanager
def _server_page(context: Context, study: int) -> Iterator[Iterator[bytes]]:
    with context.api.post_processing.page(study) as (headers, chunks):
        yield study_page(chunks, headers, study)
