"""Worlds to serve: ``demo``, ``witness`` and ``bare``, and others for tests."""

from server_stub.clock import Clock, RealClock
from server_stub.ontology.service import ON
from server_stub.world import World
from server_stub.worlds import by_hand, demo, described, hostile, realistic, recorded, witness

_BUILDERS = {
    "demo": demo.build,
    "witness": witness.build,
    "recorded": recorded.build,
    "realistic": realistic.build,
    "described": described.build,
    "hostile": hostile.build,
    "bare": by_hand.build,
}
SERVED = ("demo", "witness")


def build_world(
    name: str,
    *,
    server: str = "documented",
    speed: float = 1.0,
    clock: Clock | None = None,
    ontology: str = ON,
) -> World:
    """Build a world by name."""
    world = World(server=server, speed=speed, clock=clock or RealClock(), ontology=ontology)
    _BUILDERS[name](world)
    return world
