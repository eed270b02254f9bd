"""The side effects of a change: parameters that it did not set appear, disappear or change.

Some settings decide which parameters exist: a sampling method has options of its own, which disappear with their values
when another method is chosen. A server can also reset a study when two changes meet. Comparing the loads before and
after a change shows both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import SostradesError
from sostrades_cli.operations.study.load import load_live
from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.output.text import brief, listed
from sostrades_cli.solver_settings import RESIDUALS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import ParameterInfo
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.operations.tables.stored_table import StoredTable

MOST_TABLES: Final = 50
# Settings of drivers and sample generators. Read-only mode marks those of other models.
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
    """The parameters that appeared, disappeared (``lost``, with their old values) or changed (old and new)."""

    appeared: tuple[Parameter, ...] = ()
    lost: tuple[Parameter, ...] = ()
    changed: tuple[tuple[Parameter, Parameter], ...] = ()

    @property
    def lines(self) -> list[str]:
        """A line for each kind."""
        changed = [
            old.name if has_tables(new.value) else f"{old.name} ({brief(old.value)} -> {brief(new.value)})"
            for old, new in self.changed
        ]
        kinds = (
            ("appeared", [parameter.name for parameter in self.appeared]),
            ("disappeared", [parameter.name for parameter in self.lost]),
            ("changed, too", changed),
        )
        return [f"{kind}: {listed(names)}" for kind, names in kinds if names]


def tables_at_risk(context: Context, plan: Plan) -> dict[str, StoredTable]:
    """Download the tables that a change may remove, so that an undo can restore them.

    Only a setting that decides which parameters exist removes any. Its tables are under neighbouring nodes: if the
    study has few tables, all are kept, otherwise those of the setting's own node.
    """
    sent = [change.info for change in plan.sent_values] + [change.info for change in plan.sent_files]
    # Downloading every table before every change would take minutes on a large study.
    deciding = [info.name for info in sent if _decides(info)]
    if not deciding or plan.shown is None:
        return {}
    from sostrades_cli.operations.tables.stored_table import download_table

    tables = [name for name, parameter in plan.shown.items() if parameter.is_table and parameter.value is not None]
    if len(tables) > MOST_TABLES:
        nodes = {name.rpartition(".")[0] for name in deciding}
        tables = [name for name in tables if name.rpartition(".")[0] in nodes]
    effective = set(plan.effective)
    stored = {name: download_table(context, plan.study, name) for name in tables if name not in effective}
    return {name: table for name, table in stored.items() if table is not None}


def _decides(info: ParameterInfo) -> bool:
    structuring = info.cached is not None and bool(info.cached.structuring)
    return structuring or info.name.rpartition(".")[2] in DECIDING_SETTINGS


def effects_of(
    context: Context, plan: Plan, saved: Mapping[str, StoredTable], shown: Mapping[str, Parameter] | None
) -> SideEffects:
    """Compare a study before and after a plan; ``shown`` is the load after it, if there was one.

    A load shows no content of tables, so the ``saved`` ones are downloaded again.
    """
    if plan.shown is None:
        return SideEffects()
    try:
        after = load_live(context, plan.study).parameters if shown is None else shown
        effects = side_effects(plan.shown, after, set(plan.effective))
        tables = [name for name, table in saved.items() if _differs(context, plan, table, name, after)]
    except SostradesError as error:
        # The change itself is verified, so a failure to check the others is only a note.
        context.notify(f"cannot check whether other parameters of study {plan.study} changed: {error.message}")
        return SideEffects()
    return replace(effects, changed=(*effects.changed, *((plan.shown[name], after[name]) for name in tables)))


def _differs(context: Context, plan: Plan, stored: StoredTable, name: str, after: Mapping[str, Parameter]) -> bool:
    """Return whether a table that looks unchanged in a load has other content."""
    if plan.shown is None or name not in after or not identical(plan.shown[name].value, after[name].value):
        return False
    from sostrades_cli.operations.tables.stored_table import download_table

    now = download_table(context, plan.study, name)
    return now is None or now.sha256 != stored.sha256


def side_effects(before: Mapping[str, Parameter], after: Mapping[str, Parameter], sent: Collection[str]) -> SideEffects:
    """Compare two loads of a study, except for the parameters that were sent."""
    # Each run writes the residuals anew; nobody sets them.
    others = [name for name in before if name not in sent and before[name].var_name != RESIDUALS]
    pairs = [(before[name], after[name]) for name in others if name in after]
    return SideEffects(
        appeared=tuple(after[name] for name in after if name not in before),
        lost=tuple(before[name] for name in others if name not in after),
        changed=tuple((old, new) for old, new in pairs if not identical(old.value, new.value)),
    )
