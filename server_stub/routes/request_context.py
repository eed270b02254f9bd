"""The context of a request: world, caller and study."""

import socket
from typing import NoReturn, cast

from flask import g, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from server_stub.disconnect import await_disconnect
from server_stub.errors import ApiError
from server_stub.faults import GONE
from server_stub.keys import Caller
from server_stub.middleware import WORLD
from server_stub.study import Study
from server_stub.values import Json, Value, dumps
from server_stub.world import Right, World

HANG_LIMIT_S = 3600.0


def world() -> World:
    """Return the world of the request."""
    return cast("World", request.environ[WORLD])


def require_caller() -> Caller:
    """Return the caller, or refuse the request."""
    caller = world().caller(request.headers.get("Authorization"))
    g.caller = caller
    return caller


def find_study(study_id: int, needed: Right) -> Study:
    """Return a study that the caller may use with the needed right, or refuse the request."""
    caller = require_caller()
    with world().lock:
        return world().study(caller, study_id, needed)


def hang(seconds: float) -> NoReturn:
    """Hold the request without an answer until its client disconnects, for at most ``seconds`` of the world's clock."""
    if isinstance(request.environ.get("werkzeug.socket"), socket.socket):
        await_disconnect(request.environ, seconds)
    else:
        world().clock.sleep(seconds)
    request.environ[GONE] = True
    raise ApiError(500, "the client has disconnected")


def await_memory(study: Study) -> None:
    """Wait until the study can be used in memory. If a change is stuck, hang."""
    with world().lock:
        stuck = study.changes.stuck
    if stuck:
        hang(HANG_LIMIT_S)


def answer(value: Value, status: int = 200) -> tuple[str, int, dict[str, str]]:
    """Return a JSON answer."""
    return dumps(value), status, {"Content-Type": "application/json"}


def json_body() -> Json:
    """Parse a JSON body. On these routes, the text of an error contains its status twice."""
    try:
        return request.get_json()
    except (BadRequest, UnsupportedMediaType) as error:
        raise ApiError(400, f"{error.code} {error.name}: {error.description}") from error
