"""What completion knows: the profile in use, its aliases, and what was seen of its server. It asks no server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.settings import Flags, aliases_of, profile_name, resolve
from sostrades_cli.study_reference import likely_name, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.local.cache import CachedParameter, CachedStudy


class KnownNames:
    """What is known without asking; what cannot be read is not known."""

    def __init__(self, environ: Mapping[str, str], flags: Flags) -> None:
        self.environ = environ
        self.flags = flags

    @cached_property
    def config(self) -> dict[str, object]:
        """The settings of config.toml."""
        try:
            return read_config(Folders(self.environ))
        except SostradesError:
            return {}

    @property
    def profiles(self) -> dict[str, object]:
        """The profiles of config.toml."""
        found = self.config.get("profiles")
        return found if isinstance(found, dict) else {}

    @cached_property
    def aliases(self) -> dict[str, int]:
        """The names for studies of the profile in use."""
        try:
            return aliases_of(self.config, profile_name(self.flags, self.environ))
        except SostradesError:
            return {}

    @cached_property
    def cache(self) -> StudyCache | None:
        """What was seen of the server in use."""
        try:
            host = resolve(self.flags, {**self.environ, "SOSTRADES_ALLOW_HTTP": "1"}, self.config).host
        except SostradesError:
            return None
        return StudyCache(Folders(self.environ), host) if host is not None else None

    def studies(self) -> list[CachedStudy]:
        """Return the studies that were seen."""
        return self.cache.studies() if self.cache is not None else []

    @cached_property
    def named_studies(self) -> dict[str, list[int]]:
        """The numbers of the studies that were seen, by their own names."""
        return self.cache.named_studies() if self.cache is not None else {}

    def number(self, study: str) -> int | None:
        """Return the number of a study that is named as on a command line."""
        number = number_of(study) or self.aliases.get(study)
        if number is not None:
            return number
        named = self.named_studies.get(study, [])
        return named[0] if len(named) == 1 else None

    def parameters(self, study: int | None) -> dict[str, CachedParameter]:
        """Return the parameters that were seen of a study."""
        return self.cache.recall(study) if self.cache is not None and study is not None else {}

    def own_name(self, study: int | None, keys: Iterable[str]) -> str:
        """Return the own name of a study with these parameters, as far as it is known."""
        told = self.cache.name(study) if self.cache is not None and study is not None else ""
        return likely_name(told, keys)
