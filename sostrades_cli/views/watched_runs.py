"""The result of every command that follows runs to their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.output.answer_pace import LONGEST_SILENCE_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.output.streams import Events

EVENT_FORMATS: Final = ("table", "tsv", "json", "ndjson")


def watched(
    app: App,
    studies: Sequence[int],
    options: WatchOptions,
    starts: Mapping[int, RunStatus | SostradesError],
    command: str = "calc watch",
) -> Events:
    """Watch runs; ``starts`` are the answers of the server to the starts of studies, or the errors."""
    from sostrades_cli.operations.calc.watch import study_names, watch_with_reports
    from sostrades_cli.output.streams import Events

    def usual_s() -> Mapping[int, float]:
        from sostrades_cli.operations.calc.usual_durations import usual_durations_s  # only for the live view

        return usual_durations_s(app.context, studies)

    return Events(
        watch_with_reports(app.context, studies, options, starts, command),
        study_names(app.context, studies),
        # With a long interval, the time between two polls is not an outage.
        max(LONGEST_SILENCE_S, 2 * (options.interval_s or 0.0)),
        studies,
        usual_s,
        options.heartbeat_s,
    )
