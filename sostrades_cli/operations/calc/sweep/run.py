"""A sweep from its cases to its results, while no other change of its studies is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.sweep.prepare import prepare
from sostrades_cli.operations.calc.sweep.results import SweepReport, sweep_report
from sostrades_cli.operations.history.recorder import alone
from sostrades_cli.operations.study_locks import sweep_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.operations.context import Context


def run_sweep(
    context: Context,
    request: SweepRequest,
    options: WatchOptions,
    telling: Callable[[SweepRunner], AbstractContextManager[ProgressListener]],
) -> SweepReport:
    """Run what is asked for and return a row for each case; ``telling`` yields what is told of each.

    Raises
    ------
    SostradesError
        It cannot be begun, or did not come to its end; what is done is in the record.

    """
    with sweep_lock(context.state, context.api.session.host, [request.study, *request.studies]):
        # A change that is under way comes first, and is a part of what the study holds itself.
        with alone(context, *request.studies):
            sweeping = prepare(context, request, options)
        with telling(sweeping) as tell:
            sweeping.run(tell)
    return sweep_report(sweeping)
