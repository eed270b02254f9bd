"""Compare the ontology with a study. The ontology describes the code of the models, so the study's metadata wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.api.ontology import UsageInfo


class OntologyDifference(NamedTuple):
    """A field, its text in the study, and its text in the ontology."""

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
    """Return the fields that both have with different content. ``unit``, ``ends`` and ``choices`` are the study's."""
    result = []
    if unit_differs(unit, usage):
        result.append(OntologyDifference("unit", str(unit), usage.unit))
    if ends is not None and usage.range is not None and ends != usage.range:
        result.append(OntologyDifference("range", _range(ends), _range(usage.range)))
    if choices is not None and usage.possible_values is not None:
        # The ontology writes a choice `None` as an empty item. The order of choices has no meaning.
        own, other = [str(choice) for choice in choices], [item or "None" for item in usage.possible_values]
        if set(own) != set(other):
            result.append(OntologyDifference("choices", ", ".join(own), ", ".join(other)))
    return result


def unit_differs(unit: str | None, usage: UsageInfo) -> bool:
    """Return whether both have a unit, and the units differ."""
    return bool(unit and unit.strip() and usage.unit) and bare_unit(unit or "") != bare_unit(usage.unit)


def bare_unit(unit: str) -> str:
    """Return a unit without brackets. Some models write ``[kg]`` instead of ``kg``."""
    text = unit.strip()
    return text[1:-1].strip() if text[:1] + text[-1:] == "[]" else text


def _range(ends: tuple[float, float]) -> str:
    return "{:g} to {:g}".format(*ends)
