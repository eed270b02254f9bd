"""Ask for the address of the server, for a login without ``--host``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from sostrades_cli.local.server_address import checked_host

if TYPE_CHECKING:
    from sostrades_cli.local.settings import Settings


def with_host(settings: Settings, stdin: TextIO, stderr: TextIO) -> Settings:
    """Return settings with the address of the server; ask for it at a terminal, if no source names it.

    Raises
    ------
    InvalidSetting
        There is no terminal, nothing or no address is typed, or two sources contradict each other.

    """
    if settings.host is None and settings.fault is None and stdin.isatty():
        stderr.write("Address of the server, such as https://corp.example: ")
        stderr.flush()
        if typed := stdin.readline().strip():
            settings = settings._replace(host=checked_host(typed, allow_http=settings.allow_http))
    settings.require_host()
    return settings
