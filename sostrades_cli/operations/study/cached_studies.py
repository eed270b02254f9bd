"""The studies that commands on this machine have met, with their aliases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.local.cache import StudyCache

NONE_YET: Final = "none yet: a study is listed once a command such as `sostrades study load 21` has met it"


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """A study of the cache, or one that only an alias names; ``None`` is what the cache does not have."""

    study: int
    alias: str | None
    name: str | None = None
    parameters: int | None = None
    last_seen: str | None = None


def list_studies(cache: StudyCache, aliases: Mapping[str, int]) -> list[ListedStudy]:
    """Return the cached studies, the last one first, then the aliases of other studies."""
    cached = cache.studies()
    listed = [
        ListedStudy(
            one.study,
            ", ".join(alias for alias, study in aliases.items() if study == one.study) or None,
            one.name or None,
            one.parameters or None,
            datetime.fromtimestamp(one.seen_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        for one in cached
    ]
    numbers = {one.study for one in cached}
    return listed + [ListedStudy(study, alias) for alias, study in aliases.items() if study not in numbers]
