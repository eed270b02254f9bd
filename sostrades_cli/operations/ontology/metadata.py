"""Read the ontology's entries for a study: those saved by its last finished run, else those of the live service."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.api.ontology import Absence, Metadata, UsageInfo
from sostrades_cli.api.protocol import NO_READ_ONLY_MODE
from sostrades_cli.errors import NoRoute, SostradesError
from sostrades_cli.operations.ontology.service import Unavailable, ask_service
from sostrades_cli.operations.study.load import read_only_supplement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.operations.context import Context

SAVED, LIVE = "saved", "live"


class KnownMetadata(NamedTuple):
    """The entries of the ontology, and their source: ``saved``, ``live``, or ``None`` if there are none.

    ``reason`` explains why there are none, as a part of a sentence. ``absence`` is the server's answer if the last run
    saved nothing, and ``failure`` is the error if the server gave no answer.
    """

    metadata: Metadata = Metadata({}, {})
    source: str | None = None
    reason: str = ""
    absence: Absence | None = None
    failure: SostradesError | None = None


class Labels(NamedTuple):
    """The ontology's entries for parameters, by full name. Parameters without an entry are left out.

    ``source`` is the same as in ``KnownMetadata``. ``note`` explains why there are none.
    """

    usages: dict[str, UsageInfo]
    source: str | None = None
    note: str | None = None


def labels_of(context: Context, study: int, names: Iterable[str]) -> Labels:
    """Return the labels of parameters. They are a supplement, so no failure is an error."""
    keys, why_none = usages_of(context, study)
    if not keys:
        remedy = ", and a run does not change that" if why_none == NO_READ_ONLY_MODE else ""
        return Labels({}, note=f"labels of study {study} are unknown, because {why_none}{remedy}")
    requested = {name: keys[name] for name in names if name in keys}
    known = read_metadata(context, study, (), [key for usages in requested.values() for key in usages])
    chosen = {name: _first(known.metadata.usages, usages) for name, usages in requested.items()}
    labels = {name: usage for name, usage in chosen.items() if usage is not None}
    note = f"there are no labels: {known.reason}" if known.reason else None
    if known.source is not None and not labels:
        note = f"the ontology has no labels for the parameters of study {study}"
    return Labels(labels, known.source, note)


def usages_of(context: Context, study: int) -> tuple[Mapping[str, list[str]], str]:
    """Return the ontology's identifiers of each parameter, and why there are none.

    Each discipline that uses a parameter has its own identifier for it. They are in the read-only file.
    """
    why_none = ""
    usages = context.cache.ontology.usages(study)
    if not usages:
        # Reading the file also fills the cache. A restricted viewer gets a file without parameters.
        _, why_none = read_only_supplement(context, study)
        usages = context.cache.ontology.usages(study)
    return usages, why_none or "the read-only file names no parameters"


def read_metadata(context: Context, study: int, modules: Iterable[str], usages: Iterable[str]) -> KnownMetadata:
    """Return the saved entries of a study, else those of the live service."""
    absence: Absence | None = None
    failure: SostradesError | None = None
    asked = list(modules), list(usages)
    try:
        saved = context.api.ontology.saved_metadata(study, *asked)
        if isinstance(saved, Metadata):
            return KnownMetadata(saved, SAVED)
        absence, reason = saved, _why_not_saved(saved, study)
    except NoRoute as error:
        absence, failure, reason = Absence.NOT_SAVED, error, error.message
    except SostradesError as error:
        failure = error
        reason = f"the saved labels of study {study} cannot be read ({error.message})"
    live = ask_service(context, lambda api: api.live_metadata(*asked))
    if isinstance(live, Unavailable):
        return KnownMetadata(reason=f"{reason}, and {live}", absence=absence, failure=failure)
    return KnownMetadata(live, LIVE, absence=absence)


def _why_not_saved(absence: Absence, study: int) -> str:
    """Return why nothing is saved, as a part of a sentence."""
    if absence is Absence.NOT_SAVED:
        return f"study {study} has no finished run"
    return f"the last run of study {study} finished without an ontology service"


def _first(known: Mapping[str, UsageInfo], keys: Iterable[str]) -> UsageInfo | None:
    """Return the first entry that is not blank."""
    # All usages of a parameter have the same texts, but the ontology does not know all of them.
    return next((known[key] for key in keys if key in known and not known[key].is_blank), None)
