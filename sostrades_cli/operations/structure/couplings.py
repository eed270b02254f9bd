"""The couplings of a study: those of the server's diagram, checked against inputs and outputs of its disciplines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import PermissionDenied
from sostrades_cli.operations.structure.read import read_last_structure
from sostrades_cli.output.text import counted
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from sostrades_cli.api.structure import Coupling, StudyStructure
    from sostrades_cli.operations.context import Context

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class StudyCouplings:
    """The couplings of a study, in the order of its nodes.

    ``disputed`` are those that only one of the two sources has. They are in no list and no graph. ``notes`` say so,
    and also where a source is missing or is that of an earlier run.
    """

    study: int
    structure: StudyStructure
    couplings: tuple[Coupling, ...]
    disputed: tuple[Coupling, ...] = ()
    notes: tuple[str, ...] = ()


def read_couplings(context: Context, study: int) -> StudyCouplings:
    """Return the couplings of a study, and report missing or contradictory sources.

    Raises
    ------
    Refused
        The study has no finished run, or its structure changed since.
    PermissionDenied
        The server has no diagram, and does not show the parameters.

    """
    named = read_last_structure(context, study)
    couplings = checked(study, named.structure)
    if named.note:
        couplings = replace(couplings, notes=(named.note, *couplings.notes))
    for note in couplings.notes:
        context.notify(note)
    return couplings


def checked(study: int, structure: StudyStructure) -> StudyCouplings:
    """Return the couplings that both sources have, or those of the only source.

    Raises
    ------
    PermissionDenied
        There is no source.

    """
    drawn = None if structure.drawn is None else set(structure.drawn)
    result = StudyCouplings(study, structure, ())
    if not structure.has_parameters:
        if drawn is None:
            raise PermissionDenied(
                f"your key does not show the couplings of study {study}",
                detail="the server shows no parameters to a restricted viewer, and has no diagram of the couplings",
                hint="ask the owner to make you a commenter",
                study=study,
            )
        note = "your key shows no parameters, so the couplings of the server's diagram cannot be checked"
        return replace(result, couplings=_ordered(structure, drawn), notes=(note,) if drawn else ())
    declared = structure.declared()
    if drawn is None:
        note = "the server has no diagram of the couplings, so they follow from inputs and outputs of the disciplines"
        return replace(result, couplings=_ordered(structure, declared), notes=(note,))
    disputed = _ordered(structure, drawn ^ declared)
    notes = (_disputes(structure.name, disputed, drawn),) if disputed else ()
    return replace(result, couplings=_ordered(structure, drawn & declared), disputed=disputed, notes=notes)


def _ordered(structure: StudyStructure, couplings: Collection[Coupling]) -> tuple[Coupling, ...]:
    place = {node.path: number for number, node in enumerate(structure.nodes)}
    last = len(place)
    return tuple(
        sorted(couplings, key=lambda one: (place.get(one.producer, last), place.get(one.consumer, last), one.parameter))
    )


def _disputes(name: str, disputed: tuple[Coupling, ...], drawn: set[Coupling]) -> str:
    texts = [
        f"{short_key(name, one.producer)} -> {short_key(name, one.consumer)}: {short_key(name, one.parameter)} "
        f"(only in the {'diagram' if one in drawn else 'tree'})"
        for one in disputed[:_SHOWN]
    ]
    more = f" and {len(disputed) - _SHOWN} more" if len(disputed) > _SHOWN else ""
    return (
        f"left out {counted(len(disputed), 'coupling')}, on which the server's diagram and its tree disagree: "
        f"{', '.join(texts)}{more}"
    )
