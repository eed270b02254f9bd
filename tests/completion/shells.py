"""Simulate a shell that requests candidates: click's protocol, environment in, lines out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

from sostrades_cli.cli.framework import COMPLETE_VARIABLE, PROGRAM
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root, this_runtime
from sostrades_cli.cli.shell_completion import SHELLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def lines(environ: Mapping[str, str], shell: str, words: Sequence[str]) -> list[str]:
    """Return the lines that a shell receives. The last word is under the cursor."""
    cursor = words[-1] if shell == "fish" else str(len(words) - 1)
    asked = {"COMP_WORDS": ("\n" if shell == "bash" else " ").join(words), "COMP_CWORD": cursor}
    invocation = Invocation(this_runtime()._replace(environ=environ))
    # Click reads the question from the environment of the process.
    with mock.patch.dict(os.environ, asked):
        return SHELLS[shell](root, {"obj": invocation}, PROGRAM, COMPLETE_VARIABLE).complete().splitlines()


def offered(environ: Mapping[str, str], line: str) -> list[str]:
    """Return the candidates at the end of a line, which is split at each space."""
    answer = lines(environ, "fish", line.split(" "))
    return [item.partition(",")[2].partition("\t")[0] for item in answer]
