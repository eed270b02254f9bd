"""The studies that were seen, as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.local.cache import StudyCache


def study_rows(cache: StudyCache, aliases: Mapping[str, int], host: str) -> Rows:
    """Return number, alias, name, known parameters and time of each study, the last one first; then bare aliases."""
    seen = cache.studies()
    rows: list[tuple[object, ...]] = [
        (
            one.study,
            ", ".join(name for name, study in aliases.items() if study == one.study) or None,
            one.name or None,
            one.parameters or None,
            datetime.fromtimestamp(one.seen_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        for one in seen
    ]
    known = {one.study for one in seen}
    rows += [(study, name, None, None, None) for name, study in aliases.items() if study not in known]
    note = None if rows else "none yet: a study is listed once a command such as `sostrades study load 21` has met it"
    columns = ("study", "alias", "name", "parameters", "last_seen")
    return Rows(columns, rows, title=f"studies seen on {host}" if rows else None, note=note)
