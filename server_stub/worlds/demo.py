"""Studies for demonstrations and tests."""

from collections.abc import Callable

from server_stub.study import Study
from server_stub.world import World
from server_stub.worlds import climate, dice, gallery, large, loops, sampling, sectors, sellar, sensitivity, typed
from server_stub.worlds.people import populate

# A past run started so long ago that it has ended.
_AN_HOUR = 3600.0


def finished(study: Study) -> None:
    """Add a successful run in the past to a study."""
    study.start_run(study.pace.now() - study.pace.last(_AN_HOUR))
    study.settle()
    study.unload()


def filled(fill: Callable[[Study], None]) -> Callable[[Study], None]:
    """Set values of a study before its successful run."""

    def prepare(study: Study) -> None:
        fill(study)
        finished(study)

    return prepare


def build(world: World) -> None:
    """Add the users and the studies. From 28 on, they are like those of the later recordings.

    The studies 11 and 12 are functions to test a sensitivity analysis with. Study 13 has many exchanges.
    """
    rights = populate(world)
    world.declare_study(13, "sectors", sectors.model(sectors.SMALL, "sectors_process"), rights, finished)
    world.declare_study(21, "dice", dice.DICE, rights, finished)
    world.declare_study(22, "crash", dice.CRASH, rights)
    world.declare_study(23, "witness", large.model(large.FULL, "witness_process"), rights, finished)
    world.declare_study(24, "stuck", dice.STUCK, rights)
    world.declare_study(25, "hidden", dice.DICE, {})
    world.declare_study(26, "endless", dice.ENDLESS, rights, finished)
    world.declare_study(27, "gallery", gallery.GALLERY, rights, finished)
    world.declare_study(28, "sellar", sellar.SELLAR, rights, filled(sellar.fill))
    world.declare_study(29, "doe", sampling.SAMPLING, rights, filled(sampling.fill))
    world.declare_study(30, "dice.v2", dice.SMALL, rights, finished)
    world.declare_study(31, "wrapped", loops.wrapped(loops.OPTIMUM), rights, finished)
    world.declare_study(32, "types", typed.BOTH, rights, filled(typed.fill_all_types))
    world.declare_study(33, "climate", climate.CLIMATE, rights, filled(climate.fill))
    world.declare_study(11, "ishigami", sensitivity.ISHIGAMI, rights, finished)
    world.declare_study(12, "g_function", sensitivity.G_FUNCTION, rights, finished)
