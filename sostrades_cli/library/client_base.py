"""What the parts of a client have in common: its door, and the studies that people name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from sostrades_cli.errors import UsageError
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.settings import aliases_of
from sostrades_cli.operations.study.reference import KnownStudies, study_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.library.call_scope import CallScope

    Named: TypeAlias = int | str | StudyBase


class ClientBase:
    """A client as far as it knows studies by what people call them."""

    def __init__(self, door: CallScope) -> None:
        self._door = door

    def _number(self, study: Named) -> int:
        """Return the number of a study, as the command line reads it."""
        if isinstance(study, StudyBase):
            return study.number
        try:
            return study_number(str(study), self._known)
        except ValueError as error:
            raise UsageError(str(error)) from None

    def _numbers(self, studies: Named | Iterable[Named]) -> list[int]:
        """Return the numbers of studies, each once."""
        one = isinstance(studies, str | StudyBase) or not isinstance(studies, Iterable)
        named: Iterable[Named] = [studies] if one else studies  # type: ignore[list-item, assignment] # by `one`
        found = list(dict.fromkeys(map(self._number, named)))
        if not found:
            raise UsageError("no study is named", hint="for example [21, 22]")
        return found

    @property
    def _known(self) -> KnownStudies:
        """Where words for studies are looked up."""
        return KnownStudies(self._aliases, self._named_studies)

    def _named_studies(self) -> Mapping[str, list[int]]:
        with self._door.opened() as app:
            return app.cache.named_studies()

    def _aliases(self) -> Mapping[str, int]:
        with self._door.opened() as app:
            return aliases_of(read_config(app.folders), app.settings.profile)
