"""Show the log of a failed run in CI systems, which fold it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import RunFailed, SostradesError
from sostrades_cli.run_events import FINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

# CI systems cut the log of a job, and the log of a run may have gigabytes.
MOST_LINES: Final = 1000


def with_failed_logs(context: Context, events: Iterator[Event]) -> Iterator[Event]:
    """Pass events on. After a run failed, show its log."""
    for event in events:
        yield event
        if event.name == FINISHED and isinstance(event.error, RunFailed):
            show_failed_log(context, event.study)


def show_failed_log(context: Context, study: int) -> None:
    """Show the end of the log of a failed run, if the output of this command can show logs."""
    if context.show_log is None:
        return
    # A log that cannot be read must not hide the failure of the run.
    with contextlib.suppress(SostradesError, StopIteration):
        end = next(context.api.studies.log_ends(study))
        lines = end.content.decode("utf-8", "replace").splitlines()
        is_cut = end.start > 0 or len(lines) > MOST_LINES
        # The first line of a cut log may begin in its middle.
        shown = lines[1:][-MOST_LINES:] if is_cut else lines
        title = f"Log of study {study}" + (f", last {len(shown)} lines" if is_cut else "")
        context.show_log(f"study_{study}_log", title, "\n".join(shown))
