"""Studies to try everything on."""

from server_stub.study import Study
from server_stub.world import World
from server_stub.worlds import dice, gallery, large
from server_stub.worlds.people import populate

# A past run lies far enough back to be over whatever it takes.
_AN_HOUR = 3600.0


def finished(study: Study) -> None:
    """Give a study a successful run in the past."""
    study.start_run(study.pace.now() - study.pace.last(_AN_HOUR))
    study.settle()
    study.leave_memory()


def build(world: World) -> None:
    """Enter the people and the studies 21 to 27."""
    rights = populate(world)
    world.add_study(21, "dice", dice.DICE, rights, finished)
    world.add_study(22, "crash", dice.CRASH, rights)
    world.add_study(23, "witness", large.model(large.FULL, "witness_process"), rights, finished)
    world.add_study(24, "stuck", dice.STUCK, rights)
    world.add_study(25, "hidden", dice.DICE, {})
    world.add_study(26, "endless", dice.ENDLESS, rights, finished)
    world.add_study(27, "gallery", gallery.GALLERY, rights, finished)
