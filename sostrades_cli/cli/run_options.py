"""The options of commands that watch runs, and those for CI systems."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli.cli.options import Option, duration_option
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.calc.watch_options import WatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.notify import NotifyOptions
    from sostrades_cli.operations.calc.run_reports import ReportFiles

WATCH_FIELDS: Final = (
    "timeout_s",
    "interval_s",
    "wait_start_s",
    "max_outage_s",
    "stall_warning_s",
    "fail_fast",
    "heartbeat_s",
    "reports",
)
_DEFAULTS: Final = WatchOptions()


def watch_duration_option(name: str, field: str, text: str, *, hidden: bool = False) -> Callable[[Any], Any]:
    """Return a decorator that adds an option with the default of a field of ``WatchOptions``."""
    seconds: float = getattr(_DEFAULTS, field)
    # As users write it: `60s`, `5m`.
    minutes, rest = divmod(seconds, 60)
    shown = f"{minutes:g}m" if minutes > 1 and not rest else f"{seconds:g}s"
    return duration_option(name, field, text=text, default=seconds, default_text=shown, hidden=hidden)


_REPORT_OPTIONS: Final = (
    watch_duration_option("--heartbeat", "heartbeat_s", "In pipes, write a line at least this often; 0 for never."),
    click.option(
        "--summary",
        cls=Option,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="At the end, write a summary as Markdown.",
        default_text="$GITHUB_STEP_SUMMARY if set",
    ),
    click.option(
        "--junit",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="At the end, write a JUnit report.",
    ),
)


def _watch_options(*, waits: bool) -> Sequence[Callable[[Any], Any]]:
    return (
        duration_option("--timeout", "timeout_s", text="Stop watching after this long (exit 124)."),
        duration_option("--interval", "interval_s", text="Time between two requests.", default_text="1s to 10s"),
        watch_duration_option(
            "--wait-start", "wait_start_s", "Wait this long for somebody else to start a run.", hidden=not waits
        ),
        watch_duration_option("--max-outage", "max_outage_s", "Keep trying this long if the server does not answer."),
        watch_duration_option("--stall-warning", "stall_warning_s", "Warn if nothing changes for this long."),
        click.option("--fail-fast", is_flag=True, help="With several studies, stop watching when the first run fails."),
        click.option("--notify", is_flag=True, help="At the end, ring the bell and show a desktop notification."),
        click.option(
            "--on-finish",
            metavar="COMMAND",
            help="At the end, run COMMAND (without a shell) with variables like SOSTRADES_OUTCOME.",
        ),
    )


def report_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options for CI systems. The command gets ``heartbeat_s``, and ``reports`` or ``None``."""

    @functools.wraps(function)
    def wrapper(app: App, *, summary: Path | None, junit: Path | None, **options: Any) -> Any:  # noqa: ANN401 - any command's
        if options.get("detach") and (summary or junit):
            raise UsageError("--summary and --junit need the end of the run", hint="remove --detach")
        return function(app, reports=_report_files(app, summary, junit), **options)

    for option in reversed(_REPORT_OPTIONS):
        wrapper = option(wrapper)
    return wrapper


def _report_files(app: App, summary: Path | None = None, junit: Path | None = None) -> ReportFiles | None:
    variable = app.runtime.environ.get("GITHUB_STEP_SUMMARY")
    if summary is None and junit is None and not variable:
        return None
    from sostrades_cli.operations.calc.run_reports import ReportFiles

    job_summary = Path(variable) if variable else None
    notes = app.notes
    files = ReportFiles(summary, junit, job_summary, app.flags.overwrite, notes.redact, notes.warning, app.defer)
    files.check()
    return files


def default_watch(app: App) -> WatchOptions:
    """Return the options of ``calc watch`` for a command without these options."""
    return WatchOptions(reports=_report_files(app))


def run_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the same options without ``--wait-start``, which scripts may pass: the command starts the run itself."""
    return watch_options(function, waits=False)


def watch_options(function: Any, *, waits: bool = True) -> Any:  # noqa: ANN401 - any command
    """Add the options of a watch. The command gets ``options``."""

    @report_options
    @functools.wraps(function)
    def wrapper(app: App, *, notify: bool, on_finish: str | None, **options: Any) -> Any:  # noqa: ANN401 - any command's
        fields = {name: options.pop(name) for name in WATCH_FIELDS}
        watch = WatchOptions(**fields, notify=_notify_options(app, on_finish, notify=notify))
        return function(app, options=watch, **options)

    for option in reversed(_watch_options(waits=waits)):
        wrapper = option(wrapper)
    return wrapper


def _notify_options(app: App, command: str | None, *, notify: bool) -> NotifyOptions | None:
    if not notify and not command:
        return None
    from sostrades_cli.operations.calc.notify import NotifyOptions

    def run(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        # Its output may go to the terminal.
        with app.notes.off_terminal():
            return app.runtime.run_program(arguments, variables)

    options = NotifyOptions(notify, command, run, app.notes.ring, app.notes.warning)
    options.arguments()  # reject an invalid command before the first request
    return options
