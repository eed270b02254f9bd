"""What the tool keeps of the ontology of a server: its last failure, and the names that it uses for parameters."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from sostrades_cli.local.fault_mark import FaultMark
from sostrades_cli.local.study_files import StudyFiles

# A service that is down, slow or absent is asked once in this time.
PAUSE_S: Final = 60.0


class OntologyCache(StudyFiles):
    """The names of the parameters of studies in the ontology of a server, and the last failure of its service."""

    @cached_property
    def fault(self) -> FaultMark:
        """The mark of a service that is down, slow or absent."""
        return FaultMark(self._folders, self._host, "ontology-fault", PAUSE_S)

    def usages(self, study: int) -> dict[str, list[str]]:
        """Return the names of each parameter in the ontology, by full name; none if they were not stored."""
        return {name: list(map(str, keys)) for name, keys in self.read(study).items() if isinstance(keys, list)}
