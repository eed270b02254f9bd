"""List the studies in the cache of this computer, with their aliases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sostrades_cli.clock import RFC3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.local.cache import StudyCache

NONE_YET: Final = "none yet. A study appears here after its first use, such as `sostrades study load NUMBER`"


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """A study from the cache, or a study that only an alias names. Facts that are not cached are ``None``."""

    study: int
    alias: str | None
    name: str | None = None
    parameters: int | None = None
    last_seen: str | None = None


def list_studies(cache: StudyCache, aliases: Mapping[str, int]) -> list[ListedStudy]:
    """Return the cached studies, the latest first, then aliases of other studies."""
    cached = cache.studies()
    listed = [
        ListedStudy(
            cached_study.study,
            ", ".join(alias for alias, study in aliases.items() if study == cached_study.study) or None,
            cached_study.name or None,
            cached_study.parameters or None,
            datetime.fromtimestamp(cached_study.used_s, UTC).strftime(RFC3339),
        )
        for cached_study in cached
    ]
    numbers = {cached_study.study for cached_study in cached}
    # An alias may exist before the first use of its study.
    return listed + [ListedStudy(study, alias) for alias, study in aliases.items() if study not in numbers]
