"""Routes of post-processing: the charts as JSON and as the server's page."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.charts import charts_from_api

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sostrades_cli.api.charts import Chart
    from sostrades_cli.api.session import Session

BASE: Final = "/api/v0/post-processing"
# Charts are computed at every call; a large study takes a minute and more.
POST_PROCESSING_S: Final = 300.0


class PostProcessing:
    """Requests for charts; both come in pieces, since they can be tens of megabytes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def figures(self, study: int) -> list[Chart]:
        """Return the charts, parsed: all of them in memory."""
        path = f"{BASE}/{study}"
        reply = self._session.read("GET", path, study=study, read_timeout_s=POST_PROCESSING_S)
        return charts_from_api(reply.json_object())

    @contextlib.contextmanager
    def charts(self, study: int) -> Iterator[Iterator[bytes]]:
        """Open the JSON object of charts by discipline."""
        with self._session.stream("GET", f"{BASE}/{study}", study=study, read_timeout_s=POST_PROCESSING_S) as (
            _,
            chunks,
        ):
            yield chunks

    @contextlib.contextmanager
    def page(self, study: int) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """Open the server's own HTML page: its headers and its pieces."""
        path = f"{BASE}/{study}/html"
        with self._session.stream("GET", path, study=study, read_timeout_s=POST_PROCESSING_S, page=True) as opened:
            yield opened
