"""Prepare a stub server on this computer: check its port, and make the lines that connect a shell to it."""

from __future__ import annotations

import shlex
import socket
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


def require_free_port(port: int) -> None:
    """Refuse a port that is already in use."""
    with socket.socket() as probe:
        # On Windows, SO_REUSEADDR would let two servers share a port.
        probe.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"cannot use port {port}: {error.strerror}", hint="leave out --port") from error


def paste_lines(url: str, key: str, environ: Mapping[str, str]) -> str:
    """Return the lines that make a shell use the stub: for PowerShell, or for a POSIX shell."""
    # Git Bash sets MSYSTEM. On Windows, PSModulePath is set for every other shell, too.
    powershell = "PSModulePath" in environ and "MSYSTEM" not in environ
    form = '$env:{} = "{}"' if powershell else "export {}={}"
    values = {"SOSTRADES_HOST": url, "SOSTRADES_API_KEY": key}
    return "\n".join(form.format(name, value if powershell else shlex.quote(value)) for name, value in values.items())
