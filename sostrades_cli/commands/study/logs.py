"""``sostrades study logs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli import framework
from sostrades_cli.output.results import Stream
from sostrades_cli.shared_options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades study logs 21", "sostrades study logs 21 -o run.log", "sostrades study logs 22 | grep ERROR"],
    formats=[],
)
@study_argument
def command(app: App, study: int) -> Stream:
    """Print the log of the last run, as the server wrote it.

    A study that never ran has none: exit 8.
    """
    return Stream(lambda: app.api.studies.log_stream(study), app.api.session.repeat)
