"""The common base of a client's parts: the call scope and the lookup of studies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from sostrades_cli.errors import UsageError
from sostrades_cli.library.call_scope import explained
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.local.aliases import aliases_of, other_server
from sostrades_cli.local.config_file import read_config
from sostrades_cli.operations.study.study_argument import KnownStudies, study_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.library.call_scope import CallScope

    Named: TypeAlias = int | str | StudyBase


class ClientBase:
    """A client that finds studies by number, link, alias or name."""

    def __init__(self, scope: CallScope) -> None:
        self._scope = scope

    def _number(self, study: Named) -> int:
        """Return the number of a study, parsed as on the command line."""
        if isinstance(study, StudyBase):
            return study.number
        with explained():
            try:
                return study_number(str(study), self._known)
            except ValueError as error:
                # The command line turns the same ValueError into its own error class.
                raise UsageError(str(error), hint="give its number, an alias, or a link to its page") from None

    def _numbers(self, studies: Named | Iterable[Named]) -> list[int]:
        """Return the numbers of studies without duplicates, in the given order."""
        # A string is iterable, too, but names one study.
        is_single = isinstance(studies, str | StudyBase) or not isinstance(studies, Iterable)
        named: Iterable[Named] = [studies] if is_single else studies  # type: ignore[list-item, assignment] # by `is_single`
        numbers = list(dict.fromkeys(map(self._number, named)))
        with explained():
            if not numbers:
                raise UsageError("expected at least one study", hint="for example [21, 22]")
        return numbers

    @property
    def _known(self) -> KnownStudies:
        """Return the aliases and names that may stand for studies."""
        # Functions and not tables, because a number needs neither file.
        return KnownStudies(self._aliases, self._named_studies, other_server=self._other_server)

    def _named_studies(self) -> Mapping[str, list[int]]:
        with self._scope.opened() as app:
            return app.cache.named_studies()

    def _aliases(self) -> Mapping[str, int]:
        with self._scope.opened() as app:
            return aliases_of(read_config(app.folders), app.settings.profile)

    def _other_server(self) -> str | None:
        with self._scope.opened() as app:
            return other_server(read_config(app.folders), app.settings.profile, app.settings.host)
