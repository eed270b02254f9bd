"""What every route does first: find the world, the caller and the study."""

from typing import cast

from flask import g, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from server_stub.errors import ApiError
from server_stub.keys import Caller
from server_stub.middleware import WORLD
from server_stub.study import Study
from server_stub.values import Json, Value, dumps
from server_stub.world import Right, World


def world() -> World:
    """Give the world that is asked."""
    return cast("World", request.environ[WORLD])


def caller() -> Caller:
    """Give the caller, or refuse."""
    found = world().caller(request.headers.get("Authorization"))
    g.caller = found
    return found


def study(study_id: int, needed: Right) -> Study:
    """Give a study that the caller may use so far, or refuse."""
    who = caller()
    with world().lock:
        return world().study(who, study_id, needed)


def answer(value: Value, status: int = 200) -> tuple[str, int, dict[str, str]]:
    """Answer with JSON."""
    return dumps(value), status, {"Content-Type": "application/json"}


def json_body() -> Json:
    """Read a JSON body; on these routes an error has its own status doubled in its text."""
    try:
        return request.get_json()
    except (BadRequest, UnsupportedMediaType) as error:
        raise ApiError(400, f"{error.code} {error.name}: {error.description}") from error
