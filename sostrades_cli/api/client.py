"""The API as one value: a module per subject over one shared session, each imported when it is first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.calculations import Calculations
    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.parameters import Parameters
    from sostrades_cli.api.post_processing import PostProcessing
    from sostrades_cli.api.studies import Studies


class Api:
    """Every subject of API v0."""

    def __init__(self, session: Session, named: Callable[[int, str], None] = lambda _study, _name: None) -> None:
        """Take a session; ``named`` is called with the number and the own name of a study that an answer tells."""
        self.session = session
        self._named = named

    @cached_property
    def studies(self) -> Studies:
        """Load, read-only mode, address, copy, log."""
        from sostrades_cli.api.studies import Studies  # noqa: PLC0415 - start-up: most commands ask one subject

        return Studies(self.session, self._named)

    @cached_property
    def parameters(self) -> Parameters:
        """Updates and downloads."""
        from sostrades_cli.api.parameters import Parameters  # noqa: PLC0415

        return Parameters(self.session, self._named)

    @cached_property
    def calculations(self) -> Calculations:
        """Execute and status."""
        from sostrades_cli.api.calculations import Calculations  # noqa: PLC0415

        return Calculations(self.session)

    @cached_property
    def post_processing(self) -> PostProcessing:
        """Charts and pages."""
        from sostrades_cli.api.post_processing import PostProcessing  # noqa: PLC0415

        return PostProcessing(self.session)
