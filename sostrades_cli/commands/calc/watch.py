"""``sostrades calc watch``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import watch_options
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.output.answer_pace import LONGEST_SILENCE_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import RunStatus
    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.notify import NotifyOptions, ProgramRunner
    from sostrades_cli.output.results import Events

FORMATS: Final = ("table", "tsv", "json", "ndjson")  # of events


@framework.command(
    examples=[
        "sostrades calc watch 21",
        "sostrades calc watch 21 22 23 --fail-fast",
        "sostrades calc watch 21 --timeout 2h --on-finish 'mail -s done me@corp.example'",
        "sostrades calc watch 21 -F ndjson | tail -1",
    ],
    formats=FORMATS,
    interrupted="sostrades calc watch {studies}",
    remains="a run on the server is not stopped",
)
@click.argument("studies", nargs=-1, required=True, type=STUDY, metavar="STUDY...")
@watch_options
def command(app: App, studies: tuple[int, ...], options: WatchOptions, notify_options: NotifyOptions | None) -> Events:
    """Watch runs to the end.

    At a terminal there is a live view, in a pipe one line per change. -F ndjson prints events, -F json the final state.
    Ctrl-C stops watching; the runs continue on the server. Exit 0 if all runs finished. Otherwise the worst result
    decides: 3 if a run failed, 8 if there is no run, 124 after --timeout.
    """
    return watched(app, list(dict.fromkeys(studies)), options, notify_options)


def watched(
    app: App,
    studies: Sequence[int],
    options: WatchOptions,
    notify_options: NotifyOptions | None,
    starts: Mapping[int, RunStatus | SostradesError] | None = None,
) -> Events:
    """Watch runs; ``starts`` are the answers of the server to the starts of studies, or the errors."""
    from sostrades_cli.operations.calc.watch import study_names, watch  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.output.results import Events  # noqa: PLC0415

    names = study_names(app.context, studies)
    events = watch(app.context, studies, options, starts or {})
    if app.context.show_log is not None:
        from sostrades_cli.operations.calc.failed_log import with_failed_logs  # noqa: PLC0415 - start-up: only in CI jobs

        events = with_failed_logs(app.context, events)
    if options.reports is not None:
        from sostrades_cli.operations.calc.run_reports import reported  # noqa: PLC0415 - start-up: few watches need it

        events = reported(events, options.reports, "calc watch" if starts is None else "calc run", studies, names)
    if notify_options is not None:
        from sostrades_cli.operations.calc.notify import announced  # noqa: PLC0415 - start-up: few watches need it

        events = announced(events, notify_options, _program_runner(app), app.notes.ring, app.notes.warning)
    outage_s = max(LONGEST_SILENCE_S, 2 * (options.interval_s or 0.0))

    def usual_s() -> Mapping[int, float]:
        from sostrades_cli.operations.calc.estimate import usual_durations_s  # noqa: PLC0415 - only for the live view

        return usual_durations_s(app.context, studies)

    return Events(events, names, outage_s, studies, usual_s, options.heartbeat_s)


def _program_runner(app: App) -> ProgramRunner:
    """Return the function that runs the user's command, whose output may go to the terminal."""

    def run(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        with app.notes.off_terminal():
            return app.runtime.run_program(arguments, variables)

    return run
