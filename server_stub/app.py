"""The Flask app of a world."""

import base64
import json
import re
from functools import cache

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from server_stub.errors import ApiError
from server_stub.middleware import FaultyApp
from server_stub.routes import calculations, control, ontology, parameters, post_processing, studies
from server_stub.routes.request_context import answer, world
from server_stub.world import World

PREFIX = "/api/v0"
_SUBJECTS = (studies, parameters, calculations, post_processing, ontology)
_NAMES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}
_LEAST_ERROR = 400
_SINCE_5_3_1 = re.compile(rf"{PREFIX}/(ontology/|study-case/\d+/(read-only-mode|saved-))")


def create_app(world: World) -> FaultyApp:
    """Return the app of a world. All worlds share the routes, because the state is in the world."""
    return FaultyApp(routes().wsgi_app, world)


@cache
def routes() -> Flask:
    """Build the routes. They find their world in the request."""
    app = Flask("server_stub")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    for subject in _SUBJECTS:
        app.register_blueprint(subject.blueprint, url_prefix=PREFIX)
    app.register_blueprint(control.blueprint)
    app.add_url_rule("/api/ping", "ping", lambda: answer("pong"))
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_refuse_later_routes)
    app.after_request(_common_headers)
    return app


def _refuse_later_routes() -> None:
    """Answer 404 on the routes that an older server does not have, before any check of the key."""
    if not world().behaviour.has_routes_of_5_3_1 and _SINCE_5_3_1.match(request.path):
        raise NotFound


def _error(status: int, name: str, description: str | None) -> tuple[str, int, dict[str, str]]:
    return answer({"statusCode": status, "name": name, "description": description}, status)


def _api_error(error: ApiError) -> tuple[str, int, dict[str, str]]:
    return _error(error.status, _NAMES[error.status], error.description)


def _http_error(error: HTTPException) -> HTTPException | tuple[str, int, dict[str, str]]:
    if isinstance(error, RequestRedirect) or error.code is None:
        return error
    return _error(error.code, error.name, error.description)


def _common_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache, no-store, must-revalidate"
    caller = g.get("caller")
    if caller is not None and response.status_code < _LEAST_ERROR:
        # The cookie of the real server is not encrypted either.
        readable = json.dumps({"user": {"name": caller.user.name, "email": caller.user.email}})
        cookie = base64.urlsafe_b64encode(readable.encode()).decode().rstrip("=")
        response.set_cookie("session", f"{cookie}.stub", httponly=True, path="/")
    return response
