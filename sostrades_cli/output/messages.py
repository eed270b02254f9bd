"""Messages on standard error: notes, waits, progress and errors."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from sostrades_cli.errors import HungUp, Interrupted, Terminated
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.output.text import server_line, visible, visible_json, visible_lines
from sostrades_cli.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.errors import SostradesError

RED, YELLOW, DIM, BOLD, RESET = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


class ProgressStep(Protocol):
    """Advances a progress bar, and may change its label."""

    def __call__(self, advance: int = 1, label: str | None = None) -> None:
        """Advance the bar."""


@dataclass(frozen=True, slots=True)
class Messages:
    """The output besides the result.

    ``notes_enabled`` is off with ``--quiet`` and, without ``-v``, with the JSON formats, where standard error contains
    only the error object. ``secrets`` are redacted everywhere, because a server may repeat the key.
    """

    stream: TextIO
    notes_enabled: bool
    verbose: bool
    color: bool
    as_json: bool
    secrets: set[str] = field(default_factory=set, repr=False)

    def inform(self, text: str) -> None:
        """Write information about the progress of a command."""
        if self.notes_enabled:
            self._line(self._styled(DIM, visible_lines(text)))

    def notify(self, text: str) -> None:
        """Write about an irregularity: a wait, a fallback, an uncertain result."""
        self.inform(text)

    def warning(self, text: str) -> None:
        """Write a fact that changes the meaning of the result."""
        if self.notes_enabled:
            self._line(f"{self._styled(YELLOW, 'note:')} {visible(text)}")

    def ring(self, bell: str) -> None:
        """Ring the bell if standard error is a terminal."""
        if self.stream.isatty():
            self.stream.write(bell)
            self.stream.flush()

    def trace(self, text: str) -> None:
        """Write the line of a request, for ``-v``."""
        self._line(self._styled(DIM, visible(text)))

    def error(self, error: SostradesError) -> None:
        """Write an error: as an object with the JSON formats, else as text with details and a hint."""
        if self.as_json:
            # Scripts parse standard error, so the object is one line without colour.
            self._line(visible_json(json.dumps(error_object(error), ensure_ascii=False)))
            return
        if isinstance(error, HungUp | Interrupted | Terminated):
            # The user stopped the command, which is not an error: one line with the way to continue.
            self._line(visible(f"{error.message}: {error.hint}" if error.hint else error.message))
            return
        lines = [f"{self._styled(RED, 'error:')} {visible(error.message)}"]
        if error.detail:
            lines += [f"  {line}" for line in visible_lines(error.detail).split("\n")]
        if words := server_line(error.server):
            lines.append(f"  {visible(words)}")
        if error.hint:
            lines.append(f"  {self._styled(BOLD, 'try:')} {visible(error.hint)}")
        self._line("\n".join(lines))

    def traceback(self, text: str) -> None:
        """Write the traceback of an error, for ``--debug``."""
        self._line(visible_lines(text.rstrip("\n")))

    @contextlib.contextmanager
    def progress(self, label: str, total: int, done: int = 0) -> Iterator[ProgressStep]:
        """Show a progress bar on a terminal; yield the function to call after each step."""
        if not (self.notes_enabled and self.stream.isatty()):
            yield _no_step
            return
        from rich.console import Console  # noqa: PLC0415 - start-up: only a bar needs rich
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        console = Console(file=self.stream, color_system="auto" if self.color else None)
        label_column = TextColumn("{task.description}", markup=False)
        # The default colours of rich are shades of red, which means a failure.
        bar_column = BarColumn(style="dim", complete_style="yellow", finished_style="green")
        columns = (label_column, bar_column, MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(visible(label), total=total, completed=done)
            yield lambda advance=1, label=None: bar.update(task, advance=advance, description=label and visible(label))

    def redact(self, text: str) -> str:
        """Return a text with its secrets redacted."""
        return redact(text, self.secrets)

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self.color else text

    def _line(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a closed standard error must not change the outcome
            self.stream.write(f"{self.redact(text)}\n")
            self.stream.flush()


def _no_step(advance: int = 1, label: str | None = None) -> None:
    """Do nothing: there is no bar."""


def error_object(error: SostradesError) -> dict[str, Any]:
    """Return the JSON object of an error for scripts."""
    server = {"status": error.server.status, "description": error.server.description} if error.server else None
    return {
        "error": error.message,
        "code": int(exit_code_of(error)),
        "kind": error.kind,
        "study": error.study,
        "hint": error.hint,
        "server": server,
        **({"detail": error.detail} if error.detail else {}),
    }
