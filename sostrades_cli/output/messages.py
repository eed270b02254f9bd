"""Standard error: notes, waits, progress, and the one shape of an error."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from sostrades_cli.errors import HungUp, Interrupted, Terminated
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.output.text import server_line, visible, visible_json, visible_lines
from sostrades_cli.redaction import without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.errors import SostradesError

RED, YELLOW, DIM, BOLD, RESET = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


class ProgressStep(Protocol):
    """Moves a bar on, by one unless said, and may change its label."""

    def __call__(self, advance: int = 1, label: str | None = None) -> None:
        """Move it on."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Where everything goes that is not the result.

    ``chatty`` is off with ``--quiet`` and, unless ``-v`` is given, with the JSON formats: there standard error
    carries nothing but the error object. ``secrets`` are hidden wherever they stand: a server may repeat the key.
    """

    stream: TextIO
    chatty: bool
    verbose: bool
    color: bool
    as_json: bool
    secrets: set[str] = field(default_factory=set, repr=False)

    def note(self, text: str) -> None:
        """Tell the user something on the way."""
        if self.chatty:
            self._line(self._styled(DIM, visible_lines(text)))

    def remark(self, text: str) -> None:
        """Tell the user what did not go as it should: a wait, another way taken, a doubt."""
        self.note(text)

    def warning(self, text: str) -> None:
        """Tell the user something that changes what the result means."""
        if self.chatty:
            self._line(f"{self._styled(YELLOW, 'note:')} {visible(text)}")

    def ring(self, bell: str) -> None:
        """Ring the bell of a terminal; a pipe has none."""
        if self.stream.isatty():
            self.stream.write(bell)
            self.stream.flush()

    def trace(self, text: str) -> None:
        """Show a request, as ``-v`` asks for."""
        self._line(self._styled(DIM, visible(text)))

    def error(self, error: SostradesError) -> None:
        """Report an error: an object with the JSON formats, else what failed, on what, what to type next."""
        if self.as_json:
            self._line(visible_json(json.dumps(error_object(error), ensure_ascii=False)))
            return
        if isinstance(error, HungUp | Interrupted | Terminated):
            # The user's own doing is no error: one line that says how to come back.
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
        """Show where an error was raised, with ``--debug``."""
        self._line(visible_lines(text.rstrip("\n")))

    @contextlib.contextmanager
    def progress(self, label: str, total: int, done: int = 0) -> Iterator[ProgressStep]:
        """Show a bar on a terminal; yields what is to be called for each step."""
        if not (self.chatty and self.stream.isatty()):
            yield _no_step
            return
        from rich.console import Console  # noqa: PLC0415 - start-up: only a bar needs rich
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        console = Console(file=self.stream, color_system="auto" if self.color else None)
        label_column = TextColumn("{task.description}", markup=False)
        columns = (label_column, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(visible(label), total=total, completed=done)
            yield lambda advance=1, label=None: bar.update(task, advance=advance, description=label and visible(label))

    def hidden(self, text: str) -> str:
        """Return a text without the secrets in it."""
        return without(text, self.secrets)

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self.color else text

    def _line(self, text: str) -> None:
        with contextlib.suppress(OSError):  # what cannot be told must not change the outcome
            self.stream.write(f"{self.hidden(text)}\n")
            self.stream.flush()


def _no_step(advance: int = 1, label: str | None = None) -> None:
    """Move nothing on: there is no bar."""


def error_object(error: SostradesError) -> dict[str, Any]:
    """Return an error as scripts read it."""
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
