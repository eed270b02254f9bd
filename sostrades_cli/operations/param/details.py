"""Everything that is known of one parameter: its metadata, its value, the size and the first rows of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import NoLayout, NoValue, PermissionDenied, SostradesError, UploadFault
from sostrades_cli.operations.ontology.differences import differences
from sostrades_cli.operations.ontology.metadata import labels_of
from sostrades_cli.operations.param.metadata import why_not_settable
from sostrades_cli.operations.param.outputs import from_cache
from sostrades_cli.operations.param.read import NO_VALUE, read_value
from sostrades_cli.operations.param.value_words import placeholder_word, store_sizes
from sostrades_cli.operations.study.load import read_only_supplement
from sostrades_cli.solver_settings import SOLVER_SETTINGS

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.api.ontology import UsageInfo
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.ontology.differences import OntologyDifference
    from sostrades_cli.operations.param.read import Value
    from sostrades_cli.operations.tables.head import TableHead

# Measured: the load leaves such inputs out, and the server accepts a new value all the same.
UNLISTED: Final = "the server accepts a value, but lists leave it out, because the model declares it as not editable"


class Meaning(NamedTuple):
    """The ontology's entry for a parameter; ``source`` is ``saved`` or ``live``.

    ``differences`` are fields in which it disagrees with the study.
    """

    usage: UsageInfo
    source: str
    differences: list[OntologyDifference]


class ParameterDetails(NamedTuple):
    """The details of a parameter; a field that the server does not show is ``None``.

    ``text`` is the value as people read it. ``value`` of a table is the placeholder of the load, and ``unreadable`` is
    why the server cannot write that table as a file. ``settable`` says whether the parameter can be set, ``reason`` why
    not, or why that is unknown, or what a new value means. ``default`` is a list with the default value.
    ``why_unknown`` says why type, kind or label may be unknown, as a clause. ``is_outdated`` says that the value is the
    result of an earlier run.
    """

    name: str
    type: str | None
    unit: str | None
    kind: str | None
    range: tuple[float, float] | None
    possible_values: list[Json] | None
    value: Json
    text: str
    table: TableHead | None = None
    unreadable: str | None = None
    settable: bool | None = None
    reason: str | None = None
    default: list[Json] | None = None
    meaning: Meaning | None = None
    why_unknown: str = ""
    is_outdated: bool = False


def read_details(context: Context, study: int, key: str) -> ParameterDetails:
    """Read the metadata and the value of a parameter, and the head of its table.

    Raises
    ------
    NotFound
        There is no such parameter.

    """
    value = read_value(context, study, key)
    cached, why_unknown = _metadata(context, study, value.key)
    content, text, table, unreadable = value.payload, value.text, None, None
    if value.is_table:
        from sostrades_cli.operations.tables.head import read_head

        content, text = value.placeholder, placeholder_word(value.placeholder)
        try:
            table = read_head(context.api.parameters.content(study, value.key))
            store_sizes(context, study, {value.key: (table.rows, len(table.columns))})
        except NoLayout as error:
            unreadable = error.detail
        except NoValue:
            content, text = None, NO_VALUE
    settable, reason = _settable(context, study, value, cached, why_unknown)
    return ParameterDetails(
        name=value.key,
        type=cached.type if cached else None,
        unit=cached.unit if cached else None,
        kind=_kind(value.key, cached),
        range=cached.range if cached else None,
        possible_values=list(cached.possible_values) if cached and cached.possible_values else None,
        value=content,
        text=text,
        table=table,
        unreadable=unreadable,
        settable=settable,
        reason=reason or None,
        default=cached.default if cached else None,
        meaning=read_meaning(context, study, value.key, cached),
        why_unknown=why_unknown,
        is_outdated=value.is_outdated,
    )


def read_meaning(context: Context, study: int, name: str, cached: CachedParameter | None) -> Meaning | None:
    """Return the ontology's entry for a parameter, ``None`` if there is none or it cannot be read."""
    if (cached is None or cached.io_type is None) and not context.cache.ontology.usages(study):
        # Without a finished run, the name of the parameter in the ontology is unknown.
        return None
    labels = labels_of(context, study, [name])
    usage = labels.usages.get(name)
    if usage is None or labels.source is None:
        return None
    own = (cached.unit, cached.range, cached.possible_values) if cached else (None, None, None)
    return Meaning(usage, labels.source, differences(*own, usage))


def _settable(
    context: Context, study: int, value: Value, cached: CachedParameter | None, why_unknown: str
) -> tuple[bool | None, str]:
    """Return whether a parameter can be set, and why not, why that is unknown, or what a new value means."""
    if (reason := why_not_settable(value.key, cached)) is not None:
        return False, reason
    if cached is None:
        return None, why_unknown or "the server does not tell whether it is an input"
    if value.is_table:
        try:
            accepts_files = context.api.parameters.takes_files(study)
        except PermissionDenied:
            return False, "you do not have permission to change this study"
        except SostradesError as error:
            return None, error.message
        if not accepts_files:
            return False, f"uploading files is broken on this server (a known bug of {UploadFault.versions})"
    unlisted = UNLISTED if value.is_unlisted else ""
    return True, "it is the start value of a loop, so a run computes it again" if cached.is_start_value else unlisted


def _metadata(context: Context, study: int, key: str) -> tuple[CachedParameter | None, str]:
    """Return the cached metadata of a parameter, completed once from read-only mode, and why that has none."""
    why_unknown = ""
    cached = context.cache.parameters_of(study).get(key)
    # A load has no direction, range or choices.
    if cached is None or cached.io_type is None:
        _, why_unknown = read_only_supplement(context, study)
        cached = context.cache.parameters_of(study).get(key)
    return cached, why_unknown


def _kind(name: str, cached: CachedParameter | None) -> str | None:
    if name.rpartition(".")[2] in SOLVER_SETTINGS:
        return "solver"
    return None if cached is None or cached.io_type is None else from_cache(name, cached).kind
