"""``sostrades postproc html``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli import framework
from sostrades_cli.files import check_target
from sostrades_cli.operations.checking import study_page
from sostrades_cli.output.results import Stream
from sostrades_cli.shared_options import study_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App


@framework.command(examples=["sostrades postproc html 21", "sostrades postproc html 21 -o page.html"], formats=[])
@study_argument
def command(app: App, study: int) -> Stream:
    """Save the server's page of charts, as it is.

    Without -o its name is made from the study: study-21-charts.html. `-o -` writes it to standard output. Viewing
    it needs the internet: the page loads its plotting library from there.
    """

    @contextlib.contextmanager
    def page() -> Iterator[Iterator[bytes]]:
        with app.api.post_processing.page(study) as (headers, chunks):
            yield study_page(chunks, headers, study)

    default = Path(f"study-{study}-charts.html")
    if app.flags.output is None:
        check_target(default, overwrite=app.flags.overwrite)
    return Stream(page, app.api.session.repeat, default_file=default)
