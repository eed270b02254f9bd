"""Telling someone who is not looking that a run has ended."""

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
    """Runs a program with further variables and returns its exit code."""

    def __call__(self, arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        """Run it to its end."""


@dataclass(frozen=True, slots=True)
class NotifyOptions:
    """What is to happen at the end of each run."""

    notify: bool = False
    command: str | None = None

    def arguments(self) -> list[str]:
        """Return the command in words.

        Raises
        ------
        UsageError
            Its quotes do not match, or there is no such program.

        """
        try:
            words = shlex.split(self.command or "")
        except ValueError as error:
            raise UsageError(f"--on-finish {self.command!r} cannot be read: {error}", hint="mind its quotes") from error
        if words and shutil.which(words[0]) is None:
            raise UsageError(f"--on-finish: there is no program {words[0]!r}", hint="for shell syntax: sh -c '...'")
        return words


def announced(
    events: Iterator[Event],
    options: NotifyOptions,
    run: ProgramRunner,
    ring: Callable[[str], None],
    warn: Callable[[str], None],
) -> Iterator[Event]:
    """Pass events on; at the end of each run ring, notify, and run the user's command with the outcome."""
    words = options.arguments()
    for event in events:
        yield event
        if event.name != "finished":
            continue
        if options.notify:
            ring(BELL)
            if shutil.which(NOTIFIER):
                run([NOTIFIER, "--", "sostrades", f"study {event.study}: {event.facts['outcome'] or 'no run'}"], {})
        if words:
            _run_command(words, event, run, warn)


def _run_command(words: Sequence[str], event: Event, run: ProgramRunner, warn: Callable[[str], None]) -> None:
    """Run the user's command: whatever becomes of it, the run's outcome stays what it is."""
    try:
        code = run(words, _variables(event))
    except (OSError, ValueError) as error:
        warn(f"--on-finish: {words[0]} cannot be run: {error}")
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
