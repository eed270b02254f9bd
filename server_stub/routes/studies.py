"""Routes for a study: load, link, copy, logs and read-only mode."""

import gzip
import io
import math
import zlib
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, send_file

from server_stub import errors
from server_stub.errors import ApiError
from server_stub.keys import Caller
from server_stub.ontology import saved
from server_stub.read_only import file
from server_stub.routes.request_context import answer, await_memory, find_study, json_body, require_caller, world
from server_stub.study import Results, Study
from server_stub.values import Json, dumps, encode
from server_stub.world import Right

blueprint = Blueprint("studies", __name__)
_DEFAULT_SECONDS = 30
_CHECK_SECONDS = 1.0
# A clock cannot add longer times exactly.
_LONGEST_SECONDS = 10**12
_LOCAL_VARIABLE = "cannot access local variable 'study_manager' where it is not associated with a value"
_NO_TREE = "'StudyCaseDto' object has no attribute 'treenode'"


@blueprint.get("/study-case/<int:study_id>")
@blueprint.get("/study-case/<int:study_id>/<int:seconds>")
def load(study_id: int, seconds: int = _DEFAULT_SECONDS) -> tuple[str, int, dict[str, str]]:
    """Wait until the study is in memory, then return its parameters."""
    study = find_study(study_id, Right.RESTRICTED_VIEWER)
    right = world().right(require_caller(), study_id)
    if seconds == 0:
        raise ApiError(400, _LOCAL_VARIABLE)
    # A restricted viewer gets `{}` at once. For others, a load that fails on 5.3 takes the same time as one that works.
    if right > Right.RESTRICTED_VIEWER:
        await_memory(study)
        _wait(study, seconds)
        _refuse_load(study)
    if not world().behaviour.load_works:
        raise ApiError(400, _NO_TREE)
    with world().lock:
        if right == Right.RESTRICTED_VIEWER or not study.ready:
            return answer({})
        return answer(_parameters(study, everything=right > Right.COMMENTER))


def _wait(study: Study, seconds: int) -> None:
    """Check once a second like the server. Speed shortens the step, but not the whole wait."""
    step = world().clock.sleep
    end = world().clock.now() + min(seconds, _LONGEST_SECONDS)
    while True:
        with world().lock:
            study.begin_load()
            left = end - world().clock.now()
            if study.ready:
                study.mark_read()
                return
            if left <= 0:
                return
        step(min(left, _CHECK_SECONDS / max(1.0, world().speed)))


def _refuse_load(study: Study) -> None:
    """End like the load of a study whose model the server cannot describe."""
    if study.model.load_error is not None:
        raise ApiError(400, study.model.load_error)


def _parameters(study: Study, *, everything: bool) -> dict[str, Json]:
    return {
        study.full(parameter.name): {
            "type": parameter.type,
            "unit": parameter.unit,
            "var_name": parameter.var_name,
            "value": encode(study.values[parameter.name]),
            "optional": parameter.optional,
            **({} if parameter.visibility is None else {"visibility": parameter.visibility}),
        }
        for parameter in study.model.present(study.values)
        if parameter.shown and (everything or parameter.numerical)
    }


@blueprint.get("/study-case/<int:study_id>/url")
def url(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Return the web page of the study. The server does not check rights here."""
    caller = require_caller()
    if caller.group is None and not world().behaviour.url_works_for_users:
        raise ApiError(500, errors.INTERNAL)
    if study_id not in world().studies:
        text = f"Requested study case (identifier {study_id}) does not exist in the database"
        raise ApiError(400, f"InvalidStudy({text})")
    return answer({"study_url": f"{world().gui}/study/{study_id}"})


@blueprint.post("/study-case/<int:study_id>/copy")
def copy(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Create a study of the same process. Only defaults are copied."""
    study = find_study(study_id, Right.CONTRIBUTOR)
    body = json_body()
    if not isinstance(body, dict) or body.get("new_study_name") is None:
        raise ApiError(400, "400 Bad Request: Missing mandatory parameter: new_name")
    return answer(world().copy(require_caller(), study, str(body["new_study_name"])))


@blueprint.get("/study-case/<int:study_id>/logs")
def logs(study_id: int) -> Response:
    """Send the log of the last run."""
    study = find_study(study_id, Right.COMMENTER)
    with world().lock:
        content, written_at = study.log()
        path = study.log_path
    return _file(path, content, written_at, "application/octet-stream")


def _file(path: str, content: bytes, written_at: float, content_type: str) -> Response:
    """Send bytes like the framework sends a file: ETag of time, size and name, ranges, 304."""
    sent = send_file(
        io.BytesIO(content),
        mimetype=content_type,
        download_name=path.rpartition("/")[2],
        etag=f"{written_at}-{len(content)}-{zlib.adler32(path.encode())}",
        last_modified=datetime.fromtimestamp(written_at, tz=UTC),
        conditional=True,
    )
    # By the clock of the world, which need not be that of the machine.
    sent.date = datetime.fromtimestamp(world().clock.now(), tz=UTC)
    # The server announces ranges only in answers to a range request.
    if sent.status_code != HTTPStatus.PARTIAL_CONTENT:
        sent.headers.pop("Accept-Ranges", None)
    return sent


def _informed_study(study_id: int) -> tuple[Caller, Study]:
    """Return a study for the routes with other error texts."""
    caller = require_caller()
    try:
        study = world().find(study_id)
    except ApiError as error:
        raise ApiError(500, error.description) from error
    if world().right(caller, study_id) < Right.RESTRICTED_VIEWER:
        raise ApiError(400, errors.NO_RIGHTS_INFORMATION)
    return caller, study


@blueprint.get("/study-case/<int:study_id>/read-only-mode")
def read_only(study_id: int) -> Response:
    """Send the file of the last successful run."""
    caller, study = _informed_study(study_id)
    with world().lock:
        status = study.status
        results = study.read_only
        if status != "FINISHED" or results is None:
            raise ApiError(400, errors.NO_READ_ONLY)
        with_data = world().right(caller, study_id) > Right.RESTRICTED_VIEWER
        content = _document(study, results, with_data=with_data)
    folder = f"{errors.DATA_FOLDER}/{study.group_id}/{study_id}"
    name = "loaded_study_case.json" if with_data else "loaded_study_case_no_data.json"
    return _file(f"{folder}/{name}", content, results.written_at, "application/json")


def _document(study: Study, results: Results, *, with_data: bool) -> bytes:
    """Build the file once per run, because clients request it often."""
    key = (study.id, results.written_at, with_data)
    kept = world().files
    if key not in kept:
        kept.clear()
        kept[key] = file(study, results, world().ontology.catalogue, with_data=with_data)
    return kept[key]


@blueprint.get("/study-case/<int:study_id>/saved-ontology-usages")
def saved_usages(study_id: int) -> Response:
    """Return the metadata that was saved at the end of the last successful run."""
    _, study = _informed_study(study_id)
    with world().lock:
        return _compressed(saved.usages(study, world().ontology.catalogue))


@blueprint.get("/study-case/<int:study_id>/saved-documentation/<name>")
def saved_documentation(study_id: int, name: str) -> Response:
    """Return a documentation that was saved at the end of the last successful run."""
    _, study = _informed_study(study_id)
    with world().lock:
        return _compressed(saved.documentation(study, name, world().ontology.catalogue))


def _compressed(value: Json) -> Response:
    """Return JSON that is always compressed, whatever the client accepts."""
    body = gzip.compress(dumps(value).encode(), mtime=math.floor(world().clock.now()))
    return Response(body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
