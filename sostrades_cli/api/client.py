"""The API as one object: a module per subject over one shared session, each imported on first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.ontology import OntologyApi
    from sostrades_cli.api.parameters import ParametersApi
    from sostrades_cli.api.post_processing import PostProcessingApi
    from sostrades_cli.api.studies import StudiesApi


class Api:
    """Access to every subject of API v0."""

    def __init__(self, session: Session, on_name: Callable[[int, str], None] = lambda _study, _name: None) -> None:
        """Take a session; ``on_name`` is called with a study's number and name when an answer contains the name."""
        self.session = session
        self._on_name = on_name

    @cached_property
    def studies(self) -> StudiesApi:
        """Return the requests to load a study, read its read-only file, address and log, and copy it."""
        from sostrades_cli.api.studies import StudiesApi

        # Answers of other requests contain the study's name, which no route lists.
        return StudiesApi(self.session, self._on_name)

    @cached_property
    def parameters(self) -> ParametersApi:
        """Return the requests to update and download parameters."""
        from sostrades_cli.api.parameters import ParametersApi

        return ParametersApi(self.session, self._on_name)

    @cached_property
    def calculations(self) -> CalculationsApi:
        """Return the requests to start a calculation and read its status."""
        from sostrades_cli.api.calculations import CalculationsApi

        return CalculationsApi(self.session, self._on_name)

    @cached_property
    def post_processing(self) -> PostProcessingApi:
        """Return the requests for charts and their page."""
        from sostrades_cli.api.post_processing import PostProcessingApi

        return PostProcessingApi(self.session)

    @cached_property
    def ontology(self) -> OntologyApi:
        """Return the requests for labels, definitions and documentation."""
        from sostrades_cli.api.ontology import OntologyApi

        return OntologyApi(self.session)
