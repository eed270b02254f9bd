"""Routes of the calculation: execute and status."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import AccessError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.protocol import Reply

BASE: Final = "/api/v0/calculation"
EXECUTE_S: Final = 60.0
# The largest 32-bit integer: no server has so many studies.
NO_STUDY: Final = 2**31 - 1


class CalculationsApi:
    """Requests about a study's calculation."""

    def __init__(self, session: Session, on_name: Callable[[int, str], None]) -> None:
        self._session = session
        self._on_name = on_name
        self._names: dict[int, str] = {}

    def status(self, study: int) -> RunStatus:
        """Return the state of the calculation."""
        path, purpose = f"{BASE}/status/{study}", f"Reading the status of study {study}"
        reply = self._session.read("GET", path, study=study, purpose=purpose)
        return self._state(reply, study)

    def poll(self, study: int, within_s: float = math.inf) -> RunStatus:
        """Return the state of the calculation without a retry, because a watch reports each failure itself."""
        reply = self._session.read("GET", f"{BASE}/status/{study}", study=study, once_within_s=within_s)
        return self._state(reply, study)

    def execute(self, study: int) -> RunStatus:
        """Start the calculation. The request is never retried: a second start destroys the run."""
        path, purpose = f"{BASE}/execute/{study}", f"Starting the run of study {study}"
        reply = self._session.write(path, study=study, read_timeout_s=EXECUTE_S, purpose=purpose)
        return self._state(reply, study)

    def _state(self, reply: Reply, study: int) -> RunStatus:
        state = RunStatus.from_api(reply.json_object(), study)
        # A watch polls for hours, and the name is the same each time.
        if state.name and self._names.get(study) != state.name:
            self._names[study] = state.name
            self._on_name(study, state.name)
        return state

    def check_key(self) -> None:
        """Check the key by reading the status of a study that cannot exist.

        Raises
        ------
        KeyRejected
            The server does not accept the key.

        """
        try:
            # The server checks the key before the study, so any complaint about the study means that the key is good.
            reply = self._session.read("GET", f"{BASE}/status/{NO_STUDY}", purpose="Checking the key")
            RunStatus.from_api(reply.json_object(), NO_STUDY)
        except NotFound as error:
            if error.server is None or not error.server.description.startswith("InvalidStudy"):
                raise
        except AccessError as error:
            # The server checks permissions only after it accepted the key.
            if error.server is None or "necessary rights" not in error.server.description:
                raise
