"""Collecting the outputs of a case: single values into its row, tables and charts into its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import NoLayout, NotFound, NoValue
from sostrades_cli.files.atomic import PartialFiles, atomic, safe_name
from sostrades_cli.files.safe_folders import inner_folder
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.outputs import locate
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
    """What is collected: names without the study's own in front, and the charts that fit a glob.

    ``parts`` are the temporary files of all that is saved.
    """

    keys: tuple[str, ...]
    charts: str | None = None
    parts: PartialFiles = field(default_factory=PartialFiles, compare=False)


def resolve(context: Context, study: int, name: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the names that keys stand for, without the study's own ``name``; an output need not have a value yet.

    Raises
    ------
    NotFound
        There is no such parameter.
    NoLayout
        The server cannot write it as a file, such as an array of two dimensions.

    """
    found = []
    for key in keys:
        full = _full_name(context, study, name, key)
        found.append(short_key(name, full))
    return tuple(dict.fromkeys(found))


def _full_name(context: Context, study: int, name: str, key: str) -> str:
    full = locate(context, study, key)
    full = full_key(name, short_key(name, full))
    try:
        context.api.parameters.content(study, full)
    except NoValue:
        return full
    except NotFound as error:
        raise name_lookup.unknown(key, context.cache.parameters_of(study), study) from error
    return full


def collect(context: Context, study: int, name: str, collection: Collection, folder: Path) -> dict[str, Json]:
    """Return the outputs of a study that has just run; a table is saved into ``folder`` and stands by its path."""
    outputs: dict[str, Json] = {}
    types = _types(context, study, [full_key(name, key) for key in collection.keys])
    for key in collection.keys:
        full = full_key(name, key)
        seen = types.get(full)
        try:
            content = context.api.parameters.content(study, full)
        except NoValue:
            outputs[key] = None
            continue
        except NoLayout as error:
            context.notify(f"{key} could not be collected: {error.message}")
            outputs[key] = None
            continue
        value = downloads.value_of(content, seen.type if seen else None)
        outputs[key] = (
            _saved(folder, f"{safe_name(key)}.csv", content, collection.parts) if has_tables(value) else value
        )
    if collection.charts is not None:
        _collect_charts(context, study, collection.charts, folder, collection.parts)
    return outputs


def _types(context: Context, study: int, requested: Sequence[str]) -> dict[str, CachedParameter]:
    """Return the declared types; before its first run nothing tells those of a study's outputs."""
    known = context.cache.parameters_of(study)
    if any(name not in known for name in requested):
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
    return known


def _saved(folder: Path, name: str, content: bytes, parts: PartialFiles) -> str:
    inner_folder(folder)
    with atomic(folder / name, parts=parts) as file:
        file.write(content)
    return f"{folder.parent.name}/{folder.name}/{name}"


def _collect_charts(context: Context, study: int, glob: str, folder: Path, parts: PartialFiles) -> None:
    """Save the charts whose title, or discipline and title, fit: each as a figure of plotly's in JSON."""
    gathered = gather(context, study)
    fitting = select.fitting(gathered.charts, glob)
    if gathered.failure is not None:
        context.notify(f"{gathered.failure.message}: {gathered.lost}")
    if not fitting:
        context.notify(f"no chart of study {study} fits {glob}")
        return
    inner_folder(folder)
    inner_folder(folder / "charts")
    for one in fitting:
        with atomic(folder / "charts" / one.file_name("json"), parts=parts) as file:
            file.write(json.dumps(one.document()).encode())
