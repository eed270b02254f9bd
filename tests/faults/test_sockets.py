"""Test the faults over real sockets: every command behaves as in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults.cells import Case, play_on_sockets
from faults.kinds import KINDS
from faults.matrix import steps, well
from faults.network import SERVER
from faults.scenarios import SCENARIOS
from faults.verdicts import wrong

if TYPE_CHECKING:
    from faults.exchange import Kind

pytestmark = pytest.mark.slow
# What takes a certificate, a name or a true clock has tests of its own beside this file.
ON_THE_WIRE = [kind for kind in KINDS if kind.column not in {"TLS", "drip"} and kind.name != "no such name"]


@pytest.mark.parametrize("kind", ON_THE_WIRE, ids=lambda kind: kind.name)
def test_commands_behave_on_the_wire_as_in_process(kind: Kind) -> None:
    result = []
    for scenario in SCENARIOS:
        good = well(scenario, as_json=True)
        step = steps(scenario)[0]
        if kind.needs_json and good.network.types[step[:2]] != "application/json":
            continue
        case = Case(scenario, kind, step, SERVER, as_json=True, first=True)
        result += [f"{case}: {text}" for text in wrong(case, play_on_sockets(case, good.network.types), good)]
    assert result == []
