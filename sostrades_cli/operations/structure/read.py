"""The structure of a study: from its read-only file, or as far as it follows from the names of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.api.protocol import unusable
from sostrades_cli.api.structure import StudyNode, StudyStructure
from sostrades_cli.errors import LoadFault, NoRoute, PermissionDenied, Refused, StudyLoadFault, WaitTimeout
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.study.load import NO_READ_ONLY_MODE, load, means_no_read_only_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.api.models import Parameter, RunStatus
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.load import Loaded

# More levels than any study has, and fewer than the encoder of JSON can nest.
MOST_LEVELS: Final = 100
# A status of a finished run without a read-only file is that of a run before a change.
_OF_PRESENT_INPUTS: Final = frozenset({Phase.ACTIVE, Phase.BAD})


@dataclass(frozen=True, slots=True)
class NamedStructure:
    """A structure, and a note if it does not come from a finished run."""

    structure: StudyStructure
    note: str | None = None


def read_structure(context: Context, study: int) -> StudyStructure:
    """Return the structure in the read-only file, which is downloaded only if it changed since the last time.

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
    """Do what ``read_structure`` does, but leave the answer of a server without the file as it is."""
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
    if answer is None:
        assert known is not None  # noqa: S101 - only a known structure has an ETag to ask with
        return known
    etag, structure = answer
    if etag:
        context.cache.structures.store(study, etag, structure.to_json())
    return structure


def stored_structure(context: Context, study: int) -> tuple[str, StudyStructure] | None:
    """Return the structure that was downloaded last, and the ETag of its file; ``None`` if there is none."""
    stored = context.cache.structures.read(study)
    structure = None if stored is None else StudyStructure.from_json(stored[1])
    return None if stored is None or structure is None else (stored[0], structure)


def _unknown(error: Refused, status: RunStatus) -> Refused:
    """Return the error for a study without a read-only file."""
    return error.reworded(
        f"the structure of study {status.study} is not known",
        detail=_why_unknown(status),
        hint=f"sostrades calc {_next_step(status)} {status.study}",
        study=status.study,
    )


def _why_unknown(status: RunStatus) -> str:
    if status.phase is Phase.GOOD:
        return "the run is FINISHED, but the server has no read-only file of it"
    state = f"the status is {status.status}" if status.status else "the study has not been run"
    return f"the server has it after a finished run of the present inputs, and {state}"


def read_last_structure(context: Context, study: int) -> NamedStructure:
    """Return the structure in the read-only file, or that of the last finished run if it was read before.

    A change deletes the read-only file, but rarely changes the structure.

    Raises
    ------
    Refused
        The study has no finished run of its present inputs, and its last structure was not read or is outdated.
    NoRoute
        The server has no read-only mode.
    StudyLoadFault
        The server fails to load the study, and has no read-only file of its run for the same reason.

    """
    try:
        return NamedStructure(_downloaded(context, study))
    except Refused as error:
        if not means_no_read_only_file(error):
            raise
        _, kept = stored_structure(context, study) or (None, None)
        status = context.api.calculations.status(study)
        if kept is None and status.phase is Phase.GOOD:
            _raise_study_load_fault(context, study)
        if kept is None or not _holds(context, study, kept):
            raise _unknown(error, status) from error
        nodes = tuple(node._replace(status=_present_status(node, status)) for node in kept.nodes)
        state = f"is {status.status}" if status.phase in _OF_PRESENT_INPUTS else "was changed since"
        return NamedStructure(
            replace(kept, nodes=nodes),
            f"this is the structure of the last finished run, because study {study} {state}",
        )


def _raise_study_load_fault(context: Context, study: int) -> None:
    """Raise the error of a study that the server cannot load: it cannot write the read-only file either."""
    try:
        load(context, study)
    except StudyLoadFault:
        raise
    except (LoadFault, PermissionDenied, WaitTimeout):
        return


def _holds(context: Context, study: int, kept: StudyStructure) -> bool:
    """Return whether a structure fits the present parameters of a study, as far as the key and the server show them."""
    try:
        loaded = load(context, study)
    except PermissionDenied:
        # What another key has read is not shown.
        return not kept.has_parameters
    except (LoadFault, WaitTimeout):
        return True
    return loaded.withheld or not _is_rebuilt(kept, loaded)


def _is_rebuilt(kept: StudyStructure, loaded: Loaded) -> bool:
    """Return whether a study has parameters that a structure does not have, or lacks all inputs of a discipline."""
    outputs = {key for node in kept.nodes for key in node.outputs}
    inputs = [{*node.inputs, *node.solver} - outputs for node in kept.nodes]
    # The server hides some inputs, so a single missing one says nothing.
    return bool(loaded.parameters.keys() - outputs.union(*inputs)) or any(
        keys and not keys & loaded.parameters.keys() for keys in inputs
    )


def _present_status(node: StudyNode, status: RunStatus) -> str:
    """Return the status of a node in the present run; that of the run before a change says nothing about it."""
    return status.disciplines.get(node.path, "") if status.phase in _OF_PRESENT_INPUTS else ""


def read_nodes(context: Context, study: int) -> NamedStructure:
    """Return the structure; without a finished run only the nodes that follow from the names of parameters."""
    try:
        return read_last_structure(context, study)
    except (Refused, NoRoute) as error:
        # Whatever the reason of a refusal is, the names of the parameters are a source of their own.
        if not means_no_read_only_file(error):
            context.notify(f"continuing without the read-only file of study {study}: {error.message}")
    loaded = load(context, study)
    name = name_lookup.own_name(context, study, loaded.parameters)
    status = context.api.calculations.status(study)
    # A change leaves the statuses of the run before it, also of disciplines that are gone.
    statuses = {} if status.phase is Phase.IDLE else status.disciplines
    structure = StudyStructure(name, _named_nodes(name, loaded.parameters.values(), statuses), None, ())
    tree = "the tree follows from the names of its parameters"
    if context.api.studies.lacks_read_only_mode:
        return NamedStructure(
            structure, f"{NO_READ_ONLY_MODE}, so {tree}. Kinds, models and outputs of study {study} are unknown"
        )
    state = f"is {status.status}" if status.phase is Phase.ACTIVE else "has no finished run of its present inputs"
    return NamedStructure(
        structure,
        f"study {study} {state}, so {tree}. Kinds, models and outputs are known "
        f"after a run: `sostrades calc {_next_step(status)} {study}`",
    )


def _next_step(status: RunStatus) -> str:
    return "watch" if status.phase is Phase.ACTIVE else "run"


def _named_nodes(name: str, parameters: Iterable[Parameter], statuses: dict[str, str]) -> tuple[StudyNode, ...]:
    """Return the nodes that names of parameters stand for, and those that the status names, parents first."""
    inputs: dict[str, list[str]] = {}
    solver: dict[str, list[str]] = {}
    for parameter in parameters:
        kind = solver if parameter.is_solver_setting else inputs
        kind.setdefault(parameter.name.rpartition(".")[0], []).append(parameter.name)
    children: dict[str | None, dict[str, None]] = {}
    for path in dict.fromkeys([*statuses, *inputs, *solver]):
        below = path.removeprefix(f"{name}.").split(".") if path != name else []
        if len(below) > MOST_LEVELS:
            raise unusable(f"a name with more than {MOST_LEVELS} parts: {path!r:.80}")
        parent: str | None = None
        for node in [name, *(".".join([name, *below[: depth + 1]]) for depth in range(len(below)))]:
            children.setdefault(parent, {})[node] = None
            parent = node
    nodes: list[StudyNode] = []
    waiting: list[tuple[str, str | None]] = [(name, None)]
    while waiting:
        path, parent = waiting.pop()
        used = (tuple(kind.get(path, ())) for kind in (inputs, solver))
        node_inputs, node_solver = used
        nodes.append(StudyNode(path, parent, "", statuses.get(path, ""), (), node_inputs, (), node_solver))
        waiting += [(child, path) for child in reversed(children.get(path, {}))]
    return tuple(nodes)
