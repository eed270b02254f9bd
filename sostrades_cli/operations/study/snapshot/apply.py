"""Apply an exported folder to a study: a three-way comparison with the values at the export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.errors import Conflict, Refused, SostradesError, UploadFault, UsageError, WriteFailed
from sostrades_cli.operations.changes import carry_out, change_in_rounds, study_lock
from sostrades_cli.operations.history.recorder import journal_of
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.plan import Plan, make_plan
from sostrades_cli.operations.study.snapshot import model
from sostrades_cli.operations.study.snapshot.capture import take_inputs
from sostrades_cli.operations.study.snapshot.diff import Difference, compare, same_values
from sostrades_cli.operations.study.snapshot.manifest import Manifest, ManifestEntry, read_manifest
from sostrades_cli.operations.study.snapshot.model import SnapshotEntry
from sostrades_cli.operations.study.snapshot.reader import read_folder
from sostrades_cli.operations.study.snapshot.transfer import assignment_of
from sostrades_cli.output.text import brief, counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.operations.changes import ChangeOptions, ChangeReport
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.model import Snapshot

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class ConflictChoice:
    """Whether the folder or the server wins a conflict, and whether tables are skipped."""

    ours: bool = False
    theirs: bool = False
    skip_files: bool = False

    def __post_init__(self) -> None:
        """Reject both at once.

        Raises
        ------
        UsageError
            Both are set.

        """
        if self.ours and self.theirs:
            raise UsageError("--ours and --theirs exclude each other", hint="choose one")


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """The plan, and the entries of the manifest after it.

    ``absent`` are the parameters of the folder that the study does not have, or not yet; ``hidden`` are not sent,
    because the server cannot show their present value.
    """

    plan: Plan
    folder: Path
    manifest: Manifest
    held: Snapshot
    settled: dict[str, ManifestEntry]
    absent: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def skipped(self) -> Refused | None:
        """Return the error for parameters that could not be sent; those that the user skips do not count."""
        study = self.plan.study
        lines = [f"{key}: not in study {study}" for key in self.absent]
        lines += [f"{key}: the server cannot show what it holds" for key in self.hidden]
        if not lines:
            return None
        more = [f"and {len(lines) - SHOWN} more"] * (len(lines) > SHOWN)
        return Refused(
            f"{counted(len(lines), 'parameter')} of {self.folder} could not be applied to study {study}",
            detail="\n".join([*lines[:SHOWN], *more]),
            hint=f"sostrades study diff {study} {self.folder} shows what differs",
            study=study,
        )

    def note_base(self, context: Context) -> None:
        """Write the values on which folder and server agree now, so that the next apply recognizes later changes."""
        if not is_source(context, self.plan.study, self.manifest):
            return
        tables = self._sent_tables(context) if self.plan.effective else {}
        settled = {k: replace(e, sha256=tables.get(self.held.full(k), e.sha256)) for k, e in self.settled.items()}
        changed = {k: e for k, e in settled.items() if self.manifest.entries.get(k) != e}
        if not changed:
            return
        try:
            self.manifest.with_base(changed).write(self.folder)
        except (WriteFailed, UsageError) as error:
            context.notify(f"the manifest stays as it was: {error.message}")

    def _sent_tables(self, context: Context) -> dict[str, str]:
        """Return the sha-256 of the present downloads of the sent tables, by name."""
        last = journal_of(context, self.plan.study).entries()[-1]
        return {change.key: change.new_table for change in last.changes if change.new_table}


def apply_folder(
    context: Context, folder: Path, study: int, choice: ConflictChoice, options: ChangeOptions
) -> ChangeReport:
    """Make the inputs of a study equal to those of an exported folder.

    Raises
    ------
    SostradesError
        As ``plan_apply`` and ``change_in_rounds`` raise it.

    """
    with study_lock(context, study, options):
        planned = plan_apply(context, folder, study, choice, force=options.force, dry_run=options.dry_run)
        if options.dry_run:
            return _preview(context, planned, options)
        latest = planned

        def next_plan(*, verified: bool) -> Plan | None:
            nonlocal latest
            if verified:
                latest.note_base(context)
                if not latest.absent:
                    return None
            # The first round has notified of everything in the folder.
            quiet = replace(context, notify=lambda _: None)
            latest = plan_apply(quiet, folder, study, choice, force=options.force)
            return latest.plan

        report = change_in_rounds(context, planned.plan, next_plan, "apply", options)
        return replace(report, failure=latest.skipped())


def _preview(context: Context, planned: ApplyPlan, options: ChangeOptions) -> ChangeReport:
    report = carry_out(context, planned.plan, "apply", options)
    if not planned.plan.effective:
        return replace(report, failure=report.failure or planned.skipped())
    if planned.absent:  # they may appear once the rest is set
        context.notify(f"not in study {report.study} before these changes: {listed(planned.absent)}")
    return report


def is_source(context: Context, study: int, manifest: Manifest) -> bool:
    """Return whether a folder was exported from this study."""
    return manifest.server == context.api.session.host and manifest.study == study


def plan_apply(
    context: Context, folder: Path, study: int, choice: ConflictChoice, *, force: bool, dry_run: bool = False
) -> ApplyPlan:
    """Plan to send the differences between a folder and a study.

    Raises
    ------
    NotFound
        A parameter that was added to the folder is not in the study.
    Conflict
        The study was changed since the export, and ``choice`` names no winner.
    UploadFault
        A table differs, the server cannot take files, and ``skip_files`` is not set.

    """
    manifest = read_manifest(folder)
    wanted, held = read_folder(folder, manifest), take_inputs(context, study)
    absent = _absent(wanted, held, manifest, study)
    shared = wanted.items.keys() & held.items.keys()
    wanted = replace(wanted, items={key: item for key, item in wanted.items.items() if key in shared})
    found = compare(replace(held, items={key: held.items[key] for key in shared}), wanted)
    differences = [one for one in found.differences if not _is_result_of_run(one, manifest)]
    hidden = [key for key in found.not_compared if wanted.items[key].state != model.UNAVAILABLE]
    theirs = _conflicts(context, study, manifest, differences, choice)
    sent = [one for one in differences if one.key not in theirs]
    skipped = _skipped(context, [one.key for one in sent if one.b and one.b.table], choice)
    assignments = [_assignment(held, one, manifest.entries.get(one.key)) for one in sent if one.key not in skipped]
    plan = Plan(study, (), ())
    if assignments:
        plan = make_plan(context, study, assignments, force=force, dry_run=dry_run)
    _require_uploads(context, study, plan)
    left = theirs | skipped
    settled = {key: _entry(manifest, item, held) for key, item in wanted.items.items() if key not in left}
    return ApplyPlan(plan, folder, manifest, held, settled, tuple(absent), tuple(hidden))


def _absent(requested: Snapshot, current: Snapshot, manifest: Manifest, study: int) -> list[str]:
    """Return the exported parameters that are not in the study; setting the others may make them appear.

    Raises
    ------
    NotFound
        A parameter that was added to the files is not in the study: its name is likely misspelt.

    """
    values = [item for item in requested.items.values() if item.state in {model.VALUE, model.TABLE}]
    absent = [item.key for item in values if item.key not in current.items]
    for key in absent:
        if key not in manifest.entries:
            raise name_lookup.unknown(key, current.items, study)
    return absent


def _is_result_of_run(difference: Difference, manifest: Manifest) -> bool:
    """Return whether a start value differs only because a run replaced it, while the file is unedited."""
    base = manifest.entries.get(difference.key)
    return (
        difference.a is not None
        and difference.a.start_value
        and base is not None
        and difference.b is not None
        and (difference.b.digest == base.sha256)
    )


def _conflicts(
    context: Context, study: int, manifest: Manifest, differences: Sequence[Difference], choice: ConflictChoice
) -> frozenset[str]:
    """Return the parameters for which the server wins; raise a conflict if nothing names the winner."""
    if not is_source(context, study, manifest):
        context.notify(
            f"study {study} is not the one that was exported (study {manifest.study} of {manifest.server}): "
            "whether it was changed since cannot be told"
        )
        return frozenset()
    # A run replaces start values.
    own = [one for one in differences if one.a is None or not one.a.start_value]
    changed = [one for one in own if _changed_since(manifest.entries.get(one.key), one.a)]
    if changed and not (choice.ours or choice.theirs):
        lines = [_conflict_line(one, manifest.entries[one.key]) for one in changed[:SHOWN]]
        raise Conflict(
            f"changed on the server since the export: {counted(len(changed), 'parameter')} of study {study}",
            detail="\n".join([*lines, *[f"and {len(changed) - SHOWN} more"] * (len(changed) > SHOWN)]),
            hint="--ours sends the folder's values, --theirs keeps the server's",
            study=study,
        )
    if changed and choice.theirs:
        context.notify(f"kept as on the server: {listed([one.key for one in changed])}")
    return frozenset(one.key for one in changed) if choice.theirs else frozenset()


def _changed_since(base: ManifestEntry | None, stored: SnapshotEntry | None) -> bool:
    """Return whether a value differs from that at the export; a parameter that is new in the folder has no base."""
    if base is None or stored is None:
        return False
    if base.state == stored.state == model.VALUE and base.value is not None:
        return not same_values(SnapshotEntry(base.key, base.type, value=base.value, loose=base.loose), stored)
    return stored.digest != base.sha256


def _conflict_line(difference: Difference, base: ManifestEntry) -> str:
    was = brief(base.value) if base.state == model.VALUE else base.state
    now, wanted = (item.brief if item else "nothing" for item in (difference.a, difference.b))
    return f"{difference.key}: {was} at the export or the last apply, {now} on the server, {wanted} in the folder"


def _skipped(context: Context, tables: Sequence[str], choice: ConflictChoice) -> frozenset[str]:
    """Return the tables that ``--skip-files`` leaves out."""
    if not tables or not choice.skip_files:
        return frozenset()
    context.notify(f"not sent (--skip-files): {listed(tables)}")
    return frozenset(tables)


def _require_uploads(context: Context, study: int, plan: Plan) -> None:
    """Check that the server takes files, before anything is sent."""
    tables = [change.info.name for change in plan.sent_files]
    try:
        if not tables or context.api.parameters.takes_files(study):
            return
    except SostradesError as error:
        error.detail = "it was only asked whether it takes files: nothing was sent"
        raise
    raise UploadFault(
        f"this server cannot take files, and {counted(len(tables), 'table')} would be sent: {listed(tables)}",
        detail="its upload route is broken (a fault of versions 4.2.0 to 5.3.4); nothing was sent",
        hint="--skip-files applies the rest; load the tables in the web page",
        study=study,
    )


def _assignment(current: Snapshot, difference: Difference, base: ManifestEntry | None) -> Assignment:
    """Return the assignment of a folder's value; a blank cell of an export is a missing value."""
    item, name = difference.b, current.full(difference.key)
    if item is not None and item.table is None and item.value is not UNTOLD:
        return Assignment(name, value=item.value)
    edited = item is not None and (base is None or base.sha256 != item.digest)
    return assignment_of(item, name, edited=edited)


def _entry(manifest: Manifest, item: SnapshotEntry, current: Snapshot) -> ManifestEntry:
    """Return the manifest's entry of a parameter on which folder and study agree."""
    before = manifest.entries.get(item.key)
    base = before or ManifestEntry(item.key, item.type, item.unit, output=False, state=item.state)
    if item.state == model.TABLE:
        return replace(base, sha256=current.items[item.key].digest if item.key in current.items else base.sha256)
    if item.state != model.VALUE:
        return base
    return replace(base, state=item.state, sha256=item.digest, value=item.value, loose=item.loose)
