"""The ontology's entries for a study: those that its last finished run has kept, else those of the service now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sostrades_cli.api.ontology import Absence, Metadata, UsageInfo
from sostrades_cli.errors import NoRoute, SostradesError
from sostrades_cli.operations.ontology.service import Unavailable, ask_service
from sostrades_cli.operations.study.load import NO_READ_ONLY_MODE, read_only_supplement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.operations.context import Context

SAVED, LIVE = "saved", "live"


@dataclass(frozen=True, slots=True)
class KnownMetadata:
    """The entries of the ontology, and where they are from: ``saved``, ``live``, or ``None`` if there are none.

    ``reason`` says why there are none, as a part of a sentence. ``absence`` is what the server answers if the last run
    has kept nothing, and ``failure`` the error if it gave no answer.
    """

    metadata: Metadata = field(default_factory=Metadata)
    source: str | None = None
    reason: str = ""
    absence: Absence | None = None
    failure: SostradesError | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """The ontology's entries for parameters, by full name. Parameters without an entry are left out.

    ``source`` is as in ``KnownMetadata``, and ``note`` says why there are none.
    """

    usages: dict[str, UsageInfo] = field(default_factory=dict)
    source: str | None = None
    note: str | None = None


def labels_of(context: Context, study: int, names: Iterable[str]) -> Labels:
    """Return the labels of parameters. They are a supplement, so no failure is an error."""
    keys, why_none = usages_of(context, study)
    if not keys:
        remedy = ", and a run does not change that" if why_none == NO_READ_ONLY_MODE else ""
        return Labels(note=f"labels of study {study} are unknown, because {why_none}{remedy}")
    wanted = {name: keys[name] for name in names if name in keys}
    known = read_metadata(context, study, (), [key for usages in wanted.values() for key in usages])
    chosen = {name: _first(known.metadata.usages, usages) for name, usages in wanted.items()}
    labels = {name: usage for name, usage in chosen.items() if usage is not None}
    note = f"there are no labels: {known.reason}" if known.reason else None
    if known.source is not None and not labels:
        note = f"the ontology has no labels for the parameters of study {study}"
    return Labels(labels, known.source, note)


def usages_of(context: Context, study: int) -> tuple[Mapping[str, list[str]], str]:
    """Return the ontology's names of each parameter, as the last finished run had them, and why there are none."""
    why_none = ""
    usages = context.cache.ontology.usages(study)
    if not usages:
        # A restricted viewer gets no parameters, and so none here.
        _, why_none = read_only_supplement(context, study)
        usages = context.cache.ontology.usages(study)
    return usages, why_none or "the read-only file names no parameters"


def read_metadata(context: Context, study: int, modules: Iterable[str], usages: Iterable[str]) -> KnownMetadata:
    """Return the saved entries of a study, else those of the service."""
    absence = failure = None
    try:
        saved = context.api.ontology.saved_metadata(study)
        if isinstance(saved, Metadata):
            return KnownMetadata(saved, SAVED)
        absence, reason = saved, _why_not_saved(saved, study)
    except SostradesError as error:
        # Without the route, nothing is saved.
        absence, failure = Absence.NOT_SAVED if isinstance(error, NoRoute) else None, error
        reason = f"the saved labels of study {study} cannot be read ({error.message})"
    asked = list(modules), list(usages)
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
    """Return the first entry with something to read."""
    # The usages of a parameter share its entry in the glossary, but some are unknown.
    return next((known[key] for key in keys if key in known and not known[key].is_blank), None)
