"""Where the ontology disagrees with a study. The ontology describes the code, and the study's own metadata wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.api.ontology import UsageInfo


class OntologyDifference(NamedTuple):
    """A field with the texts of the study and of the ontology."""

    field: str
    study: str
    ontology: str

    def __str__(self) -> str:
        """Return the difference as a part of a sentence."""
        return f"{self.field} {self.study} in the study, {self.ontology} in the ontology"


def differences(
    unit: str | None,
    ends: tuple[float, float] | None,
    choices: Iterable[object] | None,
    usage: UsageInfo,
) -> list[OntologyDifference]:
    """Return the fields that both have, with other content. ``unit``, ``ends`` and ``choices`` are the study's."""
    found = []
    if unit_differs(unit, usage):
        found.append(OntologyDifference("unit", str(unit), usage.unit))
    if ends is not None and usage.range is not None and ends != usage.range:
        found.append(OntologyDifference("range", _range(ends), _range(usage.range)))
    if choices is not None and usage.possible_values is not None:
        own, other = [str(choice) for choice in choices], [item or "None" for item in usage.possible_values]
        if set(own) != set(other):
            found.append(OntologyDifference("choices", ", ".join(own), ", ".join(other)))
    return found


def unit_differs(unit: str | None, usage: UsageInfo) -> bool:
    """Return whether both have a unit, and not the same one."""
    return bool(unit and unit.strip() and usage.unit) and bare_unit(unit or "") != bare_unit(usage.unit)


def bare_unit(unit: str) -> str:
    """Return a unit without the brackets in which some models write it."""
    text = unit.strip()
    return text[1:-1].strip() if text[:1] + text[-1:] == "[]" else text


def _range(ends: tuple[float, float]) -> str:
    return "{:g} to {:g}".format(*ends)
