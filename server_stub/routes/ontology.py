"""The ontology routes of a server without an ontology."""

from flask import Blueprint, request

from server_stub.errors import ApiError
from server_stub.routes.request_context import answer, require_caller

blueprint = Blueprint("ontology", __name__)


@blueprint.post("/ontology/ontology-usages")
def usages() -> tuple[str, int, dict[str, str]]:
    """Return an empty answer for each requested name."""
    require_caller()
    body = request.get_json()
    if not isinstance(body, dict) or body.get("ontology_request") is None:
        raise ApiError(400, "Missing mandatory parameter: ontology_request")
    return answer({})


@blueprint.get("/ontology/<name>/markdown_documentation")
def documentation(name: str) -> tuple[str, int, dict[str, str]]:  # noqa: ARG001 - no name is known
    """Return an empty answer."""
    require_caller()
    return answer({})
