"""The connection of the API to its ontology service, which may be absent or down."""

from server_stub.ontology.catalogue import Catalogue

ABSENT, ON, DOWN, HANGING = "off", "on", "down", "hanging"
STATES = (ON, ABSENT, DOWN, HANGING)
# The docstring of the server says one minute. Source: ontology_controller.py of sostrades-webapi 5.3.4.
GRACE_SECONDS = 600.0


class OntologyService:
    """A service in one of four states: ``on``, ``off`` (never set), ``down`` (refused) and ``hanging`` (no answer)."""

    def __init__(self, state: str, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._grace_until = 0.0
        self.switch(state)

    def switch(self, state: str) -> None:
        """Change the state of the service. The API does not notice it during its grace period."""
        if state not in STATES:
            raise ValueError(f"unknown state of the ontology {state!r}, expected one of {', '.join(STATES)}")
        self.state = state

    def restart_api(self) -> None:
        """End the grace period like a restart of the API."""
        self._grace_until = 0.0

    def reach(self, now: float) -> Catalogue | None:
        """Return the catalogue, or nothing without an answer. A refused connection starts the grace period."""
        if self.state == ABSENT or now <= self._grace_until:
            return None
        if self.state == DOWN:
            self._grace_until = now + GRACE_SECONDS
        return self.catalogue if self.state == ON else None

    def hangs(self, now: float) -> bool:
        """Return whether a request gets no answer, because the API sets no time limit."""
        return self.state == HANGING and now > self._grace_until

    @property
    def describes_runs(self) -> bool:
        """Return whether a run that ends now is described. Its process has no grace period."""
        return self.state == ON
