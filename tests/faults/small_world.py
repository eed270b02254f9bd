"""Build a server with two small studies within a millisecond, because every case has its own."""

from __future__ import annotations

from typing import Final

from server_stub import charts
from server_stub.clock import ManualClock
from server_stub.model import Bundle, Charts, Model, Parameter, Timing, Values
from server_stub.values import Table, Value
from server_stub.world import World
from server_stub.worlds.demo import finished
from server_stub.worlds.people import populate

STUDIES: Final = (21, 31)
_PEOPLE: Final = Table(("years", "population"), tuple((2020 + at, 7800.0 + 70.5 * at) for at in range(5)))


def _compute(values: Values) -> dict[str, Value]:
    lost = float(values["Macro.gamma"]) * 100
    return {"Damage.total_damage": lost, "Damage.damages": Table(("years", "damages"), ((2020, lost), (2021, lost)))}


def _draw(values: Values) -> Charts:
    lost = values.get("Damage.damages")
    if lost is None:
        return {"": [], "Macro": [], "Damage": []}
    drawn = charts.bars(
        "Damages", ("years", lost.column("years")), ("damages [G$]", {"damages": lost.column("damages")})
    )
    return {"": [], "Macro": [], "Damage": [Bundle("cliproc.discs.Damage", (drawn,), ("bar",))]}


SMALL: Final = Model(
    "small_process",
    ("", "Macro", "Damage"),
    (
        Parameter("Macro.gamma", "float", 0.3),
        Parameter("Macro.scenario", "string", "sunny", None),
        Parameter("Macro.shares", "dict", {"coal": 0.4, "wind": 0.6}),
        Parameter("Macro.population", "dataframe", _PEOPLE, "Mpeople"),
        Parameter("Damage.total_damage", "float", None, "G$", io_type="out"),
        Parameter("Damage.damages", "dataframe", None, "G$", io_type="out"),
    ),
    _compute,
    _draw,
    Timing(pending=3.0, silent=0.3, work=2.0, moving=True),
)


def build() -> World:
    """Build it, with a clock that only the case advances."""
    world = World(server="documented", speed=1.0, clock=ManualClock())
    rights = populate(world)
    for number in STUDIES:
        world.add_study(number, "dice", SMALL, rights, finished)
        # What a run leaves differs between the two, so that comparing them shows something.
        world.studies[number].values["Macro.scenario"] = f"sunny {number}"
    return world
