"""Collect the outputs of a case: single values for its row, tables and charts for its folder."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import NoLayout, NotFound, NoValue, UsageError
from sostrades_cli.files.atomic import PartialFiles, atomic
from sostrades_cli.files.file_names import safe_names
from sostrades_cli.files.safe_folders import inner_folder
from sostrades_cli.operations.param.entries import at, path_of, unknown_entry
from sostrades_cli.operations.param.metadata import entry_of, exists
from sostrades_cli.operations.param.name_lookup import Finder
from sostrades_cli.operations.param.outputs import locate, unknown
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.layout import DICT_HEADER
from sostrades_cli.operations.tables.nulls import filled
from sostrades_cli.study_reference import full_key, short_key
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class Output:
    """An output to collect: a parameter without the study name, or one ``entry`` of its dict: its keys, joined by dots.

    ``is_verified`` says that the present value of the dict has the entry.
    """

    parameter: str
    entry: str = ""
    is_verified: bool = field(default=False, compare=False)

    @property
    def key(self) -> str:
        """The name of the output in the results."""
        return f"{self.parameter}.{self.entry}" if self.entry else self.parameter


@dataclass(frozen=True, slots=True)
class Collection:
    """The outputs to collect, and a glob for chart titles.

    ``collected`` are the keys of entries that a case had. ``parts`` are the temporary files of unfinished saves.
    """

    outputs: tuple[Output, ...]
    charts: str | None = None
    collected: set[str] = field(default_factory=set, compare=False)
    parts: PartialFiles = field(default_factory=PartialFiles, compare=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the outputs in the results."""
        return tuple(output.key for output in self.outputs)


def resolve(
    context: Context, study: int, name: str, keys: Sequence[str], earlier: Names[str] = ()
) -> tuple[Output, ...]:
    """Return the outputs of keys; ``name`` is the study's own. An output may have no value yet.

    As for ``param get``, a key can be one entry of a dict, unless a parameter has that name. ``earlier`` are the
    outputs of the sweep that is resumed. The study may have results of a case without one of their entries.

    Raises
    ------
    NotFound
        A key does not match a parameter, or the present value of the dict does not have the entry.
    NoLayout
        The server cannot write the parameter as a file, such as an array of two dimensions.
    UsageError
        The parameter of an entry is not a dict, or the entry is a table.

    """
    # Two keys may be forms of the same name.
    return tuple(dict.fromkeys(_resolved(context, study, name, key, earlier) for key in keys))


def _resolved(context: Context, study: int, name: str, key: str, earlier: Names[str]) -> Output:
    full = full_key(name, short_key(name, locate(context, study, key)))
    # Only a download shows whether the server can write the output as a file. Ask before hours of runs.
    with contextlib.suppress(NoValue):
        try:
            context.api.parameters.content(study, full)
        except NotFound as error:
            output = _entry_output(context, study, name, key)
            if output is None:
                raise unknown(context, study, key, context.cache.parameters_of(study)) from error
            return output if output.key in earlier else _verified(context, study, name, output)
    return Output(short_key(name, full))


def _entry_output(context: Context, study: int, name: str, key: str) -> Output | None:
    """Return the entry of a dict that a key stands for, ``None`` if there is no such dict."""
    known = context.cache.parameters_of(study)
    types = {known_name: parameter.type for known_name, parameter in known.items()}
    entry = entry_of(key, Finder(context, study, known), types)
    return Output(short_key(name, entry.name), entry.entry) if entry else _undeclared(context, study, name, key)


def _verified(context: Context, study: int, name: str, output: Output) -> Output:
    """Check that the present value of a dict has an entry, unless it has no value yet."""
    try:
        value_of(context, study, name, output)
    except NoValue:
        return output
    return replace(output, is_verified=True)


def value_of(context: Context, study: int, name: str, output: Output) -> Json:
    """Return the value of an output that the study has now, a placeholder for a table.

    Raises
    ------
    NoValue
        No run has computed it yet.
    NotFound, UsageError
        As ``resolve`` raises them for an entry.

    """
    full = full_key(name, output.parameter)
    content = context.api.parameters.content(study, full)
    known = context.cache.parameters_of(study).get(full)
    declared = known.type if known else None
    return _entry_of(content, declared, output, study) if output.entry else downloads.value_of(content, declared)


def _undeclared(context: Context, study: int, name: str, key: str) -> Output | None:
    """Return the entry of an output that only the server knows, because the study has not run."""
    parts = short_key(name, key).split(".")
    known = context.cache.parameters_of(study)
    for count in range(len(parts) - 1, 0, -1):
        parameter = ".".join(parts[:count])
        full = full_key(name, parameter)
        if full not in known and exists(context, study, full):
            return Output(parameter, ".".join(parts[count:]))
    return None


def _entry_of(content: bytes, declared: str | None, output: Output, study: int) -> Json:
    """Return one entry of the download of a dict.

    Raises
    ------
    NotFound
        The dict has no such entry.
    UsageError
        The parameter is not a dict of single values, or the entry is a table.

    """
    is_dict = downloads.rows(content)[:1] == [DICT_HEADER]
    kind = declared or "dict"
    value = filled(downloads.value_of(content, kind), content, kind) if is_dict else None
    hint = f"`sostrades param get {study} {shell_quoted(output.parameter)}` shows its value"
    if not isinstance(value, dict):
        raise UsageError(f"{output.parameter} has no single values to collect", hint=hint, study=study)
    path = path_of(value, output.entry)
    if path is None:
        raise unknown_entry(output.parameter, output.entry, value, hint)
    entry = at(value, path)
    if has_tables(entry):
        raise UsageError(f"{output.key} is a table, and only the whole dict can be saved", hint=hint, study=study)
    return entry


def collect(context: Context, study: int, name: str, collection: Collection, folder: Path) -> dict[str, Json]:
    """Return the outputs after a run. A table is saved in ``folder``, and its path is the value.

    Raises
    ------
    NotFound, UsageError
        No case had the entry of a dict yet, so its key is most likely wrong.

    """
    values: dict[str, Json] = {}
    types = _types(context, study, [full_key(name, output.parameter) for output in collection.outputs])
    files = safe_names(collection.keys)
    for output in collection.outputs:
        key, full = output.key, full_key(name, output.parameter)
        parameter = types.get(full)
        declared = parameter.type if parameter else None
        values[key] = None
        try:
            content = context.api.parameters.content(study, full)
        except NoValue:
            # Not every run computes every output.
            continue
        except NoLayout as error:
            context.notify(f"{key} was not collected: {error.message}")
            continue
        if output.entry:
            values[key] = _collected_entry(context, study, content, declared, output, collection)
            continue
        value = downloads.value_of(content, declared)
        values[key] = _saved(folder, f"{files[key]}.csv", content, collection.parts) if has_tables(value) else value
    if collection.charts is not None:
        _collect_charts(context, study, collection.charts, folder, collection.parts)
    return values


def _collected_entry(
    context: Context, study: int, content: bytes, declared: str | None, output: Output, collection: Collection
) -> Json:
    """Return one entry of a dict after a run, ``None`` if other cases had it."""
    try:
        value = _entry_of(content, declared, output, study)
    except (NotFound, UsageError) as error:
        # An entry that no case had yet is most likely misspelt, and all cases would run in vain.
        if not output.is_verified and output.key not in collection.collected:
            raise
        context.notify(f"{output.key} was not collected: {error.message}")
        return None
    collection.collected.add(output.key)
    return value


def _types(context: Context, study: int, requested: Sequence[str]) -> dict[str, CachedParameter]:
    """Return the declared types. Before the first run of a study the types of its outputs are unknown."""
    known = context.cache.parameters_of(study)
    if any(name not in known for name in requested):
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
    return known


def _saved(folder: Path, name: str, content: bytes, parts: PartialFiles) -> str:
    # Links in the results folder are rejected, because they could lead outside of it.
    inner_folder(folder)
    with atomic(folder / name, parts=parts) as file:
        file.write(content)
    return f"{folder.parent.name}/{folder.name}/{name}"


def _collect_charts(context: Context, study: int, glob: str, folder: Path, parts: PartialFiles) -> None:
    """Save the charts whose title, or discipline and title, matches the glob, as plotly figures in JSON."""
    gathered = gather(context, study)
    charts = select.matching_charts(gathered.charts, glob)
    if gathered.failure is not None:
        context.notify(f"{gathered.failure.message}: {gathered.lost}")
    if not charts:
        context.notify(f"no chart of study {study} matches {glob}")
        return
    inner_folder(folder)
    inner_folder(folder / "charts")
    for chart in charts:
        with atomic(folder / "charts" / chart.file_name("json"), parts=parts) as file:
            file.write(json.dumps(chart.document()).encode())
