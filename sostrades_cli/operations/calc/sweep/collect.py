"""The outputs of a case: single values for its row, tables and charts for its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import NoLayout, NotFound, NoValue
from sostrades_cli.files.atomic import PartialFiles, atomic
from sostrades_cli.files.file_names import safe_names
from sostrades_cli.files.safe_folders import inner_folder
from sostrades_cli.operations.param.outputs import locate, unknown
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.operations.tables import downloads
from sostrades_cli.study_reference import full_key, short_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class Collection:
    """The outputs to collect: keys without the study name, and a glob for chart titles.

    ``parts`` are the temporary files of unfinished saves.
    """

    keys: tuple[str, ...]
    charts: str | None = None
    parts: PartialFiles = field(default_factory=PartialFiles, compare=False)


def resolve(context: Context, study: int, name: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of outputs without the study's own ``name``. An output may have no value yet.

    Raises
    ------
    NotFound
        A key does not match a parameter.
    NoLayout
        The server cannot write the parameter as a file, such as an array of two dimensions.

    """
    # Two keys may be forms of the same name.
    return tuple(dict.fromkeys(short_key(name, _full_name(context, study, name, key)) for key in keys))


def _full_name(context: Context, study: int, name: str, key: str) -> str:
    full = full_key(name, short_key(name, locate(context, study, key)))
    # Only a download shows whether the server can write the output as a file. Ask before hours of runs.
    try:
        context.api.parameters.content(study, full)
    except NoValue:
        return full
    except NotFound as error:
        raise unknown(key, context.cache.parameters_of(study), study) from error
    return full


def collect(context: Context, study: int, name: str, collection: Collection, folder: Path) -> dict[str, Json]:
    """Return the outputs after a run. A table is saved in ``folder``, and its path is the value."""
    outputs: dict[str, Json] = {}
    types = _types(context, study, [full_key(name, key) for key in collection.keys])
    for key, file in safe_names(collection.keys).items():
        full = full_key(name, key)
        parameter = types.get(full)
        try:
            content = context.api.parameters.content(study, full)
        except NoValue:
            # Not every run computes every output.
            outputs[key] = None
            continue
        except NoLayout as error:
            context.notify(f"{key} was not collected: {error.message}")
            outputs[key] = None
            continue
        value = downloads.value_of(content, parameter.type if parameter else None)
        outputs[key] = _saved(folder, f"{file}.csv", content, collection.parts) if has_tables(value) else value
    if collection.charts is not None:
        _collect_charts(context, study, collection.charts, folder, collection.parts)
    return outputs


def _types(context: Context, study: int, requested: Sequence[str]) -> dict[str, CachedParameter]:
    """Return the declared types. Before the first run of a study the types of its outputs are unknown."""
    known = context.cache.parameters_of(study)
    if any(name not in known for name in requested):
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
    return known


def _saved(folder: Path, name: str, content: bytes, parts: PartialFiles) -> str:
    # A link in the results folder could lead outside.
    inner_folder(folder)
    with atomic(folder / name, parts=parts) as file:
        file.write(content)
    return f"{folder.parent.name}/{folder.name}/{name}"


def _collect_charts(context: Context, study: int, glob: str, folder: Path, parts: PartialFiles) -> None:
    """Save the charts whose title, or discipline and title, matches the glob, as plotly figures in JSON."""
    gathered = gather(context, study)
    charts = select.fitting(gathered.charts, glob)
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
