"""Notify the user at the end of a run, with a bell, a desktop message and the user's own command."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sostrades_cli.errors import UsageError
from sostrades_cli.run_events import FINISHED
from sostrades_cli.system import WINDOWS, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sostrades_cli.run_events import Event

BELL: Final = "\a"
# The programs that show a message on the desktop, and their arguments before its title and text. The script of
# osascript gets both as arguments, so that no text can be run as a part of it.
NOTIFIERS: Final = {
    "notify-send": ("--",),
    "osascript": (
        "-e",
        "on run argv",
        "-e",
        "display notification (item 2 of argv) with title (item 1 of argv)",
        "-e",
        "end run",
    ),
}
# The options of shells and interpreters that take a script as a word.
SCRIPT_OPTIONS: Final = {"-c", "/c", "/C", "-Command"}
# Within single quotes, a shell expands nothing. Within double quotes, it expands only variables.
_QUOTED: Final = re.compile(r"""'[^']*'|"[^"$]*\"""")
_SHELL_SYNTAX: Final = re.compile(r"\$|;|\||&&")
SHELL: Final = 'cmd /c "..."' if WINDOWS else "sh -c '...'"


class ProgramRunner(Protocol):
    """A function that runs a program with additional environment variables and returns its exit code."""

    def __call__(self, arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        """Run the program and wait for its end."""


@dataclass(frozen=True, slots=True)
class NotifyOptions:
    """The actions at the end of each run.

    ``command`` is the user's own command. With ``notify``, the bell rings and a message is shown. ``run`` runs a
    program, ``ring`` rings the bell, and ``warn`` gets problems that do not change the outcome.
    """

    notify: bool
    command: str | None
    run: ProgramRunner
    ring: Callable[[str], None]
    warn: Callable[[str], None]

    def arguments(self, *, windows: bool = WINDOWS) -> list[str]:
        """Return the words of the command.

        Raises
        ------
        UsageError
            The quotes are unbalanced, the program does not exist, or the command needs a shell.

        """
        try:
            words = words_of(self.command or "", windows=windows)
        except ValueError as error:
            raise UsageError(
                f"cannot parse --on-finish {self.command!r}: {error}", hint="correct the quotes in the command"
            ) from error
        if words and shutil.which(words[0]) is None:
            raise UsageError(
                f"--on-finish: there is no program {words[0]!r}", hint=f"check its name, or use a shell: {SHELL}"
            )
        syntax = None if SCRIPT_OPTIONS & set(words) else _SHELL_SYNTAX.search(_QUOTED.sub("", self.command or ""))
        if syntax is not None:
            raise UsageError(
                f"--on-finish runs without a shell, which {syntax.group()!r} needs", hint=f"start a shell: {SHELL}"
            )
        return words


def announced(
    events: Iterator[Event], options: NotifyOptions, which: Callable[[str], str | None] = shutil.which
) -> Iterator[Event]:
    """Pass events on. At the end of each run, ring the bell, show a message and run the user's command.

    ``which`` finds a program in PATH.
    """
    # Validate the command before the watch, not hours later at its end.
    words = options.arguments()
    notifier = next(filter(which, NOTIFIERS), None) if options.notify else None
    if options.notify and notifier is None:
        options.warn(f"--notify only rings the bell: desktop messages need {' or '.join(NOTIFIERS)}")
    for event in events:
        # First the output, because the user's command may take long.
        yield event
        if event.name != FINISHED:
            continue
        if options.notify:
            options.ring(BELL)
            if notifier is not None:
                message = f"study {event.study}: {event.facts['outcome'] or 'no run'}"
                options.run([notifier, *NOTIFIERS[notifier], "sostrades", message], {})
        if words:
            _run_command(words, event, options)


def _run_command(words: Sequence[str], event: Event, options: NotifyOptions) -> None:
    """Run the user's command. Its failure is a warning, because it does not change the outcome of the run."""
    try:
        code = options.run(words, _variables(event))
    except (OSError, ValueError) as error:
        options.warn(f"--on-finish: cannot run {words[0]}: {error}")
        return
    if code:
        options.warn(f"--on-finish: {words[0]} ended with exit code {code}")


def _variables(event: Event) -> dict[str, str]:
    return {
        "SOSTRADES_STUDY": str(event.study),
        "SOSTRADES_OUTCOME": str(event.facts["outcome"]),
        "SOSTRADES_EXIT_CODE": str(event.facts["exit_code"]),
        "SOSTRADES_ELAPSED_S": str(event.facts["elapsed_s"]),
        "SOSTRADES_CAUSE": str(event.facts.get("cause", "")),
    }
