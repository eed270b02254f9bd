"""Routes that execute a study and report its status."""

from flask import Blueprint

from server_stub.routes.request_context import answer, find_study, world
from server_stub.runs import UNKNOWN_LOAD
from server_stub.study import Study
from server_stub.values import Json
from server_stub.world import Right

blueprint = Blueprint("calculations", __name__)


@blueprint.post("/calculation/execute/<int:study_id>")
def execute(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Start a run."""
    study = find_study(study_id, Right.CONTRIBUTOR)
    with world().lock:
        study.execute()
        return answer(_status(study))


@blueprint.get("/calculation/status/<int:study_id>")
def status(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Return the status of a study and of its last run."""
    study = find_study(study_id, Right.RESTRICTED_VIEWER)
    with world().lock:
        return answer(_status(study))


def _status(study: Study) -> Json:
    now = study.pace.now()
    text = study.status
    cpu, memory = study.run.machine(now) if study.run is not None else (UNKNOWN_LOAD, UNKNOWN_LOAD)
    return {
        "study_case_id": study.id,
        "disciplines_status": study.run.disciplines(now) if study.run is not None else {},
        "study_case_execution_status": text,
        "study_case_execution_error_message": "",
        "study_case_execution_cpu": cpu,
        "study_case_execution_memory": memory,
    }
