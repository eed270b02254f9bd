"""Ask for the address of the server, for a login without ``--host``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.local.server_address import checked_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.local.settings import Settings


def with_host(settings: Settings, ask: Callable[[str], str] | None) -> Settings:
    """Return settings with the address of the server. At a terminal, ask for the address if no source has it.

    ``ask`` shows a question and returns the answer. It is ``None`` without a terminal.

    Raises
    ------
    InvalidSetting
        There is no terminal, the typed text is not an address, or two sources contradict each other.

    """
    is_missing = settings.host is None and settings.fault is None
    if (
        is_missing
        and ask is not None
        and (typed := ask("Address of the server, such as https://corp.example: ").strip())
    ):
        settings = settings._replace(host=checked_host(typed, allow_http=settings.allow_http))
    settings.require_host()
    return settings
