"""The API as one value: a module per subject over one shared session, each imported when it is first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.parameters import ParametersApi
    from sostrades_cli.api.post_processing import PostProcessingApi
    from sostrades_cli.api.studies import StudiesApi


class Api:
    """Every subject of API v0."""

    def __init__(self, session: Session, named: Callable[[int, str], None] = lambda _study, _name: None) -> None:
        """Take a session; ``named`` is called with the number and the own name of a study that an answer tells."""
        self.session = session
        self._named = named

    @cached_property
    def studies(self) -> StudiesApi:
        """Load, read-only mode, address, copy, log."""
        from sostrades_cli.api.studies import StudiesApi  # noqa: PLC0415 - start-up: most commands ask one subject

        return StudiesApi(self.session, self._named)

    @cached_property
    def parameters(self) -> ParametersApi:
        """Updates and downloads."""
        from sostrades_cli.api.parameters import ParametersApi  # noqa: PLC0415

        return ParametersApi(self.session, self._named)

    @cached_property
    def calculations(self) -> CalculationsApi:
        """Execute and status."""
        from sostrades_cli.api.calculations import CalculationsApi  # noqa: PLC0415

        return CalculationsApi(self.session)

    @cached_property
    def post_processing(self) -> PostProcessingApi:
        """Charts and pages."""
        from sostrades_cli.api.post_processing import PostProcessingApi  # noqa: PLC0415

        return PostProcessingApi(self.session)
