"""``sostrades postproc load``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.postproc.gather import charts_note
from sostrades_cli.operations.postproc.stream_checks import one_json_object
from sostrades_cli.output.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades postproc load 21 -o charts.json", "sostrades postproc load 21 | jq keys"],
    formats=["json"],
)
@study_argument
def command(app: App, study: int) -> Stream:
    """Print the charts as the server's JSON.

    The JSON has a list of plotly figures for each discipline. The server computes it at every request, which can take
    more than a minute for a large study. With -o, the file is written only if the JSON is complete.
    """

    @contextlib.contextmanager
    def charts() -> Iterator[Iterator[bytes]]:
        with app.api.post_processing.document(study) as chunks:
            yield one_json_object(chunks)

    note = charts_note(app.context, study)
    return Stream(charts, app.api.session.repeat, document=True, notes=[note] if note else [])
