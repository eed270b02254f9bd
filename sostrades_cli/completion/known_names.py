"""Names stored on this machine: aliases and profiles of config.toml, studies and parameters of the cache."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError
from sostrades_cli.local.aliases import aliases_of, usable_aliases
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.settings import profile_name, resolve
from sostrades_cli.study_reference import likely_name, short_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.local.cache import CachedChart, CachedParameter, CachedStudy
    from sostrades_cli.local.settings import Flags


class KnownNames:
    """The stored names of the profile and server in use. Unreadable files and settings count as empty."""

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
        profiles = self.config.get("profiles")
        return profiles if isinstance(profiles, dict) else {}

    @cached_property
    def aliases(self) -> dict[str, int]:
        """The aliases of the profile in use."""
        try:
            return aliases_of(self.config, profile_name(self.flags, self.environ))
        except SostradesError:
            return {}

    @cached_property
    def usable_aliases(self) -> dict[str, int]:
        """The aliases of the profile in use, unless it belongs to another server than the one in use."""
        try:
            return usable_aliases(self.config, profile_name(self.flags, self.environ), self._host)
        except SostradesError:
            return {}

    @cached_property
    def _host(self) -> str | None:
        """The server in use."""
        try:
            # Completion sends nothing, so it needs no permission for plain HTTP.
            return resolve(self.flags, {**self.environ, "SOSTRADES_ALLOW_HTTP": "1"}, self.config).host
        except SostradesError:
            return None

    @cached_property
    def cache(self) -> StudyCache | None:
        """The cache of the server in use."""
        return StudyCache(Folders(self.environ), self._host) if self._host is not None else None

    @property
    def studies(self) -> list[CachedStudy]:
        """The studies in the cache, the most recently used first."""
        return self.cache.studies() if self.cache is not None else []

    @property
    def named_studies(self) -> dict[str, list[int]]:
        """The numbers of the studies in the cache, by name."""
        return self.cache.named_studies() if self.cache is not None else {}

    def parameters(self, study: int | None) -> dict[str, CachedParameter]:
        """Return the cached parameters of a study."""
        return self.cache.parameters_of(study) if self.cache is not None and study is not None else {}

    def charts(self, study: int | None) -> list[CachedChart]:
        """Return the charts of a study in the cache."""
        return self.cache.charts(study) if self.cache is not None and study is not None else []

    def nodes(self, study: int | None) -> list[str]:
        """Return the nodes of a study without its own name: from its tree in the cache, or from names of parameters."""
        stored = self.cache.structures.read(study) if self.cache is not None and study is not None else None
        # The file may be damaged, or from another version.
        try:
            paths, own = ([str(node[0]) for node in stored[1]["nodes"]], str(stored[1]["name"])) if stored else ([], "")
        except (KeyError, TypeError, IndexError):
            paths, own = [], ""
        if not paths:
            parameters = self.parameters(study)
            paths, own = [name.rpartition(".")[0] for name in parameters], self.own_name(study, parameters)
        return list(dict.fromkeys(short_key(own, path) for path in paths if path != own))

    def own_name(self, study: int | None, keys: Iterable[str]) -> str:
        """Return the name of a study, from the cache or guessed from its parameters."""
        name = self.cache.name(study) if self.cache is not None and study is not None else ""
        return likely_name(name, keys)
