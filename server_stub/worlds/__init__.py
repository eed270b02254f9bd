"""Worlds to serve: ``demo``, ``witness`` and ``bare``, and ``recorded`` and ``realistic`` for tests of recordings."""

from server_stub.clock import Clock, RealClock
from server_stub.world import World
from server_stub.worlds import by_hand, demo, realistic, recorded, witness

_BUILDERS = {
    "demo": demo.build,
    "witness": witness.build,
    "recorded": recorded.build,
    "realistic": realistic.build,
    "bare": by_hand.build,
}
SERVED = ("demo", "witness")


def build_world(name: str, *, server: str = "documented", speed: float = 1.0, clock: Clock | None = None) -> World:
    """Build a world by name."""
    world = World(server=server, speed=speed, clock=clock or RealClock())
    _BUILDERS[name](world)
    return world
