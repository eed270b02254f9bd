"""The API as one value: a module per subject over one shared session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.api.calculations import Calculations
from sostrades_cli.api.parameters import Parameters
from sostrades_cli.api.post_processing import PostProcessing
from sostrades_cli.api.studies import Studies

if TYPE_CHECKING:
    from sostrades_cli.api.session import Session


class Api:
    """Every subject of API v0."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.studies = Studies(session)
        self.parameters = Parameters(session)
        self.calculations = Calculations(session)
        self.post_processing = PostProcessing(session)
