"""The process of a program that uses the library."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn

from sostrades_cli.clock import SystemClock
from sostrades_cli.errors import UsageError
from sostrades_cli.local.keyring_store import SystemKeyring
from sostrades_cli.runtime import Runtime


def this_process() -> Runtime:
    """Return the runtime of this process. Its streams are empty except standard error, which may show progress."""
    return Runtime(
        environ=os.environ,
        # Empty streams: a library must neither read input nor print a result.
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        # `sys.stderr` is None in a program without a console, such as pythonw.
        stderr=sys.stderr or io.StringIO(),
        clock=SystemClock(),
        keyring=SystemKeyring(),
        ask_secret=_unavailable,
        open_url=_unavailable,
        edit_file=lambda path: _unavailable(),  # noqa: ARG005 - the name of the argument
        run_program=lambda arguments, variables: _unavailable(),  # noqa: ARG005 - the names of a protocol
    )


def _unavailable(_: str = "") -> NoReturn:
    """Reject a prompt, a browser, an editor or a subprocess, which need a terminal."""
    raise UsageError("the library cannot show a prompt or open a browser", hint="use the command line for this")
