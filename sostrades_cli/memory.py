"""Names and types of parameters seen before, per server and study. Never values, never keys.

A server whose load route is broken cannot tell a parameter's type until a run has finished; what was seen
earlier can. The memory is a convenience: a file that is missing or damaged is the same as an empty one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.files import atomic, name_of_host, private_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sostrades_cli.config import Folders

VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a parameter; ``None`` where no answer told it.

    ``io_type`` is ``in`` or ``out``; ``coupling`` says that another discipline computes it; ``range`` and
    ``possible_values`` are declared with it.
    """

    type: str
    unit: str | None = None
    io_type: str | None = None
    coupling: bool | None = None
    range: tuple[float, float] | None = None
    possible_values: tuple[object, ...] | None = None


class Memory:
    """The memory of one server."""

    def __init__(self, folders: Folders, host: str) -> None:
        self._folders = folders
        self._host = host

    def recall(self, study: int) -> dict[str, Seen]:
        """Return what is remembered of a study's parameters, by full name."""
        try:
            document = json.loads(self._path(study).read_text(encoding="utf-8"))
            if document["version"] != VERSION or document["host"] != self._host:
                return {}
            return {name: _seen(fields) for name, fields in document["parameters"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def remember(self, study: int, parameters: Mapping[str, Seen]) -> None:
        """Add what an answer told; an answer that tells less does not erase what another told."""
        known = self.recall(study)
        joined = {name: _joined(known.get(name), seen) for name, seen in parameters.items()}
        if not joined or all(known.get(name) == seen for name, seen in joined.items()):
            return
        document = {
            "version": VERSION,
            "host": self._host,
            "study": study,
            "parameters": {name: asdict(seen) for name, seen in sorted({**known, **joined}.items())},
        }
        try:
            path = self._path(study)
            private_folder(path.parent)
            with atomic(path, private=True) as file:
                file.write(json.dumps(document, indent=0).encode())
        except UsageError:
            return  # a cache that cannot be written costs comfort, not the command

    def _path(self, study: int) -> Path:
        return self._folders.cache / "studies" / name_of_host(self._host) / f"{study}.json"


def _seen(fields: Mapping[str, Any]) -> Seen:
    """Read what JSON has turned from tuples into lists."""
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    return Seen(**plain)


def _joined(known: Seen | None, seen: Seen) -> Seen:
    if known is None:
        return seen
    if seen.io_type is not None:
        return seen
    return replace(known, type=seen.type, unit=seen.unit)
