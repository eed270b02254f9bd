"""What the tool keeps of the ontology of a server: its last failure, and the names that it uses for parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.local.fault_mark import FaultMark
from sostrades_cli.local.study_files import StudyFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.local.config_file import Folders

# A service that is down, slow or absent is asked once in this time.
PAUSE_S: Final = 60.0


class OntologyCache:
    """The last failure of the ontology service of a server, and the usages of the parameters of its studies."""

    def __init__(self, folders: Folders, host: str) -> None:
        self.fault = FaultMark(folders, host, "ontology-fault", PAUSE_S)
        self._files = StudyFiles(folders, host, "ontology")

    def usages(self, study: int) -> dict[str, tuple[str, ...]]:
        """Return the names of each parameter in the ontology, by full name; none if they were not stored."""
        stored = self._files.read(study)
        return {name: tuple(map(str, keys)) for name, keys in stored.items() if isinstance(keys, list)}

    def store_usages(self, study: int, usages: Mapping[str, tuple[str, ...]]) -> None:
        """Replace the names of the parameters of a study."""
        if usages != self.usages(study):
            self._files.store(study, usages)

    def forget(self, study: int) -> None:
        """Remove the names of a study that is no longer on the server."""
        self._files.forget(study)
