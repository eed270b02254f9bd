"""Names of new studies: the rule of the web page, which the API does not enforce."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.local.cache import CachedStudy

# The form of the web page (sostrades-webgui, "create a study case") accepts ASCII letters, digits, _ and - only.
_ALLOWED: Final = re.compile(r"[A-Za-z0-9_-]+")
# The column of the server's database.
LONGEST: Final = 64
RULE: Final = f"use letters (A-Z, a-z), digits, _ and -, at most {LONGEST} characters"


def validate_study_name(name: str, source: int, source_name: str | None, known_studies: Iterable[CachedStudy]) -> None:
    """Refuse a name for the copy of a study that the web page would not accept, or that is taken.

    The API accepts any name, an existing one too, and lists no studies. So a name counts as taken if it is the
    source's own (``None`` if unknown) or that of a study in ``known_studies``, the studies that
    this computer has seen on the server. Names are case-sensitive, as on the web page.

    Raises
    ------
    UsageError
        The name is empty, too long, has other characters, or is taken.

    """
    if not name:
        raise UsageError("the name of the copy is empty", hint=RULE, study=source)
    if not _ALLOWED.fullmatch(name):
        others = "".join(dict.fromkeys(re.sub(_ALLOWED, "", name)))
        raise UsageError(
            f"{name!r} cannot be the name of a study, because of {others!r}",
            detail="the web page refuses such names, and full names of parameters begin with the study's name",
            hint=RULE,
            study=source,
        )
    if len(name) > LONGEST:
        raise UsageError(f"the name of the copy has {len(name)} characters", hint=RULE, study=source)
    if name == source_name:
        raise UsageError(f"study {source} itself is named {name!r}", hint="choose another name", study=source)
    taken = next((one.study for one in known_studies if one.name == name), None)
    if taken is not None:
        raise UsageError(
            f"study {taken} is already named {name!r}",
            hint=f"choose another name; if study {taken} was deleted, `sostrades calc status {taken}` notes that",
            study=source,
        )
