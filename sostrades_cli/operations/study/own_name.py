"""The study's own name, which stands in front of the full names of its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.study_reference import possible_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.operations.context import Context


def own_name(context: Context, study: int, keys: Iterable[str]) -> str:
    """Return the study's own name, which stands in front of ``keys``, the full names of its parameters.

    Sources, the cheapest first:

    1. The keys, if they leave one choice: a root that holds a parameter ends the name.
    2. The cache. It has the name from any answer that tells it: a change, a copy, read-only mode.
    3. Read-only mode, which exists while the study is FINISHED.

    Otherwise it is ambiguous: ``dice.v2.Macro.gamma`` can belong to a study ``dice.v2``, and ``pair.SellarCoupling.x``
    to a study ``pair`` whose root shows no settings; load and status are the same for both. Then the part before
    the first dot is returned, so that a key keeps a part too many rather than losing one, and nothing is cached.
    """
    known = list(keys)
    possible = possible_names(known)
    if not possible:
        return context.cache.name(study)
    # The file of the last run names the study. The names of its parameters alone do not tell where it ends.
    if len(possible) > 1 and context.cache.name(study) not in possible:
        read_only_parameters(context, study)
    name = context.cache.name(study)
    return name if name in possible else possible[0]
