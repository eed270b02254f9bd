"""A sweep from its cases to its results, while no other change of its studies is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.sweep.prepare import prepare
from sostrades_cli.operations.calc.sweep.results import result_rows
from sostrades_cli.operations.history.recorder import alone
from sostrades_cli.operations.study_locks import sweep_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sostrades_cli.operations.calc.monitor import Watching
    from sostrades_cli.operations.calc.sweep.prepare import Request
    from sostrades_cli.operations.calc.sweep.runner import Sweeping, Tells
    from sostrades_cli.operations.context import Server
    from sostrades_cli.output.results import Rows


def run_sweep(
    server: Server, request: Request, how: Watching, telling: Callable[[Sweeping], AbstractContextManager[Tells]]
) -> Rows:
    """Run what is asked for and return a row for each case; ``telling`` yields what is told of each.

    Raises
    ------
    SostradesError
        It cannot be begun, or did not come to its end; what is done is in the record.

    """
    with sweep_lock(server.state, server.api.session.host, [request.study, *request.studies]):
        # A change that is under way comes first, and is a part of what the study holds itself.
        with alone(server, *request.studies):
            sweeping = prepare(server, request, how)
        with telling(sweeping) as tell:
            sweeping.run(tell)
    return result_rows(sweeping)
