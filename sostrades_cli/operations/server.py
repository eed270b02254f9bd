"""A server as operations see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.client import Api
    from sostrades_cli.clock import Clock
    from sostrades_cli.memory import Memory


@dataclass(frozen=True, slots=True)
class Server:
    """The API, what is remembered of it, the clock, and where notes for the user go."""

    api: Api
    memory: Memory
    clock: Clock
    notify: Callable[[str], None]
