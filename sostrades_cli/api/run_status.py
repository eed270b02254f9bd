"""The status of a study's calculation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.api.protocol import unusable
from sostrades_cli.run_phase import Phase, phase_of
from sostrades_cli.study_reference import root_node

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json


class RunStatus(NamedTuple):
    """The state of a study's calculation; ``payload`` is the server's unchanged object.

    ``cpu`` and ``memory`` are the server's texts for its whole host, ``----`` if it sends none. ``requested_s`` is set
    only if this process has started the run: the time of its request, on the monotonic clock.
    """

    study: int
    status: str
    disciplines: dict[str, str]
    error_message: str
    cpu: str
    memory: str
    payload: dict[str, Json]
    requested_s: float | None = None

    @property
    def phase(self) -> Phase:
        """Return the phase."""
        return phase_of(self.status)

    @property
    def name(self) -> str:
        """Return the name of the study, which is its root node; empty if that is not certain."""
        return root_node(self.disciplines)

    @classmethod
    def from_api(cls, payload: dict[str, Json], study: int) -> RunStatus:
        """Build a status from the server's object.

        Raises
        ------
        UnusableAnswer
            The object has no execution status.

        """
        status = payload.get("study_case_execution_status")
        if not isinstance(status, str | None) or "study_case_execution_status" not in payload:
            raise unusable("an object that is not a calculation status")
        if payload.get("study_case_id", study) != study:
            raise unusable("the status of another study")
        disciplines = payload.get("disciplines_status")
        return cls(
            study=study,
            status=status or "",
            disciplines={str(k): str(v) for k, v in disciplines.items()} if isinstance(disciplines, dict) else {},
            error_message=str(payload.get("study_case_execution_error_message") or ""),
            cpu=str(payload.get("study_case_execution_cpu") or "----"),
            memory=str(payload.get("study_case_execution_memory") or "----"),
            payload=payload,
        )
