"""Questions at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sostrades_cli.runtime import Runtime


def is_confirmed(runtime: Runtime, question: str) -> bool:
    """Ask a question, and return whether the answer is yes, which is also the answer of Enter alone."""
    runtime.stderr.write(f"{question} [Y/n] ")
    runtime.stderr.flush()
    # At the end of the input there is not even a line feed.
    return runtime.stdin.readline().lower() in {"\n", "y\n", "yes\n"}
