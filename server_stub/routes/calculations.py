"""Routes that execute a study and report its status."""

from flask import Blueprint

from server_stub.routes.request_context import answer, study, world
from server_stub.runs import UNKNOWN_LOAD
from server_stub.study import Study
from server_stub.values import Json
from server_stub.world import Right

blueprint = Blueprint("calculations", __name__)


@blueprint.post("/calculation/execute/<int:study_id>")
def execute(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Start a run."""
    found = study(study_id, Right.CONTRIBUTOR)
    with world().lock:
        found.execute()
        return answer(_status(found))


@blueprint.get("/calculation/status/<int:study_id>")
def status(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Return the status of a study and of its last run."""
    found = study(study_id, Right.RESTRICTED_VIEWER)
    with world().lock:
        return answer(_status(found))


def _status(found: Study) -> Json:
    now = found.pace.now()
    text = found.status
    cpu, memory = found.run.machine(now) if found.run is not None else (UNKNOWN_LOAD, UNKNOWN_LOAD)
    return {
        "study_case_id": found.id,
        "disciplines_status": found.run.disciplines(now) if found.run is not None else {},
        "study_case_execution_status": text,
        "study_case_execution_error_message": "",
        "study_case_execution_cpu": cpu,
        "study_case_execution_memory": memory,
    }
