"""Routes that change and download parameters."""

from flask import Blueprint, Response, request

from server_stub import csv_files, errors
from server_stub.errors import ApiError
from server_stub.faults import DROP_UPDATE
from server_stub.model import Parameter
from server_stub.read_only import update_answer
from server_stub.routes.request_context import answer, await_memory, find_study, hang, json_body, world
from server_stub.study import Study
from server_stub.values import Json, Value
from server_stub.world import Right

blueprint = Blueprint("parameters", __name__)
_KEYS = ("variableId", "newValue", "unit")
_JSON_LINE, _FILE_LINE, _READ_LINE = 728, 703, 674


@blueprint.post("/study-case/<int:study_id>/parameters")
def change(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Accept changes. The answer does not show whether they are applied."""
    study = find_study(study_id, Right.CONTRIBUTOR)
    uploaded = bool(request.files) and world().behaviour.upload_works
    changes = _uploaded(study) if uploaded else _posted(study)
    with world().lock:
        wait = study.start_change(uploaded=uploaded)
    await_memory(study)
    world().clock.sleep(wait)
    with world().lock:
        # The real server loses some changes and still answers 200.
        if DROP_UPDATE not in request.environ:
            study.update(changes)
        return answer(update_answer(study))


def _posted(study: Study) -> dict[str, Value]:
    """Parse JSON changes. All refusals come before a change is applied."""
    if world().behaviour.upload_works and not request.is_json:
        raise ApiError(400, errors.NO_FILES)
    body = request.get_json()
    if isinstance(body, int | float) and body:
        raise ApiError(500, f"argument of type '{type(body).__name__}' is not iterable")
    if not body:
        raise ApiError(400, errors.NO_FILES)
    changes = [_complete(item) for item in ([body] if isinstance(body, dict) else body)]
    for item in changes:
        _check_name(study, item["variableId"])
    return {item["variableId"]: item["newValue"] for item in changes}


def _complete(item: Json) -> dict[str, Json]:
    if isinstance(item, int | float) or item is None:
        raise ApiError(500, f"argument of type '{type(item).__name__}' is not iterable")
    missing = [key for key in _KEYS if key not in item]
    if missing:
        # The server prints the line about None for each present key.
        lines = (
            f"Missing mandatory key: {key}" if key in missing else f"Mandatory key {key} found with value None"
            for key in _KEYS
        )
        raise ApiError(400, "\n".join(lines))
    try:
        # A list or a text may contain all three words.
        return {key: item[key] for key in _KEYS}
    except TypeError as error:
        raise ApiError(400, str(error)) from error


def _check_name(study: Study, name: Json) -> None:
    if not isinstance(name, str):
        raise ApiError(400, f"'{type(name).__name__}' object has no attribute 'rsplit'")
    if "." not in name:
        raise ApiError(400, "not enough values to unpack (expected 2, got 1)")
    study.require_known(name, _JSON_LINE)


def _uploaded(study: Study) -> dict[str, Value]:
    """Parse CSV files, one part per parameter. All or none are accepted."""
    changes = {}
    for name, part in request.files.items():
        if part.filename:
            parameter = study.require_known(name, _FILE_LINE)
            changes[name] = _read(part.read(), parameter)
    if not changes:
        raise ApiError(400, errors.NO_FILES)
    return changes


def _read(content: bytes, parameter: Parameter) -> Value:
    try:
        return csv_files.read(content, parameter.type, subtype=parameter.subtype, descriptor=parameter.descriptor)
    except AttributeError as error:
        raise ApiError(400, str(error)) from error
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, MemoryError) as error:
        raise errors.study_case_error(error, _READ_LINE) from error


@blueprint.post("/study-case/<int:study_id>/parameter/download")
def download(study_id: int) -> Response:
    """Send a value as CSV. Parallel downloads of a changed study can hang."""
    study = find_study(study_id, Right.COMMENTER)
    body = json_body()
    if body is None:
        raise ApiError(400, "400 Bad Request: 'parameter_key' not found in request")
    if not isinstance(body, dict):
        raise ApiError(400, f"'{type(body).__name__}' object has no attribute 'get'")
    await_memory(study)
    _begin_reading(study)
    try:
        world().clock.sleep(world().download_seconds)
        name = body.get("parameter_key")
        if name is None:
            raise ApiError(400, "None")
        with world().lock:
            value = study.value_to_download(str(name))
        return Response(_written(str(name), value), headers={"Content-Type": "text/csv; charset=utf-8"})
    finally:
        _end_reading(study)


def _written(name: str, value: Value) -> bytes:
    try:
        return csv_files.write(value, name).encode()
    except UnicodeEncodeError as error:
        raise ApiError(400, errors.invalid_file(name, error)) from error


def _begin_reading(study: Study) -> None:
    """Mark the study as being read. A second reader of a changed study hangs, like on the server."""
    with world().lock:
        reading = world().reading.get(study.id, 0)
        socket = request.environ.get("werkzeug.socket")
        hangs = study.unread_change and reading > 0 and socket is not None
        if not hangs:
            world().reading[study.id] = reading + 1
    if hangs:
        hang(world().hang_limit)


def _end_reading(study: Study) -> None:
    with world().lock:
        world().reading[study.id] -= 1
        study.unread_change = False
