"""What a change does beyond the parameters that it sets: others appear, disappear or change.

Some settings decide which parameters exist: a sampling method has options of its own, which are lost with their values
when another method is chosen. A server can also reset a study when two changes meet. Both are seen by comparing the
load before a change with the load after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import SostradesError
from sostrades_cli.operations.study.load import load_live
from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.output.text import brief, listed
from sostrades_cli.solver_settings import RESIDUALS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import ParameterInfo
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.operations.tables.stored_table import StoredTable

MOST_TABLES: Final = 50
# Settings of drivers and sample generators; other models mark theirs in read-only mode.
DECIDING_SETTINGS: Final = frozenset(
    {
        "with_sample_generator",
        "sampling_method",
        "sampling_algo",
        "sampling_generation_mode",
        "eval_inputs",
        "gather_outputs",
        "algo",
        "formulation",
        "instance_reference",
        "scenario_names",
    }
)


@dataclass(frozen=True, slots=True)
class SideEffects:
    """The parameters, beyond those that were set, that appeared, disappeared or changed: ``lost`` as they were before.

    ``changed`` pairs what they were with what they are.
    """

    appeared: tuple[Parameter, ...] = ()
    lost: tuple[Parameter, ...] = ()
    changed: tuple[tuple[Parameter, Parameter], ...] = ()

    @property
    def lines(self) -> list[str]:
        """Return a line for each kind, for people."""
        changed = [was.name if has_tables(now.value) else _change(was, now) for was, now in self.changed]
        kinds = (
            ("appeared", [one.name for one in self.appeared]),
            ("disappeared", [one.name for one in self.lost]),
            ("changed, too", changed),
        )
        return [f"{kind}: {listed(names)}" for kind, names in kinds if names]


def _change(was: Parameter, now: Parameter) -> str:
    return f"{was.name} ({brief(was.value)} -> {brief(now.value)})"


def seen_effects(context: Context, plan: Plan, saved: Mapping[str, StoredTable]) -> SideEffects:
    """Load a study after a plan was sent, and compare it with what it was before; nothing where it cannot be loaded.

    A load shows no tables, so those that were ``saved`` before are downloaded again.
    """
    if plan.shown is None:
        return SideEffects()
    try:
        after = load_live(context, plan.study).parameters
        found = side_effects(plan.shown, after, set(plan.effective))
        tables = [name for name, held in saved.items() if _differs(context, plan, held, name, after)]
    except SostradesError as error:
        context.notify(f"whether other parameters of study {plan.study} changed is unknown: {error.message}")
        return SideEffects()
    return replace(found, changed=(*found.changed, *((plan.shown[name], after[name]) for name in tables)))


def _differs(context: Context, plan: Plan, stored: StoredTable, name: str, after: Mapping[str, Parameter]) -> bool:
    """Return whether a table that is shown as before has other content now."""
    if plan.shown is None or name not in after or not identical(plan.shown[name].value, after[name].value):
        return False
    now = download_table(context, plan.study, name)
    return now is None or now.sha256 != stored.sha256


def tables_at_risk(context: Context, plan: Plan) -> dict[str, StoredTable]:
    """Download the tables that a change may take away, so that an undo can restore them.

    Only a setting that decides which parameters exist takes any away: one that read-only mode marks so, or that the
    drivers of every server have. Such settings and their tables are under neighbouring nodes, so those of the whole
    study are kept where they are few, else those of the setting's own node.
    """
    sent = [change.info for change in plan.sent_values] + [change.info for change in plan.sent_files]
    deciding = [info.name for info in sent if _decides(info)]
    if not deciding or plan.shown is None:
        return {}
    tables = [one.name for one in plan.shown.values() if one.is_table and one.value is not None]
    if len(tables) > MOST_TABLES:
        nodes = {name.rpartition(".")[0] for name in deciding}
        tables = [name for name in tables if name.rpartition(".")[0] in nodes]
    effective = set(plan.effective)
    held = {name: download_table(context, plan.study, name) for name in tables if name not in effective}
    return {name: one for name, one in held.items() if one is not None}


def _decides(info: ParameterInfo) -> bool:
    structuring = info.seen is not None and bool(info.seen.structuring)
    return structuring or info.name.rpartition(".")[2] in DECIDING_SETTINGS


def side_effects(before: Mapping[str, Parameter], after: Mapping[str, Parameter], sent: Collection[str]) -> SideEffects:
    """Compare two loads of a study; ``sent`` are the parameters that were set, which are left out."""
    kept = [name for name in before if name not in sent and before[name].var_name != RESIDUALS]
    return SideEffects(
        appeared=tuple(after[name] for name in after if name not in before),
        lost=tuple(before[name] for name in kept if name not in after),
        changed=tuple(_changed(before, after, kept)),
    )


def _changed(
    before: Mapping[str, Parameter], after: Mapping[str, Parameter], names: Collection[str]
) -> Iterator[tuple[Parameter, Parameter]]:
    for name in names:
        if name in after and not identical(before[name].value, after[name].value):
            yield before[name], after[name]
