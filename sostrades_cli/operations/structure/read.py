"""Read the structure of a study from its read-only file, or derive it from the names of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import NO_READ_ONLY_MODE, unusable
from sostrades_cli.api.structure import StudyNode, StudyStructure
from sostrades_cli.errors import LoadFault, NoRoute, NotFound, PermissionDenied, Refused, StudyLoadFault, WaitTimeout
from sostrades_cli.operations.calc.status import next_command
from sostrades_cli.operations.study.load import load, may_read, means_no_read_only_file
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.load import Loaded

# More levels than any study has, and fewer than the recursive JSON encoder can write.
MOST_LEVELS: Final = 100
# These runs have the present inputs. A change resets the status, so without a read-only file FINISHED is stale.
_OF_PRESENT_INPUTS: Final = frozenset({Phase.ACTIVE, Phase.BAD})


@dataclass(frozen=True, slots=True)
class NamedStructure:
    """A structure, and a note if the structure does not come from a finished run of the present inputs."""

    structure: StudyStructure
    note: str | None = None


def read_structure(context: Context, study: int) -> StudyStructure:
    """Return the structure in the read-only file. An unchanged file is not downloaded again.

    Raises
    ------
    Refused
        The study has no finished run of its present inputs.
    NoRoute
        The server has no read-only mode.

    """
    try:
        return _downloaded(context, study)
    except Refused as error:
        if not means_no_read_only_file(error):
            raise
        raise _unknown(error, context.api.calculations.status(study)) from error


def _downloaded(context: Context, study: int) -> StudyStructure:
    """Do the same as ``read_structure``, but pass on the server's own error if there is no file."""
    etag, known = stored_structure(context, study) or (None, None)
    try:
        answer = context.api.studies.structure(study, etag)
    except NoRoute as error:
        if not means_no_read_only_file(error):
            raise
        raise error.reworded(
            f"the structure of study {study} is unknown, because {NO_READ_ONLY_MODE}",
            hint=f"list the parameters instead: `sostrades param list {study}`",
            study=study,
        ) from error
    # No answer means HTTP 304: the file has not changed since its ETag was stored.
    if answer is None:
        assert known is not None  # noqa: S101 - only a known structure has an ETag to ask with
        return known
    etag, structure = answer
    if etag:
        context.cache.structures.store(study, etag, structure.to_json())
    return structure


def stored_structure(context: Context, study: int) -> tuple[str, StudyStructure] | None:
    """Return the ETag and the structure of the last download, or ``None`` if there was no download."""
    stored = context.cache.structures.read(study)
    structure = None if stored is None else StudyStructure.from_json(stored[1])
    return None if stored is None or structure is None else (stored[0], structure)


def _unknown(error: Refused, status: RunStatus) -> Refused:
    """Return the error for a study without a read-only file."""
    return error.reworded(
        f"the structure of study {status.study} is not known",
        detail=_why_unknown(status),
        hint=next_command(status),
        study=status.study,
    )


def _why_unknown(status: RunStatus) -> str:
    if status.phase is Phase.GOOD:
        return "the run is FINISHED, but the server has no read-only file of it"
    state = f"the status is {status.status}" if status.status else "the study has not been run"
    return f"the server has it after a finished run of the present inputs, and {state}"


def read_last_structure(context: Context, study: int) -> NamedStructure:
    """Return the structure in the read-only file. If it is gone, return its last download if that still fits.

    A change deletes the read-only file, but rarely changes the structure.

    Raises
    ------
    Refused
        The study has no finished run of its present inputs, and there is no earlier download, or it is outdated.
    NoRoute
        The server has no read-only mode.
    StudyLoadFault
        The server fails to load the study, and could not write the read-only file for the same reason.

    """
    try:
        return NamedStructure(_downloaded(context, study))
    except Refused as error:
        if not means_no_read_only_file(error):
            raise
        status = context.api.calculations.status(study)
        last = _last_structure(context, study, status)
        if last is None:
            raise _unknown(error, status) from error
        return last


def _last_structure(context: Context, study: int, status: RunStatus) -> NamedStructure | None:
    """Return the structure that was read before, if it fits the present parameters."""
    _, stored = stored_structure(context, study) or (None, None)
    if stored is None and status.phase is Phase.GOOD:
        _raise_study_load_fault(context, study)
    if stored is None or not _is_current(context, study, stored):
        return None
    nodes = tuple(node._replace(status=_present_status(node, status)) for node in stored.nodes)
    state = f"is {status.status}" if status.phase in _OF_PRESENT_INPUTS else "was changed since"
    return NamedStructure(
        replace(stored, nodes=nodes),
        f"this is the structure of the last finished run, because study {study} {state}",
    )


def _raise_study_load_fault(context: Context, study: int) -> None:
    """Raise an error if the server cannot load the study. It cannot write the read-only file either, then."""
    try:
        load(context, study)
    except StudyLoadFault:
        raise
    except (LoadFault, PermissionDenied, WaitTimeout):
        # These say nothing about the study itself, so the missing file stays the error.
        return


def _is_current(context: Context, study: int, stored: StudyStructure) -> bool:
    """Return whether a structure fits the present parameters of a study, as far as the key and the server show them."""
    try:
        loaded = load(context, study)
    except PermissionDenied:
        # A structure with parameters was read with another key, and this key may not see them.
        return not stored.has_parameters
    except (LoadFault, WaitTimeout):
        # The server fails every load, so nothing can be compared.
        return not stored.has_parameters or _has_and_shows(context, study, stored)
    return loaded.withheld or not _is_rebuilt(stored, loaded)


def _has_and_shows(context: Context, study: int, stored: StudyStructure) -> bool:
    """Return whether the server has a parameter of a structure, and shows it to this key."""
    # A solver setting is small.
    name = next(
        name
        for node in sorted(stored.nodes, key=lambda n: not n.solver)
        for name in (*node.solver, *node.inputs, *node.outputs)
    )
    try:
        return may_read(context, study, name)
    except NotFound:
        return False


def _is_rebuilt(stored: StudyStructure, loaded: Loaded) -> bool:
    """Return whether a study has parameters that a structure does not have, or lacks all inputs of a discipline."""
    outputs = {key for node in stored.nodes for key in node.outputs}
    # A load shows no outputs, and not all inputs that another discipline computes.
    inputs = [{*node.inputs, *node.solver} - outputs for node in stored.nodes]
    # A load does not show inputs that are not editable, so a single missing input says nothing.
    return bool(loaded.parameters.keys() - outputs.union(*inputs)) or any(
        keys and not keys & loaded.parameters.keys() for keys in inputs
    )


def _present_status(node: StudyNode, status: RunStatus) -> str:
    """Return the status of a node in the present run, empty if the last run was before a change."""
    return status.disciplines.get(node.path, "") if status.phase in _OF_PRESENT_INPUTS else ""


def read_nodes(context: Context, study: int) -> NamedStructure:
    """Return the structure. Without a finished run, return only nodes derived from the names of parameters."""
    status = None
    try:
        return NamedStructure(_downloaded(context, study))
    except (Refused, NoRoute) as error:
        # The parameters are another source, so no refusal of the file ends the command.
        if not means_no_read_only_file(error):
            context.notify(f"continuing without the read-only file of study {study}: {error.message}")
        elif isinstance(error, Refused):
            status = context.api.calculations.status(study)
    last = None if status is None else _last_structure(context, study, status)
    if last is not None:
        return last
    loaded = load(context, study)
    return _from_names(context, study, loaded, status or context.api.calculations.status(study))


def _from_names(context: Context, study: int, loaded: Loaded, status: RunStatus) -> NamedStructure:
    """Return the nodes that follow from the names of parameters, and a note on that."""
    name = own_name(context, study, loaded.parameters)
    # After a change, the server still gives the statuses of the last run, also for disciplines that are gone.
    statuses = {} if status.phase is Phase.IDLE else status.disciplines
    structure = StudyStructure(name, _named_nodes(name, loaded.parameters.values(), statuses), None, ())
    tree = "the tree follows from the names of its parameters"
    if context.api.studies.lacks_read_only_mode:
        return NamedStructure(
            structure, f"{NO_READ_ONLY_MODE}, so {tree}. Kinds, models and outputs of study {study} are unknown"
        )
    unfinished = status.phase in {Phase.ACTIVE, Phase.BAD}
    state = f"is {status.status}" if unfinished else "has no finished run of its present inputs"
    return NamedStructure(
        structure,
        f"study {study} {state}, so {tree}. Kinds, models and outputs are known "
        f"after a finished run: `{next_command(status)}`",
    )


def _named_nodes(name: str, parameters: Iterable[Parameter], statuses: dict[str, str]) -> tuple[StudyNode, ...]:
    """Return the nodes in the names of parameters, and the disciplines of the status, parents first."""
    inputs: dict[str, list[str]] = {}
    solver: dict[str, list[str]] = {}
    for parameter in parameters:
        kind = solver if parameter.is_solver_setting else inputs
        kind.setdefault(parameter.name.rpartition(".")[0], []).append(parameter.name)
    children: dict[str | None, dict[str, None]] = {}
    for path in dict.fromkeys([*statuses, *inputs, *solver]):
        parts = path.removeprefix(f"{name}.").split(".") if path != name else []
        if len(parts) > MOST_LEVELS:
            raise unusable(f"a name with more than {MOST_LEVELS} parts: {path!r:.80}")
        parent: str | None = None
        for node in [name, *(".".join([name, *parts[: depth + 1]]) for depth in range(len(parts)))]:
            children.setdefault(parent, {})[node] = None
            parent = node
    nodes: list[StudyNode] = []
    # Depth first, as in the read-only file. The last item is taken first, so children are added in reverse order.
    waiting: list[tuple[str, str | None]] = [(name, None)]
    while waiting:
        path, parent = waiting.pop()
        node_inputs, node_solver = (tuple(kind.get(path, ())) for kind in (inputs, solver))
        nodes.append(StudyNode(path, parent, "", statuses.get(path, ""), (), node_inputs, (), node_solver))
        waiting += [(child, path) for child in reversed(children.get(path, {}))]
    return tuple(nodes)
