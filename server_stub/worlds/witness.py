"""Large studies: a full one, a coarse one, and one with as many charts as WITNESS."""

from server_stub.world import World
from server_stub.worlds import large, sectors
from server_stub.worlds.demo import finished
from server_stub.worlds.people import populate


def build(world: World) -> None:
    """Add the users and the large studies."""
    rights = populate(world)
    world.declare_study(23, "witness", large.model(large.FULL, "witness_process"), rights, finished)
    world.declare_study(31, "coarse", large.model(large.COARSE, "witness_coarse_process"), rights, finished)
    world.declare_study(32, "whole", large.model(large.WHOLE, "witness_whole_process"), rights, finished)
    world.declare_study(33, "sectors", sectors.model(sectors.FULL, "sectors_process"), rights, finished)
