"""The ontology routes. The API passes the requests to the ontology service, without a check of rights."""

from flask import Blueprint, request

from server_stub.errors import ApiError
from server_stub.ontology.catalogue import Catalogue
from server_stub.routes.request_context import HANG_LIMIT_S, answer, hang, require_caller, world

blueprint = Blueprint("ontology", __name__)


@blueprint.post("/ontology/ontology-usages")
def usages() -> tuple[str, int, dict[str, str]]:
    """Return the entries of disciplines and usages."""
    require_caller()
    body = request.get_json()
    if not isinstance(body, dict):
        raise ApiError(500, f"'{type(body).__name__}' object has no attribute 'get'")
    requested = body.get("ontology_request")
    if requested is None:
        raise ApiError(400, "Missing mandatory parameter: ontology_request")
    catalogue = _catalogue()
    try:
        return answer({} if catalogue is None else catalogue.usages(requested))
    except TypeError:
        # An error of the service, which the API turns into an empty answer.
        return answer({})


@blueprint.get("/ontology/<name>/markdown_documentation")
def documentation(name: str) -> tuple[str, int, dict[str, str]]:
    """Return the documentation of a module or process."""
    require_caller()
    catalogue = _catalogue()
    return answer({} if catalogue is None else catalogue.document(name))


def _catalogue() -> Catalogue | None:
    with world().lock:
        now = world().clock.now()
        hangs = world().ontology.hangs(now)
        catalogue = world().ontology.reach(now)
    if hangs:
        hang(HANG_LIMIT_S)
    return catalogue
