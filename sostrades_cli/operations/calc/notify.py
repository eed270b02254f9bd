"""Notifications at the end of a run: bell, desktop message and the user's command."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sostrades_cli.run_events import Event

BELL: Final = "\a"
NOTIFIER: Final = "notify-send"


class ProgramRunner(Protocol):
    """A function that runs a program with additional environment variables and returns its exit code."""

    def __call__(self, arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        """Run the program and wait for its end."""


@dataclass(frozen=True, slots=True)
class NotifyOptions:
    """Options for the end of each run."""

    notify: bool = False
    command: str | None = None

    def arguments(self) -> list[str]:
        """Return the words of the command.

        Raises
        ------
        UsageError
            The quotes are unbalanced, or the program does not exist.

        """
        try:
            words = shlex.split(self.command or "")
        except ValueError as error:
            raise UsageError(
                f"cannot parse --on-finish {self.command!r}: {error}", hint="correct the quotes in the command"
            ) from error
        if words and shutil.which(words[0]) is None:
            raise UsageError(
                f"--on-finish: there is no program {words[0]!r}", hint="check its name, or use a shell: sh -c '...'"
            )
        return words


def announced(
    events: Iterator[Event],
    options: NotifyOptions,
    run: ProgramRunner,
    ring: Callable[[str], None],
    warn: Callable[[str], None],
) -> Iterator[Event]:
    """Pass events on. At the end of each run, ring the bell, show a message and run the user's command."""
    # Validate the command before the watch, not hours later at its end.
    words = options.arguments()
    for event in events:
        # First the output, because the user's command may take long.
        yield event
        if event.name != "finished":
            continue
        if options.notify:
            ring(BELL)
            # The desktop message is optional, and servers rarely have the program.
            if shutil.which(NOTIFIER):
                run([NOTIFIER, "--", "sostrades", f"study {event.study}: {event.facts['outcome'] or 'no run'}"], {})
        if words:
            _run_command(words, event, run, warn)


def _run_command(words: Sequence[str], event: Event, run: ProgramRunner, warn: Callable[[str], None]) -> None:
    """Run the user's command. Its failure is a warning, because it does not change the outcome of the run."""
    try:
        code = run(words, _variables(event))
    except (OSError, ValueError) as error:
        warn(f"--on-finish: cannot run {words[0]}: {error}")
        return
    if code:
        warn(f"--on-finish: {words[0]} ended with exit code {code}")


def _variables(event: Event) -> dict[str, str]:
    return {
        "SOSTRADES_STUDY": str(event.study),
        "SOSTRADES_OUTCOME": str(event.facts["outcome"]),
        "SOSTRADES_EXIT_CODE": str(event.facts["exit_code"]),
        "SOSTRADES_ELAPSED_S": str(event.facts["elapsed_s"]),
        "SOSTRADES_CAUSE": str(event.facts.get("cause", "")),
    }
