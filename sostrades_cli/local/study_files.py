"""Small JSON files about studies, which few commands read: one per study of a server, the oldest removed first."""

from __future__ import annotations

import contextlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, private_folder
from sostrades_cli.local.config_file import CACHE_VARIABLE, Folders, name_of_host
from sostrades_cli.local.marks import Mark
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


VERSION: Final = 1
MOST_STUDIES: Final = 100
# An ontology service that is down, slow or absent is asked once in this time.
PAUSE_S: Final = 60.0


class StudyFiles:
    """The files of one server, in ``<cache>/<name>/<server>``. A missing or damaged file counts as empty.

    With more than ``most`` studies, the oldest files are removed.
    """

    def __init__(self, folders: Folders, host: str, name: str, most: int = MOST_STUDIES) -> None:
        self._folders = folders
        self._folder = folders.cache / name / name_of_host(host)
        self._host = host
        self._most = most

    def read(self, study: int) -> dict[str, Any]:
        """Return what was stored of a study."""
        try:
            document = from_json(self._path(study).read_bytes())
        except (OSError, ValueError):
            return {}
        # The name of the folder is a hash of the host, and another version may have written the file.
        ours = isinstance(document, dict) and (document.get("version"), document.get("host")) == (VERSION, self._host)
        content = document.get("content") if ours else None
        return content if isinstance(content, dict) else {}

    def store(self, study: int, content: Mapping[str, object]) -> None:
        """Replace what is stored of a study."""
        if content == self.read(study):
            return
        path = self._path(study)
        # The command works without its cache.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(path.parent, CACHE_VARIABLE)
            with atomic(path, private=True, durable=False) as file:
                file.write(json.dumps({"version": VERSION, "host": self._host, "content": content}).encode())
        self._make_room()

    def forget(self, study: int) -> None:
        """Remove the file of a study."""
        with contextlib.suppress(OSError):
            self._path(study).unlink(missing_ok=True)

    def _make_room(self) -> None:
        with contextlib.suppress(OSError):
            files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in files[self._most :]:
                file.unlink()

    def _path(self, study: int) -> Path:
        return self._folder / f"{study}.json"


class OntologyCache(StudyFiles):
    """The names of the parameters of studies in the ontology of a server, and the last failure of its service."""

    @cached_property
    def fault(self) -> Mark:
        """The mark of a service that is down, slow or absent."""
        return Mark(self._folders.cache / "ontology-fault" / name_of_host(self._host), CACHE_VARIABLE, PAUSE_S)

    def usages(self, study: int) -> dict[str, list[str]]:
        """Return the names of each parameter in the ontology, by full name; none if they were not stored."""
        return {name: list(map(str, keys)) for name, keys in self.read(study).items() if isinstance(keys, list)}
