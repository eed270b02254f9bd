"""The studies of the later recordings at their beginning. Their ids differ between the servers."""

from collections.abc import Callable
from dataclasses import replace

from server_stub.model import Model
from server_stub.study import Study
from server_stub.world import World
from server_stub.worlds import climate, loops, sampling, sellar, typed
from server_stub.worlds.people import populate
from server_stub.worlds.recorded import UNREAD

# The model, the function that fills it, the id on a server that works, and the id on 5.3.
_STUDIES: dict[str, tuple[Model, Callable[[Study], None] | None, int | None, int | None]] = {
    "mixed": (replace(typed.TABLES, repository="realproc.processes"), None, 6, None),
    "tables": (typed.TABLES, None, 37, 22),
    "pair": (sellar.SELLAR, sellar.fill, 39, 24),
    "types": (typed.ALL_TYPES, typed.fill_all_types, 41, 26),
    "samples": (sampling.SAMPLING, sampling.fill, 43, None),
    "climate": (climate.CLIMATE, climate.fill, 47, None),
    "ring": (loops.RING, None, None, 31),
}
# The results of the optimisation of `wrapped` on the two servers.
_WRAPPED = {"documented": (45, loops.OPTIMUM), "5.3": (30, 1.77763898346126)}


def build(world: World) -> None:
    """Add the users and the studies of the server."""
    rights = populate(world)
    works = world.behaviour.load_works
    for name, (model, fill, id_that_works, id_on_5_3) in _STUDIES.items():
        study_id = id_that_works if works else id_on_5_3
        if study_id is not None:
            timing = replace(model.timing, unread=UNREAD)
            study = world.add_study(study_id, name, replace(model, timing=timing), rights)
            if fill is not None:
                fill(study)
    study_id, optimum = _WRAPPED["documented" if works else "5.3"]
    world.add_study(study_id, "wrapped", loops.wrapped(optimum), rights)
    tables = world.studies[37 if works else 22]
    tables.values["Mixed.demand"] = 20.0
    if works:
        # The order of the columns of such a list differs between servers.
        tables.values["Mixed.list_of_dict"] = [{"b": "y", "a": "x"}, {"b": "w", "a": "z"}]
