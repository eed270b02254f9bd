"""Validate names for new studies by the rules of the web page, which the API does not enforce."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.local.cache import CachedStudy

# The form of the web page (sostrades-webgui, "create a study case") accepts ASCII letters, digits, _ and - only.
_ALLOWED: Final = re.compile(r"[A-Za-z0-9_-]+")
# The size of the column in the server's database.
LONGEST: Final = 64
RULE: Final = f"use letters (A-Z, a-z), digits, _ and -, at most {LONGEST} characters"


def validate_study_name(name: str, source: int, source_name: str | None, known_studies: Iterable[CachedStudy]) -> None:
    """Reject a name for a copy that the web page would not accept, or that is taken.

    The API accepts any name, even an existing one, and has no list of studies. A name counts as taken if it is the
    name of the source (``None`` if unknown) or of a study in ``known_studies``, the cache of this machine. Names are
    case-sensitive, as on the web page.

    Raises
    ------
    UsageError
        The name is empty, too long, has invalid characters, or is taken.

    """
    if not name:
        raise UsageError("the name of the copy is empty", hint=RULE, study=source)
    if not _ALLOWED.fullmatch(name):
        invalid_characters = "".join(dict.fromkeys(re.sub(_ALLOWED, "", name)))
        raise UsageError(
            f"{name!r} is not a valid name for a study: it contains {invalid_characters!r}",
            detail="the web page rejects such names, and the full names of parameters begin with the name of the study",
            hint=RULE,
            study=source,
        )
    if len(name) > LONGEST:
        raise UsageError(f"the name of the copy is too long ({len(name)} characters)", hint=RULE, study=source)
    if name == source_name:
        raise UsageError(f"study {source} already has the name {name!r}", hint="choose another name", study=source)
    taken = next((cached_study.study for cached_study in known_studies if cached_study.name == name), None)
    if taken is not None:
        raise UsageError(
            f"study {taken} already has the name {name!r}",
            hint=f"choose another name. If study {taken} was deleted, run `sostrades calc status {taken}` first",
            study=source,
        )
