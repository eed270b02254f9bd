"""Capture a snapshot of a study from a load and, for tables and hidden values, from downloads."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import TABLE, Parameter, has_tables
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, Refused, ServerFault
from sostrades_cli.files.atomic import PartialFiles
from sostrades_cli.files.file_names import safe_names
from sostrades_cli.operations.param.download import SaveOptions, save_one
from sostrades_cli.operations.param.outputs import Outputs, from_cache, is_output, outputs_of
from sostrades_cli.operations.param.read import known_parameters
from sostrades_cli.operations.study.load import load, read_only_parameters, withheld
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.operations.study.snapshot.model import Names, Snapshot, SnapshotEntry
from sostrades_cli.operations.tables.downloads import scalar_text, value_of
from sostrades_cli.operations.tables.stored_table import StoredTable
from sostrades_cli.operations.thread_pool import in_parallel
from sostrades_cli.output.text import counted
from sostrades_cli.solver_settings import RESIDUALS
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context

JOBS: Final = 4


@dataclass(frozen=True, slots=True)
class ListedParameters:
    """The parameters of a study by full name. Their values are known only if ``valued``.

    A run replaces ``start_values`` by its results. ``unshown`` are inputs that only read-only mode shows, not a load.
    ``omitted`` are such inputs that were not requested. ``withheld`` means that the server hides inputs from this key.
    ``names`` is the source of the names. ``outdated`` means that the server has outputs of an earlier run only.
    """

    study: int
    name: str
    parameters: dict[str, Parameter]
    outputs: frozenset[str]
    valued: bool
    start_values: frozenset[str] = frozenset()
    unshown: frozenset[str] = frozenset()
    withheld: bool = False
    omitted: frozenset[str] = frozenset()
    names: Names = Names.LOAD
    outdated: bool = False

    def needs_download(self, name: str) -> bool:
        """Return whether a load does not show the value."""
        parameter = self.parameters[name]
        if self.outdated and name in self.outputs:
            # A result of other inputs is not a value of the study as it is now.
            return False
        if not self.valued or name in self.outputs or name in self.unshown:
            return True
        # A load shows nan and inf as null, as it shows a missing value.
        return parameter.is_table or (parameter.type == "float" and parameter.value is None)

    def key(self, name: str) -> str:
        """Return a name without the study's own name."""
        return short_key(self.name, name)

    def file_names(self) -> dict[str, str]:
        """Return the name of the file of each key, without its ending."""
        return safe_names(map(self.key, self.parameters))


def list_parameters(context: Context, study: int, *, outputs: bool, unshown: bool = False) -> ListedParameters:
    """List the parameters of a snapshot: inputs that are not computed, solver settings and, if requested, outputs.

    ``unshown`` adds inputs in the cache that a load does not show.

    Raises
    ------
    LoadFault
        The server cannot load the study, and the cache does not have its names.

    """
    shown, finished, names, is_withheld = _load(context, study, outputs=outputs)
    cached = context.cache.parameters_of(study)
    computed = {name for name, parameter in cached.items() if parameter.is_computed}
    start_values = frozenset(name for name, parameter in cached.items() if parameter.is_start_value)
    inputs = {n: p for n, p in shown.items() if n not in computed and p.var_name != RESIDUALS}
    more = _unshown(cached, shown)
    if unshown:
        inputs |= more
    results = _outputs(context, study, finished, inputs) if outputs else Outputs({})
    return ListedParameters(
        study,
        own_name(context, study, shown),
        {**inputs, **results.parameters},
        frozenset(results.parameters),
        names is not Names.CACHE,
        start_values,
        unshown=frozenset(more) if unshown else frozenset(),
        withheld=is_withheld,
        omitted=frozenset() if unshown else frozenset(more),
        names=names,
        outdated=results.are_outdated,
    )


def _load(
    context: Context, study: int, *, outputs: bool
) -> tuple[Mapping[str, Parameter], Mapping[str, Parameter], Names, bool]:
    """Return loaded parameters, those of read-only mode, the source of names, and whether inputs are hidden."""
    try:
        loaded = load(context, study)
    except LoadFault:
        cached = known_parameters(context, study)
        return {n: p for n, p in cached.items() if p.io_type != "out" or p.is_solver_setting}, {}, Names.CACHE, False
    # After a finished run, read-only mode also has outputs and computed inputs.
    finished = read_only_parameters(context, study) if outputs or not loaded.read_only else {}
    return loaded.parameters, finished, Names.READ_ONLY if loaded.read_only else Names.LOAD, loaded.withheld


def _unshown(known: Mapping[str, CachedParameter], shown: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return inputs that a load does not show, without their values. The server accepts changes of them."""
    inputs = {name: from_cache(name, cached) for name, cached in known.items() if cached.io_type == "in"}
    return {n: p for n, p in inputs.items() if n not in shown and not is_output(p) and not p.is_solver_setting}


def _outputs(context: Context, study: int, known: Mapping[str, Parameter], inputs: Mapping[str, Parameter]) -> Outputs:
    """Return outputs without their values, because only a download has the current values."""
    outputs = outputs_of(context, study, known, inputs)
    if outputs.note and outputs.are_outdated:
        context.warn(outputs.note)
    # The present values of listed outputs are downloaded, so the note would be false.
    elif outputs.note and not outputs.parameters:
        context.notify(outputs.note)
    unvalued = {name: parameter._replace(value=None) for name, parameter in outputs.parameters.items()}
    return outputs._replace(parameters=unvalued)


def take(
    context: Context,
    listed: ListedParameters,
    *,
    path_of: Callable[[str], Path],
    jobs: int = JOBS,
    step: Callable[[SnapshotEntry], None] = lambda _: None,
    done: Mapping[str, SnapshotEntry] | None = None,
) -> Snapshot:
    """Capture the values and tables of the listed parameters.

    ``path_of`` returns the file for the table of a key. ``step`` is called after each download. ``done`` are entries
    of an interrupted capture.
    """
    items: dict[str, SnapshotEntry] = {}
    parts = PartialFiles()
    waiting: list[tuple[str, Parameter]] = []
    for name, parameter in listed.parameters.items():
        key = listed.key(name)
        if done and key in done:
            items[key] = done[key]
        elif not listed.needs_download(name):
            items[key] = _shown(listed, name, parameter)
        else:
            waiting.append((name, parameter))
    with contextlib.closing(parts):
        # The first download runs alone, because parallel downloads can hang after a change.
        for group in (waiting[:1], waiting[1:]):
            for _, item in in_parallel(lambda pair: _download(context, listed, *pair, path_of, parts), group, jobs):
                if item is not None:
                    items[item.key] = item
                    step(item)
    keys = [listed.key(name) for name in listed.parameters]
    ordered = {key: items[key] for key in keys if key in items}
    omitted = tuple(sorted(map(listed.key, listed.omitted)))
    absent = tuple(key for key in keys if key not in items)
    source = f"study {listed.study}"
    return Snapshot(listed.name, source, dict(sorted(ordered.items())), omitted, absent, listed.names, listed.outdated)


def take_inputs(context: Context, study: int, *, outputs: bool = False) -> Snapshot:
    """Capture a study for a comparison, with its tables in the temporary folder.

    Raises
    ------
    PermissionDenied
        The key belongs to a commenter, and the server withholds inputs from it.
    ServerFault
        A parameter could not be read.

    """
    with context.waiting(f"Reading the inputs of study {study}"):
        return take_listed(context, list_parameters(context, study, outputs=outputs))


def take_listed(context: Context, listed: ListedParameters) -> Snapshot:
    """Capture listed parameters for a comparison, with tables in the temporary folder.

    Raises
    ------
    PermissionDenied
        The key belongs to a commenter, and the server withholds inputs from it.
    ServerFault
        A parameter could not be read.

    """
    # Missing inputs would look like differences.
    if listed.withheld:
        raise withheld(listed.study)
    snapshot = take(context, listed, path_of=temporary_paths(context, listed))
    if failed := [item for item in snapshot.items.values() if item.failed]:
        raise ServerFault(
            f"cannot read {counted(len(failed), 'parameter')} of study {listed.study}",
            detail="\n".join(f"{item.key}: {item.reason}" for item in failed[:10]),
            hint="run the command again",
            study=listed.study,
        )
    return snapshot


def temporary_paths(context: Context, listed: ListedParameters) -> Callable[[str], Path]:
    """Return a function that returns the temporary file for a key."""
    # The path is created here, so that a thread that outlives the command does not create the folder again.
    first, names = context.temp_folder.path(suffix=""), listed.file_names()
    return lambda key: first.with_name(f"{first.name}-{names[key]}.csv")


def downloads(listed: ListedParameters) -> int:
    """Return the number of downloads for a snapshot."""
    return sum(map(listed.needs_download, listed.parameters))


def _shown(listed: ListedParameters, name: str, parameter: Parameter) -> SnapshotEntry:
    item = _empty(listed, name, parameter)
    return item if parameter.value is None else replace(item, value=parameter.value)


def _empty(listed: ListedParameters, name: str, parameter: Parameter) -> SnapshotEntry:
    return SnapshotEntry(
        listed.key(name),
        parameter.type,
        parameter.unit,
        output=name in listed.outputs,
        solver=parameter.is_solver_setting,
        start_value=name in listed.start_values,
    )


def _download(
    context: Context,
    listed: ListedParameters,
    name: str,
    parameter: Parameter,
    path_of: Callable[[str], Path],
    parts: PartialFiles,
) -> SnapshotEntry | None:
    """Download a parameter. Return ``None`` if it is only in the cache and no longer in the study."""
    item = _empty(listed, name, parameter)
    try:
        content = None if parameter.is_table else context.api.parameters.content(listed.study, name)
        value = TABLE if content is None else value_of(content, parameter.type)
        if content is None or has_tables(value):
            return replace(item, table=_table(context, listed.study, name, path_of(item.key), parts))
    except NoValue:
        return item
    except NotFound:
        # The cache may have names that a change of the study has removed.
        if listed.valued and name not in listed.unshown:
            raise
        return None
    except NoLayout as error:
        return replace(item, reason=error.detail)
    except (ServerFault, Refused) as error:
        # A failure must not prevent the capture of the other parameters.
        return replace(item, reason=error.message, failed=True)
    is_float = parameter.type == "float"
    return replace(item, value=_float(content, value)) if is_float else replace(item, value=value, content=content)


def _float(content: bytes, value: object) -> object:
    """Return a downloaded float, which may be nan or inf."""
    text = scalar_text(content)
    if value is None:
        return math.nan
    return float(text) if text in {"inf", "-inf"} else value


def _table(context: Context, study: int, name: str, path: Path, parts: PartialFiles) -> StoredTable:
    _, digest = save_one(context, study, name, path, SaveOptions(safe_csv=False, parts=parts))
    return StoredTable(path, digest)
