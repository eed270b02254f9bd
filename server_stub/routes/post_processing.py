"""Routes for charts, as JSON and as a page."""

import math

from flask import Blueprint, Response

from server_stub.model import Charts
from server_stub.pages import page
from server_stub.routes.request_context import answer, await_memory, find_study, world
from server_stub.study import Study
from server_stub.values import encode
from server_stub.world import Right

blueprint = Blueprint("post_processing", __name__)


@blueprint.get("/post-processing/<int:study_id>")
def charts_as_json(study_id: int) -> tuple[str, int, dict[str, str]]:
    """Return the charts by discipline. If there are several bundles, the last one wins."""
    study = find_study(study_id, Right.RESTRICTED_VIEWER)
    drawn = _charts(study)
    last = {node: bundles[-1].charts if bundles else [] for node, bundles in drawn.items()}
    return answer({study.full(node): encode(charts) for node, charts in last.items()})


@blueprint.get("/post-processing/<int:study_id>/html")
def charts_as_page(study_id: int) -> Response:
    """Return all charts of all bundles on one page."""
    study = find_study(study_id, Right.RESTRICTED_VIEWER)
    return Response(page(study, _charts(study)), headers={"Content-Type": "text/html; charset=utf-8"})


def _charts(study: Study) -> Charts:
    """Draw the charts when the study is in memory. A study that cannot be loaded has none."""
    await_memory(study)
    with world().lock:
        wait = study.seconds_to_load()
    if math.isinf(wait):
        return {}
    world().clock.sleep(wait)
    with world().lock:
        study.unread_change = False
        return study.charts()
