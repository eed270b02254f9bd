"""Read an overview of a study: its state, its last run, and the number of its parameters by kind and node."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import NO_READ_ONLY_MODE
from sostrades_cli.errors import LinkFault, LoadFault, NeverRan, ServerFault, SostradesError, Unreachable, WaitTimeout
from sostrades_cli.operations.calc.run_age import log_ages
from sostrades_cli.operations.calc.status import discipline_counts
from sostrades_cli.operations.case_values import case_values
from sostrades_cli.operations.param.filters import INPUT, OUTPUT, Filters
from sostrades_cli.operations.param.read import defaults_of, list_parameters
from sostrades_cli.operations.param.selection import choose, group_of
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.run_phase import Phase
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from datetime import datetime

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.case_values import CaseValues
    from sostrades_cli.operations.context import Context

KINDS: Final = ("input", "output", "coupling", "solver")


@dataclass(frozen=True, slots=True)
class NodeCount:
    """The number of inputs, outputs and solver settings of a node. Its name is without the study's own name."""

    node: str
    inputs: int
    outputs: int
    solver: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """The times of the first and the last line of the log of a run, by this computer's clock."""

    started: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class StudyOverview:
    """A study with counts of its parameters. If the study could not be loaded, the counts are ``None``.

    ``changed`` is the number of inputs that differ from their defaults, or ``None`` if the defaults are unknown.
    ``uncompared`` is the number of inputs that cannot be compared, such as tables. ``start_values`` is the number of
    inputs that other disciplines compute in a run. ``no_defaults`` is the reason for unknown defaults, as a part of a
    sentence. ``failure`` is the error of the load. ``case_values`` is the sweep on this computer whose values the study
    has, if any.
    """

    study: int
    name: str
    status: str
    is_active: bool
    disciplines: str
    url: str | None
    last_run: LastRun | None
    kinds: dict[str, int] | None = None
    start_values: int = 0
    tables: int | None = None
    changed: int | None = None
    uncompared: int | None = None
    no_defaults: str = ""
    nodes: tuple[NodeCount, ...] = ()
    notes: tuple[str, ...] = ()
    failure: SostradesError | None = None
    case_values: CaseValues | None = None


def read_overview(context: Context, study: int) -> StudyOverview:
    """Read the overview of a study. A study that cannot be loaded still has its status and its link.

    Raises
    ------
    SostradesError
        There is no such study, or no access to it.

    """
    status = context.api.calculations.status(study)
    # A study without a status never ran, so it has no log.
    last_run, no_run = _last_run(context, study) if status.status else (None, ())
    url, no_link = _link(context, study)
    overview = StudyOverview(
        study,
        context.cache.name(study),
        status.status,
        is_active=status.phase is Phase.ACTIVE,
        disciplines=discipline_counts(status),
        url=url,
        last_run=last_run,
        notes=(*no_run, *no_link),
        case_values=case_values(context.state, context.api.session.host, study),
    )
    try:
        return _with_parameters(context, overview)
    except (LoadFault, WaitTimeout) as error:
        return replace(overview, failure=error)


def _last_run(context: Context, study: int) -> tuple[LastRun | None, tuple[str, ...]]:
    try:
        ages = log_ages(context, study)
    except NeverRan:
        return None, ()
    except SostradesError as error:
        return None, (f"the last run is not shown: {error.message}",)
    now = context.clock.now()
    return (LastRun(*(now - timedelta(seconds=age) for age in ages)) if ages else None), ()


def _link(context: Context, study: int) -> tuple[str | None, tuple[str, ...]]:
    try:
        return context.api.studies.url(study), ()
    # Some servers fail here for every study, and the message of this error says so.
    except LinkFault as error:
        return None, (error.message,)
    except (ServerFault, Unreachable) as error:
        return None, (f"the link is not shown: {error.message}",)


def _with_parameters(context: Context, overview: StudyOverview) -> StudyOverview:
    study = overview.study
    listing = list_parameters(context, study, inputs=True, outputs=True)
    parameters, defaults = listing.parameters, defaults_of(context, study, listing.unread)
    name = own_name(context, study, parameters)
    differing = choose(parameters, Filters(changed=True), defaults) if defaults else None
    lacks = context.api.studies.lacks_read_only_mode
    kinds = Counter(parameter.kind for parameter in parameters.values())
    return replace(
        overview,
        name=name,
        kinds={kind: kinds[kind] for kind in KINDS},
        start_values=sum(parameter.is_start_value for parameter in parameters.values()),
        tables=sum(parameter.is_table for parameter in parameters.values()),
        changed=len(differing.shown) if differing else None,
        uncompared=len(differing.uncompared) if differing else None,
        no_defaults=NO_READ_ONLY_MODE if lacks else "the study has no finished run",
        nodes=_nodes(parameters, name),
        notes=(*overview.notes, *([listing.note] if listing.note else [])),
    )


def _nodes(parameters: dict[str, Parameter], own_name: str) -> tuple[NodeCount, ...]:
    """Return the counts of each node, in the order of the model."""
    counts: dict[str, Counter[str]] = {}
    for full_name, parameter in parameters.items():
        # The study's own name would be in front of every node, so it is left out.
        node = short_key(own_name, full_name).rpartition(".")[0]
        counts.setdefault(node, Counter())[group_of(parameter)] += 1
    return tuple(
        NodeCount(
            node or own_name, groups[INPUT], groups[OUTPUT], sum(groups.values()) - groups[INPUT] - groups[OUTPUT]
        )
        for node, groups in counts.items()
    )
