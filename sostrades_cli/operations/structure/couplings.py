"""Read the couplings of a study, and check the server's diagram against inputs and outputs of the disciplines."""

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

    ``disputed`` are couplings that only one of the two sources has. No list and no graph contains them. ``notes`` name
    them, and say if a source is missing or comes from an earlier run.
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
    couplings = agreed_couplings(study, named.structure)
    if named.note:
        couplings = replace(couplings, notes=(named.note, *couplings.notes))
    for note in couplings.notes:
        context.notify(note)
    return couplings


def agreed_couplings(study: int, structure: StudyStructure) -> StudyCouplings:
    """Return the couplings that both sources have, or those of the only source.

    The sources are the server's diagram, and the inputs and outputs of the disciplines in its tree.

    Raises
    ------
    PermissionDenied
        There is no source.

    """
    drawn = None if structure.from_diagram is None else set(structure.from_diagram)
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
    declared = structure.from_interfaces()
    # A study without couplings has an empty diagram, not a missing one.
    if drawn is None:
        note = "the server has no diagram of the couplings, so they follow from inputs and outputs of the disciplines"
        return replace(result, couplings=_ordered(structure, declared), notes=(note,))
    # The sources agree in all recorded studies, so one of them is wrong. A wrong coupling misleads more than a gap.
    disputed = _ordered(structure, drawn ^ declared)
    notes = (_disputes_note(structure.name, disputed, drawn),) if disputed else ()
    return replace(result, couplings=_ordered(structure, drawn & declared), disputed=disputed, notes=notes)


def _ordered(structure: StudyStructure, couplings: Collection[Coupling]) -> tuple[Coupling, ...]:
    positions = {node.path: position for position, node in enumerate(structure.nodes)}

    def rank(coupling: Coupling) -> tuple[int, int, str]:
        # The diagram may have a discipline that the tree does not have. It comes last.
        producer, consumer = (positions.get(path, len(positions)) for path in (coupling.producer, coupling.consumer))
        return producer, consumer, coupling.parameter

    return tuple(sorted(couplings, key=rank))


def _disputes_note(name: str, disputed: tuple[Coupling, ...], drawn: set[Coupling]) -> str:
    texts = [
        f"{short_key(name, coupling.producer)} -> {short_key(name, coupling.consumer)}: "
        f"{short_key(name, coupling.parameter)} (only in the {'diagram' if coupling in drawn else 'tree'})"
        for coupling in disputed[:_SHOWN]
    ]
    more = f" and {len(disputed) - _SHOWN} more" if len(disputed) > _SHOWN else ""
    return (
        f"left out {counted(len(disputed), 'coupling')}, on which the server's diagram and its tree disagree: "
        f"{', '.join(texts)}{more}"
    )
