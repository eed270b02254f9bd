"""Messages on standard error: notes, waits, progress and errors."""

from __future__ import annotations

import contextlib
import json
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from sostrades_cli.errors import HungUp, Terminated, UserInterrupt
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.output.text import server_line, visible, visible_json, visible_lines
from sostrades_cli.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path
    from typing import Self, TextIO

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.ci_log import CiLog
    from sostrades_cli.output.spinner import Spinner

    class Screen(Protocol):
        """A live view that can be hidden."""

        def show(self) -> None:
            """Show the view again."""

        def hide(self) -> None:
            """Restore the terminal."""


# Continued lines of a message and of a hint start below the first, after "error: " and "  try: ".
HANGING: Final = 7
COMMAND: Final = "sostrades "
RED, YELLOW, DIM, BOLD, RESET = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


@dataclass(eq=False, repr=False)  # start-up, as in TempFolder
class Messages:
    """The output besides the result.

    ``notes_enabled`` is off with ``--quiet`` and, without ``-v``, with the JSON formats, where standard error has only
    the error object. ``quiet`` turns off warnings of a result, too. ``secrets`` are redacted everywhere, because a
    server may repeat the key. ``columns`` is the width of the terminal, ``None`` in a pipe, where lines are not
    wrapped. ``spinner`` is ``None`` where waits are not shown.
    ``ci`` is the log of a CI system that runs the command.
    ``redraws`` allows a live view: the terminal can move its cursor, and notes are enabled without ``-v``.
    ``after_result`` has the warnings that are kept until the end of the result.
    ``postponed`` has the lines of each active block of ``postponing``, and ``screens`` the views that are shown.
    """

    stream: TextIO
    _: KW_ONLY
    notes_enabled: bool
    verbose: bool
    color: bool
    as_json: bool
    secrets: set[str] = field(default_factory=set)
    columns: int | None = None
    spinner: Spinner | None = None
    ci: CiLog | None = None
    redraws: bool = False
    quiet: bool = False
    after_result: list[str] = field(default_factory=list)
    postponed: list[list[str]] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)

    def always(self) -> Self:
        """Return messages that write notes also where they are off."""
        return replace(self, notes_enabled=True)

    @contextlib.contextmanager
    def off_terminal(self) -> Iterator[None]:
        """Leave the terminal to others while the block runs: without the spinner and the live view."""
        screens = list(self.screens)
        with self.without_spinner():
            for screen in screens:
                screen.hide()
            yield
            for screen in screens:
                screen.show()

    @contextlib.contextmanager
    def postponing(self) -> Iterator[list[str]]:
        """Write the lines of a block at its end, because a live view would hide them. Yield the lines so far."""
        lines: list[str] = []
        if not self.stream.isatty():
            yield lines
            return
        self.postponed.append(lines)
        try:
            with self.without_spinner():
                yield lines
        finally:
            self.postponed.pop()
            for line in lines:
                self._write(line)

    def waiting(self, text: str) -> AbstractContextManager[None]:
        """Show what the command waits for while the block runs."""
        return contextlib.nullcontext() if self.spinner is None else self.spinner.waiting(self.redact(text))

    def writing(self, file: Path) -> AbstractContextManager[None]:
        """Show that the block writes a file."""
        return self.waiting(f"Writing {file}")

    def without_spinner(self) -> AbstractContextManager[None]:
        """Keep the spinner off the terminal while the block uses it."""
        return contextlib.nullcontext() if self.spinner is None else self.spinner.hidden()

    def still_waiting(self, text: str) -> None:
        """Write that a wait goes on, where no spinner shows it."""
        if self.spinner is None:
            self.notify(text)

    def close(self) -> None:
        """Remove the spinner for good."""
        if self.spinner is not None:
            self.spinner.close()

    def inform(self, text: str) -> None:
        """Write information about the progress of a command."""
        if self.notes_enabled:
            lines = [self._wrapped(line, indent=2) for line in visible_lines(self.redact(text)).split("\n")]
            self._line(self._styled(DIM, "\n".join(lines)))

    def notify(self, text: str) -> None:
        """Write about an irregularity: a wait, a fallback, an uncertain result."""
        self.inform(text)

    def warning(self, text: str) -> None:
        """Write a fact that changes the meaning of the result."""
        if self.notes_enabled:
            self._line(self._labelled("note:", YELLOW, text))

    def warn_of_result(self, text: str) -> None:
        """Write a fact that changes the meaning of the result. With the JSON formats, keep it for ``end_of_result``."""
        if self.as_json and not self.notes_enabled and not self.quiet:
            self.after_result.append(text)
        else:
            self.warning(text)

    def end_of_result(self) -> None:
        """Write the kept warnings. In JSON, an error stands alone on standard error, but none can follow now."""
        for text in self.after_result:
            self.always().warning(text)

    def ring(self, bell: str) -> None:
        """Ring the bell if standard error is a terminal."""
        if self.stream.isatty():
            with self.without_spinner():
                self.stream.write(bell)
                self.stream.flush()

    def trace(self, text: str) -> None:
        """Write the line of a request, for ``-v``."""
        self._line(self._styled(DIM, visible(text)))

    def error(self, error: SostradesError) -> None:
        """Write an error: as an object with the JSON formats, else as text with details and a hint."""
        # It is the end of the command, even if threads still wait for answers.
        self.close()
        if self.as_json:
            # Scripts parse standard error, so the object is one line without colour.
            self._line(visible_json(json.dumps(error_object(error), ensure_ascii=False)))
            return
        if isinstance(error, HungUp | UserInterrupt | Terminated):
            # The user stopped the command, which is not an error.
            lines = [self._wrapped(visible(self.redact(error.message)))]
        else:
            lines = [self._labelled("error:", RED, error.message)]
        facts = visible_lines(self.redact(error.detail)).split("\n") if error.detail else []
        if words := server_line(error.server):
            facts.append(visible(self.redact(words)))
        lines += [self._wrapped(f"  {fact}", indent=4) for fact in facts]
        if error.hint:
            # A hint that is a command is one line, so that it can be copied.
            whole = error.hint.startswith(COMMAND) and "`" not in error.hint
            lines.append(self._labelled("  try:", BOLD, error.hint, whole=whole))
        self._line("\n".join(lines))

        for cause in error.causes or (error,):
            self._annotate(cause)

    @property
    def has_groups(self) -> bool:
        """Return whether ``group`` shows anything."""
        return self.ci is not None and self.notes_enabled and not self.as_json

    def group(self, name: str, title: str, text: str, now: datetime) -> None:
        """Write lines that a CI system shows collapsed; nothing elsewhere. ``name`` is a word."""
        if self.ci is not None and self.has_groups:
            self._write(self.ci.group(name, visible(title), visible_lines(text), now))

    def traceback(self, text: str) -> None:
        """Write the traceback of an error, for ``--debug``."""
        self._line(visible_lines(text.rstrip("\n")))

    @contextlib.contextmanager
    def progress(self, label: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a progress bar on a terminal; yield the function to call after each step."""
        if not (self.notes_enabled and self.stream.isatty()):
            yield lambda: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(file=self.stream, color_system="auto" if self.color else None)
        label_column = TextColumn("{task.description}", markup=False)
        # The default colours of rich are shades of red, which means a failure.
        bar_column = BarColumn(style="dim", complete_style="yellow", finished_style="green")
        columns = (label_column, bar_column, MofNCompleteColumn(), TimeRemainingColumn())
        with self.without_spinner(), Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(visible(label), total=total)
            yield lambda: bar.advance(task)

    def redact(self, text: str) -> str:
        """Return a text with its secrets redacted."""
        return redact(text, self.secrets)

    def _labelled(self, label: str, style: str, text: str, *, whole: bool = False) -> str:
        """Return a text after a label, wrapped unless it has to stay ``whole``."""
        line = f"{label} {visible(self.redact(text))}"
        line = line if whole else self._wrapped(line, HANGING)
        blanks = label[: len(label) - len(label.lstrip())]
        return f"{blanks}{self._styled(style, label.lstrip())}{line[len(label) :]}"

    def _wrapped(self, line: str, indent: int = 0) -> str:
        """Return a line broken at words to the width of the terminal."""
        if self.columns is None:
            return line
        from sostrades_cli.output.text_width import wrapped

        return wrapped(line, self.columns, indent)

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self.color else text

    def _annotate(self, error: SostradesError) -> None:
        """Write the annotation of an error for a CI system, unless the user stopped the command."""
        if self.ci is None or isinstance(error, HungUp | UserInterrupt | Terminated):
            return
        title = "sostrades" if error.study is None else f"Study {error.study}"
        hint = f"try: {error.hint}" if error.hint else None
        parts = [self.redact(part) for part in (error.message, error.detail, server_line(error.server), hint) if part]
        annotation = self.ci.annotation(title, "\n".join(map(visible_lines, parts)))
        if annotation is not None:
            self._write(annotation)

    def _line(self, text: str) -> None:
        self._write(text if self.ci is None else self.ci.safe(text))

    def _write(self, text: str) -> None:
        if self.postponed:
            self.postponed[-1].append(text)
            return
        with contextlib.suppress(OSError), self.without_spinner():  # a closed stream must not change the outcome
            self.stream.write(f"{self.redact(text)}\n")
            self.stream.flush()


def error_object(error: SostradesError) -> dict[str, Any]:
    """Return the JSON object of an error for scripts; ``causes`` are the errors of each study or parameter."""
    server = {"status": error.server.status, "description": error.server.description} if error.server else None
    return {
        "error": error.message,
        "code": int(exit_code_of(error)),
        "kind": error.kind,
        "study": error.study,
        "hint": error.hint,
        "server": server,
        **({"detail": error.detail} if error.detail else {}),
        **({"causes": [error_object(cause) for cause in error.causes]} if error.causes else {}),
    }
