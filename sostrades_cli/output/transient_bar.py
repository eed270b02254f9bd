"""A bar with a text in a terminal, removed at its end."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TextIO

from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def transient_bar(stream: TextIO) -> Iterator[Callable[[str, float | None], None]]:
    """Show a bar; yield the function that sets its text and the completed share, ``None`` if that is unknown."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    # The default colours of rich are shades of red, which means a failure.
    columns = (
        BarColumn(bar_width=20, style="dim", complete_style="yellow", finished_style="green", pulse_style="yellow"),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(text: str, share: float | None) -> None:
            bar.update(task, description=visible(text), total=None if share is None else 1.0, completed=share or 0.0)

        yield show
