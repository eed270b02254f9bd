"""Routes of post-processing: the charts as JSON, as the server's page, and in the read-only file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, TypeVar

from sostrades_cli.api.studies import BASE as STUDIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sostrades_cli.api.http.session import Session

BASE: Final = "/api/v0/post-processing"
# The server computes the charts at every call; a large study takes more than a minute.
POST_PROCESSING_S: Final = 300.0
Chart = TypeVar("Chart")


class PostProcessingApi:
    """Requests for charts. Answers are streamed because they can have tens of megabytes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def charts(self, study: int, reader: Callable[[Iterable[bytes]], Iterator[Chart]]) -> list[Chart]:
        """Compute and return the charts of the last bundle of each discipline.

        A failed read is retried from its start.
        """
        return self._read(f"{BASE}/{study}", study, reader, f"Computing the charts of study {study}")

    def kept_charts(self, study: int, reader: Callable[[Iterable[bytes]], Iterator[Chart]]) -> list[Chart]:
        """Return the charts of every bundle that the server stored at the end of the last run.

        Raises
        ------
        Refused
            The study has no read-only file.

        """
        path = f"{STUDIES}/{study}/read-only-mode"
        return self._read(path, study, reader, f"Loading the charts of study {study}")

    @contextlib.contextmanager
    def document(self, study: int) -> Iterator[Iterator[bytes]]:
        """Open the unparsed JSON object of charts by discipline."""
        path, purpose = f"{BASE}/{study}", f"Computing the charts of study {study}"
        opened = self._session.stream("GET", path, study=study, read_timeout_s=POST_PROCESSING_S, purpose=purpose)
        with opened as (_, chunks):
            yield chunks

    @contextlib.contextmanager
    def page(self, study: int) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """Open the server's HTML page; yield its headers and its chunks."""
        path, purpose = f"{BASE}/{study}/html", f"Computing the charts of study {study}"
        opened = self._session.stream(
            "GET", path, study=study, read_timeout_s=POST_PROCESSING_S, page=True, purpose=purpose
        )
        with opened as answer:
            yield answer

    def _read(
        self, path: str, study: int, reader: Callable[[Iterable[bytes]], Iterator[Chart]], purpose: str
    ) -> list[Chart]:
        def attempt() -> list[Chart]:
            stream = self._session.stream("GET", path, study=study, read_timeout_s=POST_PROCESSING_S)
            with stream as (_, chunks):
                return list(reader(chunks))

        # The reader runs within the retry: half a stream of charts cannot be continued.
        with self._session.waiting(purpose):
            return self._session.repeat(attempt)
