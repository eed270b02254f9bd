"""The studies of the recordings with metadata and documentation, at their beginning."""

from dataclasses import replace

from server_stub.study import Study
from server_stub.world import World
from server_stub.worlds import climate, loops, sellar, typed
from server_stub.worlds.demo import filled, finished
from server_stub.worlds.people import populate


def build(world: World) -> None:
    """Add the users and the studies. The largest one is left out."""
    rights = populate(world)
    world.declare_study(1, "sellar", sellar.SELLAR, rights, filled(sellar.fill))
    world.declare_study(6, "mixed", typed.TABLES, rights, _fail_after_a_success)
    world.declare_study(7, "loop", loops.RING, rights, _finish_without_the_service)
    world.declare_study(14, "empty", sellar.SELLAR, rights)
    world.declare_study(16, "dice", climate.CLIMATE, rights, filled(climate.fill))


def _finish_without_the_service(study: Study) -> None:
    """Add a run from the time before the server had an ontology."""
    finished(study)
    if study.results is not None:
        study.results = study.read_only = replace(study.results, described=False)


def _fail_after_a_success(study: Study) -> None:
    _finish_without_the_service(study)
    study.values["Mixed.crash"] = True
    finished(study)
