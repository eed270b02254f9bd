"""Apply an exported folder to a study: a three-way comparison with the values at the export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNKNOWN
from sostrades_cli.errors import Conflict, Refused, SostradesError, UploadFault, UsageError, WriteFailed
from sostrades_cli.operations.change_rounds import change_in_rounds
from sostrades_cli.operations.changes import carry_out, study_lock
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
from sostrades_cli.output.text import brief, counted, first_lines, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.changes import ChangeOptions
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
        """Reject ``ours`` together with ``theirs``.

        Raises
        ------
        UsageError
            Both are set.

        """
        if self.ours and self.theirs:
            raise UsageError("--ours and --theirs cannot be used together", hint="remove one of the two options")


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """The plan, and the ``settled`` entries of the manifest, which are true after the plan is carried out.

    ``absent`` are parameters of the folder that the study does not have, or not yet. ``unreadable`` parameters are not
    sent, because the server cannot show the present value.
    """

    plan: Plan
    folder: Path
    manifest: Manifest
    current: Snapshot
    settled: dict[str, ManifestEntry]
    absent: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def skipped(self) -> Refused | None:
        """Return the error for parameters that could not be sent, except tables that the user skips."""
        study = self.plan.study
        lines = [f"{key}: not in study {study}" for key in self.absent]
        lines += [f"{key}: the server cannot show its value" for key in self.unreadable]
        if not lines:
            return None
        return Refused(
            f"{counted(len(lines), 'parameter')} of {self.folder} not applied to study {study}",
            detail=first_lines(lines, SHOWN),
            hint=f"sostrades study diff {study} {self.folder}",
            study=study,
        )

    def update_manifest(self, context: Context) -> None:
        """Write the values that are now the same in folder and study, for the comparison in the next apply."""
        if not is_source(context, self.plan.study, self.manifest):
            return
        # The read-back of a table differs from the file, so the next apply must compare with the read-back.
        tables = self._sent_tables(context) if self.plan.effective else {}
        settled = {k: replace(e, sha256=tables.get(self.current.full(k), e.sha256)) for k, e in self.settled.items()}
        changed = {k: e for k, e in settled.items() if self.manifest.entries.get(k) != e}
        if not changed:
            return
        try:
            self.manifest.with_base(changed).write(self.folder)
        except (WriteFailed, UsageError) as error:
            context.notify(f"the manifest was not updated: {error.message}")

    def _sent_tables(self, context: Context) -> dict[str, str]:
        """Return the sha-256 of the read-back of each sent table, by full name."""
        last = journal_of(context, self.plan.study).entries()[-1]
        return {change.key: change.new_table for change in last.changes if change.new_table}


def apply_folder(
    context: Context, folder: Path, study: int, choice: ConflictChoice, options: ChangeOptions
) -> ChangeReport:
    """Make the inputs of a study equal to those of an exported folder.

    Raises
    ------
    SostradesError
        The folder is invalid, the study was changed since the export, or a value could not be set.

    """
    with study_lock(context, study, options):
        planned = plan_apply(context, folder, study, choice, force=options.force, dry_run=options.dry_run)
        if options.dry_run:
            return _preview(context, planned, options)
        latest = planned

        def next_plan(*, verified: bool) -> Plan | None:
            nonlocal latest
            if verified:
                latest.update_manifest(context)
                if not latest.absent:
                    return None
            # The first round has already shown all notes about the folder.
            quiet = context._replace(notify=lambda _: None)
            latest = plan_apply(quiet, folder, study, choice, force=options.force)
            return latest.plan

        report = change_in_rounds(context, planned.plan, next_plan, "apply", options)
        return replace(report, failure=latest.skipped())


def _preview(context: Context, planned: ApplyPlan, options: ChangeOptions) -> ChangeReport:
    report = carry_out(context, planned.plan, "apply", options)
    if not planned.plan.effective:
        return replace(report, failure=report.failure or planned.skipped())
    if planned.absent:
        # Absent parameters may appear when the other parameters are set.
        context.notify(f"not in study {report.study} at present: {listed(planned.absent)}")
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
        The study was changed since the export, and ``choice`` does not name a winner.
    UploadFault
        A table differs, the server does not accept files, and ``skip_files`` is not set.

    """
    manifest = read_manifest(folder)
    requested, current = read_folder(folder, manifest), take_inputs(context, study)
    if current.omitted:
        context.notify(f"not compared, because a load does not show these inputs: {listed(current.omitted)}")
    absent = _absent(requested, current, manifest, study)
    # If a user removes a line or a file from the folder, the parameter stays unchanged.
    shared = requested.items.keys() & current.items.keys()
    requested = replace(requested, items={key: item for key, item in requested.items.items() if key in shared})
    diff = compare(replace(current, items={key: current.items[key] for key in shared}), requested)
    differences = [item for item in diff.differences if not _is_result_of_run(item, manifest)]
    unreadable = [key for key in diff.not_compared if requested.items[key].state != model.UNAVAILABLE]
    # Conflicts are found before the first change, so that nothing is sent in part.
    theirs = _conflicts(context, study, manifest, differences, choice)
    sent = [item for item in differences if item.key not in theirs]
    skipped = _skipped(context, [item.key for item in sent if item.b and item.b.table], choice)
    sent = [item for item in sent if item.key not in skipped]
    assignments = [_assignment(current, item, manifest.entries.get(item.key)) for item in sent]
    plan = Plan(study, (), ())
    if assignments:
        plan = make_plan(context, study, assignments, force=force, dry_run=dry_run)
    _require_uploads(context, study, plan)
    left = theirs | skipped
    settled = {key: _entry(manifest, item, current) for key, item in requested.items.items() if key not in left}
    return ApplyPlan(plan, folder, manifest, current, settled, tuple(absent), tuple(unreadable))


def _absent(requested: Snapshot, current: Snapshot, manifest: Manifest, study: int) -> list[str]:
    """Return the exported parameters that are not in the study. They may appear when the others are set.

    Raises
    ------
    NotFound
        A parameter that was added to the files is not in the study, so its name is probably misspelt.

    """
    values = [item for item in requested.items.values() if item.state in {model.VALUE, model.TABLE}]
    absent = [item.key for item in values if item.key not in current.items]
    for key in absent:
        if key not in manifest.entries:
            raise name_lookup.unknown(key, current.items, study)
    return absent


def _is_result_of_run(difference: Difference, manifest: Manifest) -> bool:
    """Return whether a start value differs only because a run replaced it. The file is unedited then."""
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
    """Return the parameters for which the server wins. Raise the conflict if ``choice`` names no winner."""
    if not is_source(context, study, manifest):
        context.notify(
            f"the folder was exported from study {manifest.study} of {manifest.server}, so changes in study {study} "
            "since the export are not detected"
        )
        return frozenset()
    # A run replaces start values, which is not a conflict.
    own = [item for item in differences if item.a is None or not item.a.start_value]
    changed = [item for item in own if _changed_since(manifest.entries.get(item.key), item.a)]
    if changed and not (choice.ours or choice.theirs):
        lines = [_conflict_line(item, manifest.entries[item.key]) for item in changed]
        raise Conflict(
            f"{counted(len(changed), 'parameter')} of study {study} changed on the server since the export",
            detail=first_lines(lines, SHOWN),
            hint="add --ours to send the values of the folder, or --theirs to keep those of the server",
            study=study,
        )
    if changed and choice.theirs:
        context.notify(f"kept the values of the server (--theirs): {listed([item.key for item in changed])}")
    return frozenset(item.key for item in changed) if choice.theirs else frozenset()


def _changed_since(base: ManifestEntry | None, stored: SnapshotEntry | None) -> bool:
    """Return whether a value changed since the export."""
    # A parameter that is new in the folder has no base.
    if base is None or stored is None:
        return False
    if base.state == stored.state == model.VALUE and base.value is not None:
        return not same_values(SnapshotEntry(base.key, base.type, value=base.value, loose=base.loose), stored)
    return stored.digest != base.sha256


def _conflict_line(difference: Difference, base: ManifestEntry) -> str:
    exported = brief(base.value) if base.state == model.VALUE else base.state
    current, requested = (item.brief if item else "no value" for item in (difference.a, difference.b))
    return f"{difference.key}: {exported} when last applied, {current} on the server, {requested} in the folder"


def _skipped(context: Context, tables: Sequence[str], choice: ConflictChoice) -> frozenset[str]:
    """Return the tables that ``--skip-files`` skips."""
    if not tables or not choice.skip_files:
        return frozenset()
    context.notify(f"skipped tables (--skip-files): {listed(tables)}")
    return frozenset(tables)


def _require_uploads(context: Context, study: int, plan: Plan) -> None:
    """Check that the server accepts files, before the first change."""
    tables = [change.info.name for change in plan.sent_files]
    try:
        if not tables or context.api.parameters.takes_files(study):
            return
    except SostradesError as error:
        error.detail = "this was only the check whether the server accepts files: nothing was sent"
        raise
    raise UploadFault(
        f"this server does not accept files, so {counted(len(tables), 'table')} cannot be sent: {listed(tables)}",
        detail=f"the upload route is broken in versions {UploadFault.versions}. Nothing was sent",
        hint="add --skip-files to apply the rest, and load the tables in the web page",
        study=study,
    )


def _assignment(current: Snapshot, difference: Difference, base: ManifestEntry | None) -> Assignment:
    """Return the assignment of a value in the folder."""
    item, name = difference.b, current.full(difference.key)
    # In an unedited export, a blank cell is a missing value. In a file of the user, it may be an empty text.
    edited = item is not None and (base is None or base.sha256 != item.digest)
    if item is not None and item.table is None and item.value is not UNKNOWN:
        return Assignment(name, value=item.value, any_elements=not edited)
    return assignment_of(item, name, edited=edited)


def _entry(manifest: Manifest, item: SnapshotEntry, current: Snapshot) -> ManifestEntry:
    """Return the manifest entry of a parameter that is the same in folder and study."""
    before = manifest.entries.get(item.key)
    base = before or ManifestEntry(item.key, item.type, item.unit, output=False, state=item.state)
    if item.state == model.TABLE:
        return replace(base, sha256=current.items[item.key].digest if item.key in current.items else base.sha256)
    if item.state != model.VALUE:
        return base
    return replace(base, state=item.state, sha256=item.digest, value=item.value, loose=item.loose)
