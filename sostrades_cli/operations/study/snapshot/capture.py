"""Taking a snapshot of a study: what a load shows, and downloads of what it does not."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import TABLE, Parameter, has_tables
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, Refused, ServerFault
from sostrades_cli.files.atomic import PartialFiles
from sostrades_cli.files.file_names import safe_names
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.download import SaveOptions, save_one
from sostrades_cli.operations.param.outputs import from_cache, is_output, outputs_of
from sostrades_cli.operations.param.read import known_parameters
from sostrades_cli.operations.study.load import completed, load, load_live, read_only_parameters, withheld
from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry
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
    """The parameters of a study, by full name; ``valued`` says that their values are known, not only their names.

    ``start_values`` are the inputs that a run replaces by its results; ``unshown`` are inputs that no load shows, and
    that read-only mode has told; ``withheld`` says that the server withholds inputs from the key of a commenter.
    """

    study: int
    name: str
    parameters: dict[str, Parameter]
    outputs: frozenset[str]
    valued: bool
    start_values: frozenset[str] = frozenset()
    unshown: frozenset[str] = frozenset()
    withheld: bool = False

    def needs_download(self, name: str) -> bool:
        """Tell what a load does not show: tables, and whether null is no value, nan or something infinite."""
        parameter = self.parameters[name]
        if not self.valued or name in self.outputs or name in self.unshown:
            return True
        return parameter.is_table or (parameter.type == "float" and parameter.value is None)

    def key(self, name: str) -> str:
        """Return a name without the study's own."""
        return short_key(self.name, name)

    def file_names(self) -> dict[str, str]:
        """Return the name of the file of each key, without its ending."""
        return safe_names(map(self.key, self.parameters))


def list_parameters(context: Context, study: int, *, outputs: bool, unshown: bool = False) -> ListedParameters:
    """List what a snapshot takes: inputs that nothing computes, solver settings, and ``outputs`` if wanted.

    ``unshown`` adds inputs that no load shows, as far as the cache knows them.

    Raises
    ------
    LoadFault
        The study cannot be loaded from this server, and its names were never seen.

    """
    valued, hidden = True, False
    told: Mapping[str, Parameter] = {}
    shown: Mapping[str, Parameter]
    # Read-only mode knows outputs and what is computed, after a finished run.
    try:
        loaded = completed(context, study, load_live(context, study))
        shown, hidden = loaded.parameters, loaded.withheld
        told = read_only_parameters(context, study)
    except LoadFault:
        try:
            shown = load(context, study).parameters
            told = read_only_parameters(context, study) if outputs else {}
        except LoadFault:
            shown, valued = known_parameters(context, study), False
            shown = {name: p for name, p in shown.items() if p.io_type != "out" or p.is_solver_setting}
    known = context.cache.parameters_of(study)
    computed = {name for name, seen in known.items() if seen.is_computed}
    started = frozenset(name for name, seen in known.items() if seen.is_start_value)
    wanted = {n: p for n, p in shown.items() if n not in computed and p.var_name != RESIDUALS}
    more = _unshown(known, shown) if unshown else {}
    wanted |= more
    results = _outputs(context, study, told, wanted) if outputs else {}
    name = name_lookup.own_name(context, study, shown)
    everything = {**wanted, **results}
    return ListedParameters(study, name, everything, frozenset(results), valued, started, frozenset(more), hidden)


def _unshown(known: Mapping[str, CachedParameter], shown: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return inputs that can be set although no load shows them, without their values."""
    inputs = {name: from_cache(name, seen) for name, seen in known.items() if seen.io_type == "in"}
    return {n: p for n, p in inputs.items() if n not in shown and not is_output(p) and not p.is_solver_setting}


def _outputs(
    context: Context, study: int, known: Mapping[str, Parameter], inputs: Mapping[str, Parameter]
) -> dict[str, Parameter]:
    """Return outputs without their values: those of a download are those of now."""
    found = outputs_of(context, study, known, inputs)
    if found.note:
        context.notify(found.note)
    return {name: parameter._replace(value=None) for name, parameter in found.parameters.items()}


def take(
    context: Context,
    listed: ListedParameters,
    *,
    place: Callable[[str], Path],
    jobs: int = JOBS,
    step: Callable[[SnapshotEntry], None] = lambda _: None,
    done: Mapping[str, SnapshotEntry] | None = None,
) -> Snapshot:
    """Take the values and tables of what is listed; tables are downloaded to where ``place`` says of a key.

    The first download goes alone, since parallel ones can hang after a change; ``step`` is called after each;
    ``done`` are items that were taken before, by key.
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
        for group in (waiting[:1], waiting[1:]):
            for _, item in in_parallel(lambda one: _download(context, listed, *one, place, parts), group, jobs):
                if item is not None:
                    items[item.key] = item
                    step(item)
    keys = [listed.key(name) for name in listed.parameters]
    ordered = {key: items[key] for key in keys if key in items}
    return Snapshot(listed.name, f"study {listed.study}", dict(sorted(ordered.items())))


def take_inputs(context: Context, study: int, *, outputs: bool = False) -> Snapshot:
    """Take a snapshot into the scratch folder, to be compared.

    Raises
    ------
    ServerFault
        The server failed to give a part of it.

    """
    return take_listed(context, list_parameters(context, study, outputs=outputs))


def take_listed(context: Context, listed: ListedParameters) -> Snapshot:
    """Take what is listed into the scratch folder, to be compared.

    Raises
    ------
    PermissionDenied
        The key is that of a commenter, from whom the server withholds inputs.
    ServerFault
        The server failed to give a part of it.

    """
    if listed.withheld:
        raise withheld(listed.study)
    taken = take(context, listed, place=scratch_names(context, listed))
    if failed := [item for item in taken.items.values() if item.failed]:
        raise ServerFault(
            f"{counted(len(failed), 'parameter')} of study {listed.study} could not be read",
            detail="\n".join(f"{item.key}: {item.reason}" for item in failed[:10]),
            hint="run the command again",
            study=listed.study,
        )
    return taken


def scratch_names(context: Context, listed: ListedParameters) -> Callable[[str], Path]:
    """Return what names files of the scratch folder as it is now: a thread left behind must not make it anew."""
    first, names = context.temp_folder.path(suffix=""), listed.file_names()
    return lambda key: first.with_name(f"{first.name}-{names[key]}.csv")


def downloads(listed: ListedParameters) -> int:
    """Return how many downloads a snapshot takes."""
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
    place: Callable[[str], Path],
    parts: PartialFiles,
) -> SnapshotEntry | None:
    """Download one parameter; ``None`` where it is remembered and the study no longer has it."""
    item = _empty(listed, name, parameter)
    try:
        content = None if parameter.is_table else context.api.parameters.content(listed.study, name)
        value = TABLE if content is None else value_of(content, parameter.type)
        if content is None or has_tables(value):
            return replace(item, table=_table(context, listed.study, name, place(item.key), parts))
    except NoValue:
        return item
    except NotFound:
        if listed.valued and name not in listed.unshown:
            raise
        return None
    except NoLayout as error:
        return replace(item, reason=error.server.description if error.server else error.message)
    except (ServerFault, Refused) as error:
        return replace(item, reason=error.message, failed=True)
    is_float = parameter.type == "float"
    return replace(item, value=_float(content, value)) if is_float else replace(item, value=value, content=content)


def _float(content: bytes, value: object) -> object:
    """Tell nan and the infinite, which a load shows as null."""
    text = scalar_text(content)
    if value is None:
        return math.nan
    return float(text) if text in {"inf", "-inf"} else value


def _table(context: Context, study: int, name: str, path: Path, parts: PartialFiles) -> StoredTable:
    _, digest = save_one(context, study, name, path, SaveOptions(safe_csv=False, parts=parts))
    return StoredTable(path, digest)
