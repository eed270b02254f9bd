"""What every route does first: find the world, the caller and the study."""

import socket
from typing import NoReturn, cast

from flask import g, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from server_stub.disconnect import client_left
from server_stub.errors import ApiError
from server_stub.faults import GONE
from server_stub.keys import Caller
from server_stub.middleware import WORLD
from server_stub.study import Study
from server_stub.values import Json, Value, dumps
from server_stub.world import Right, World

_BEYOND_PATIENCE = 3600.0


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


def hang(seconds: float) -> NoReturn:
    """Do not answer: hold the request until its client leaves, at most so many seconds of the world's clock."""
    if isinstance(request.environ.get("werkzeug.socket"), socket.socket):
        client_left(request.environ, seconds)
    else:
        world().clock.sleep(seconds)
    request.environ[GONE] = True
    raise ApiError(500, "nobody is there to read this")


def wait_in_memory(found: Study) -> None:
    """Go on only when the study's place in memory is free; one that is stuck never lets anybody in."""
    with world().lock:
        stuck = found.changes.stuck
    if stuck:
        hang(_BEYOND_PATIENCE)


def answer(value: Value, status: int = 200) -> tuple[str, int, dict[str, str]]:
    """Answer with JSON."""
    return dumps(value), status, {"Content-Type": "application/json"}


def json_body() -> Json:
    """Read a JSON body; on these routes an error has its own status doubled in its text."""
    try:
        return request.get_json()
    except (BadRequest, UnsupportedMediaType) as error:
        raise ApiError(400, f"{error.code} {error.name}: {error.description}") from error
