"""Define a study in which every text is hostile: control sequences, markup, direction marks, formulas, file names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from server_stub import charts
from server_stub.charts import Position
from server_stub.model import Bundle, Model, Parameter, no_outputs
from server_stub.solver_settings import coupling_settings
from server_stub.values import Table
from server_stub.world import Right
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from conftest import User

    from server_stub.world import World

STUDY: Final = 66
# Title, clipboard, colour and screen, device control, C1 forms, bell, markup, direction, line ends, NUL, links.
TRICKS: Final = (
    "\x1b]0;owned\x07",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[31mred",
    "\x1bP+q544e\x1b\\",
    "\x9b31mc1\x9d0;owned\x9c",
    "[bold]loud[/bold][/]",
    "[link=https://evil.example]x",
    "a\u202egnp.exe\u2066b\u200f",
    "two\nlines\r\x00\x08\x7f\u2028",
    "<b>\x1b[5m&lt;\x1b]0;owned\x07</b>",
)
ALL_TRICKS: Final = "".join(TRICKS)
# What a terminal would obey, or what would fool whoever looks at it; ends of lines of our own are none.
OBEYED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def parameters(tricks: tuple[str, ...] = TRICKS) -> tuple[Parameter, ...]:
    """Return parameters whose names, units and values are hostile."""
    made = [
        Parameter(f"N{number}.v{trick.replace('.', ',')}", "string", trick, trick)
        for number, trick in enumerate(tricks)
    ]
    rows = tuple((number, trick) for number, trick in enumerate(tricks))
    table = Parameter("T.table", "dataframe", Table(("n", f"c{tricks[0]}"), rows), tricks[0])
    return (*made, table, Parameter("T.list", "list", list(tricks), None), *coupling_settings())


def enter(world: World, name: str = f"evil{ALL_TRICKS}", tricks: tuple[str, ...] = TRICKS) -> None:
    """Add the finished study."""
    drawn = tuple(
        charts.lines(
            f"chart{trick}", (f"x{trick}", [1, 2]), (f"y{trick}", {f"s{trick}": [1.0, 2.0]}), Position(section=trick)
        )
        for trick in tricks
    )
    model = Model("p", ("", "N"), parameters(tricks), no_outputs, lambda _: {f"N{tricks[0]}": [Bundle("b", drawn)]})
    world.add_study(STUDY, name, model, {world.users["owner@email.com"]: Right.OWNER}, finished)


def hostile_user(user: User) -> User:
    """Return a user of a server that has the study."""
    enter(user.world)
    return user
