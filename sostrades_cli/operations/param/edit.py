"""Edit parameters in the user's editor: values as a TOML file, or one table as CSV. What changed becomes a plan.

The editor gets a draft in the folder for state. It is removed when nothing is left to do. After an error it stays, with
only the changes of the user, so that ``param set --from`` applies them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import Conflict, NotFound, SostradesError, UsageError, stopped_by
from sostrades_cli.files.atomic import atomic, beforehand, private_folder
from sostrades_cli.files.digests import digest_of
from sostrades_cli.local.config_file import STATE_VARIABLE, name_of_host
from sostrades_cli.operations.change_report import ChangeReport
from sostrades_cli.operations.changes import carry_out, study_lock
from sostrades_cli.operations.history.recorder import journal_of, stamp
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.assignment_files import read_text
from sostrades_cli.operations.param.assignments import Assignment, Requested, Table
from sostrades_cli.operations.param.filters import INPUT
from sostrades_cli.operations.param.metadata import declare, present_value
from sostrades_cli.operations.param.nested_keys import resolve
from sostrades_cli.operations.param.parameter_text import is_table, parameters_as_toml
from sostrades_cli.operations.param.plan import Plan, Refusals, ValueChange, make_plan
from sostrades_cli.operations.param.read import list_parameters
from sostrades_cli.operations.param.selection import group_of
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.operations.tables.downloads import holds
from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.output.text import brief, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import ParameterInfo

EDIT: Final = "edit"


@dataclass(frozen=True, slots=True)
class Draft:
    """The file for the editor, and what the study had when it was written.

    ``values`` are the values by full name; ``table`` is the name of the only parameter of a CSV file, and ``sha256``
    that of its download.
    """

    path: Path
    original: str
    values: Mapping[str, Json]
    table: str | None = None
    sha256: str | None = None

    @property
    def text(self) -> str:
        """The text as the user left it, empty if the editor removed the file."""
        if not self.path.is_file():
            return ""
        return self.path.read_bytes().decode("utf-8-sig", "surrogateescape")

    @property
    def is_unchanged(self) -> bool:
        """Whether the user changed nothing, or deleted everything, as an aborted commit of git."""
        # Some editors change the line ends or add a last one when they save.
        text = self.text.replace("\r\n", "\n").rstrip("\n")
        return text.strip() == "" or text == self.original.replace("\r\n", "\n").rstrip("\n")

    def assignments(self) -> list[Requested]:
        """Return the assignments of the user's changes.

        Raises
        ------
        UsageError
            The text is not TOML.

        """
        if self.table is not None:
            return [Assignment(self.table, str(self.path), self.path, label="your table")]
        before = {_key(item): item for item in read_text(self.original, self.path)}
        # The path of the draft is said once, at the end.
        after = read_text(self.text, self.path, "your text")
        return [item for item in after if not _is_same(item, before.get(_key(item)))]

    def conflicts(self, plan: Plan) -> list[str]:
        """Return a line for each parameter of a plan that changed while the user edited it."""
        lines = [
            f"{change.info.name}: {brief(self.values[change.info.name])} when you opened it, {brief(change.old)} now"
            for change in plan.sent_values
            # A download without a type is read like the new value, so it may differ from what the editor got.
            if change.info.type is not None
            and change.info.name in self.values
            and not _shows(change, self.values[change.info.name])
        ]
        files = [
            f for f in plan.sent_files if self.table == f.info.name and (f.old_table.sha256 if f.old_table else None)
        ]
        return lines + [
            f"{f.info.name}: another table now" for f in files if f.old_table and f.old_table.sha256 != self.sha256
        ]

    def remove(self) -> None:
        """Remove the file, if the editor left one."""
        if self.path.is_file():
            self.path.unlink()

    def keep_changes(self) -> None:
        """Turn the lines that the user did not touch into comments, so that the rest can be set from the file."""
        if self.table is not None:
            return
        # Unedited values may be old when the file is used, and would overwrite newer ones.
        own = {line for line in self.original.splitlines() if line and not line.startswith("#")}
        lines = [f"# {line}" if line in own else line for line in self.text.splitlines()]
        with atomic(self.path, private=True) as file:
            file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))


def edit_parameters(
    context: Context,
    study: int,
    keys: Sequence[str],
    options: ChangeOptions,
    edit: Callable[[Path], None],
    edits_again: Callable[[SostradesError], bool],
) -> ChangeReport:
    """Let the user edit parameters, all inputs without ``keys``, and make the changes as ``set_parameters`` does.

    ``edit`` returns when the editor is closed. ``edits_again`` is asked after each invalid text.

    Raises
    ------
    Conflict
        Somebody else changed an edited value in the meantime; nothing was sent.
    SostradesError
        As ``set_parameters`` raises it. The text stays in a file, which the detail names.

    """
    draft = _draft(context, study, _infos(context, study, keys))
    with _kept(context, draft, study, dry_run=options.dry_run):
        while True:
            _open(draft, edit, study)
            if draft.is_unchanged:
                return ChangeReport(study, ())
            try:
                return _apply(context, study, draft, options)
            except (UsageError, NotFound) as error:
                if not edits_again(error):
                    raise


def _open(draft: Draft, edit: Callable[[Path], None], study: int) -> None:
    try:
        edit(draft.path)
    except KeyboardInterrupt as error:
        error_class, word = stopped_by(error)
        raise error_class(f"{word}, nothing was sent", study=study) from error


def _infos(context: Context, study: int, keys: Sequence[str]) -> list[ParameterInfo]:
    """Return the inputs that keys and globs stand for, all but solver settings without keys."""
    if keys and not any(map(name_lookup.is_glob, keys)):
        return declare(context, study, list(dict.fromkeys(keys)), reads_file=True)[0]
    parameters = list_parameters(context, study, inputs=True, outputs=False).parameters
    inputs = [name for name, parameter in parameters.items() if group_of(parameter) == INPUT]
    chosen: list[str] = [] if keys else inputs
    for key in keys:
        chosen += name_lookup.matching_glob(inputs, key) if name_lookup.is_glob(key) else [key]
    if not chosen:
        raise NotFound(
            f"no input of study {study} matches {' '.join(keys)}", hint=f"sostrades param list {study} --inputs"
        )
    return declare(context, study, list(dict.fromkeys(chosen)), reads_file=True)[0]


def _draft(context: Context, study: int, infos: Sequence[ParameterInfo]) -> Draft:
    # Not a temporary folder: the draft may have to survive the end of the command.
    folder = context.state / "drafts" / name_of_host(context.api.session.host)
    private_folder(folder, STATE_VARIABLE)
    name = f"{study}-{stamp(context).replace(':', '')}"
    if len(infos) == 1 and is_table(infos[0]):
        return _table_draft(context, study, infos[0], folder / f"{name}.csv")
    journal = journal_of(context, study)
    values = {info.name: present_value(info, None, journal) for info in infos}
    own = own_name(context, study, [info.name for info in infos])
    text = parameters_as_toml(study, own, infos, values)
    path = folder / f"{name}.toml"
    with beforehand(), atomic(path, private=True) as file:
        file.write(text.encode())
    return Draft(path, text, values)


def _table_draft(context: Context, study: int, info: ParameterInfo, path: Path) -> Draft:
    table = download_table(context, study, info.name)
    if table is None:
        raise UsageError(
            f"the server cannot show the table of {info.name}",
            hint=f"sostrades param set {study} {info.name}=@FILE.csv",
            study=study,
        )
    content = table.path.read_bytes()
    with beforehand(), atomic(path, private=True) as file:
        file.write(content)
    return Draft(path, content.decode("utf-8-sig", "surrogateescape"), {}, info.name, digest_of(path))


def _apply(context: Context, study: int, draft: Draft, options: ChangeOptions) -> ChangeReport:
    # The lock comes after the editor: it may stay open for hours.
    with study_lock(context, study, options):
        assignments = resolve(context, study, draft.assignments())
        if not assignments:
            return ChangeReport(study, ())
        plan = make_plan(context, study, assignments, force=options.force, dry_run=options.dry_run)
        conflicts = draft.conflicts(plan)
        refusals = Refusals(dry_run=options.dry_run, errors=list(plan.refusals))
        if conflicts and not options.force:
            with refusals.collected():
                raise Conflict(
                    f"{counted(len(conflicts), 'parameter')} of study {study} changed while you edited",
                    detail="\n".join(conflicts),
                    hint="add --force to overwrite the changes of others",
                    study=study,
                )
        # Even one change is asked for: a slip in an editor is easily overlooked.
        plan = replace(plan, refusals=tuple(refusals.errors))
        return carry_out(context, plan, EDIT, replace(options, unasked=0))


@contextlib.contextmanager
def _kept(context: Context, draft: Draft, study: int, *, dry_run: bool) -> Iterator[None]:
    """Keep the text of the user if it is not applied, and say where it is."""
    target = f"{draft.table}=@{draft.path}" if draft.table is not None else f"--from {draft.path}"
    where = f"your text is kept, apply it with `sostrades param set {study} {target}`"
    try:
        yield
    except (SostradesError, KeyboardInterrupt) as error:
        if draft.is_unchanged:
            draft.remove()
            raise
        draft.keep_changes()
        if isinstance(error, SostradesError):
            error.add_detail(where)
        else:
            context.notify(where)
        raise
    if dry_run and not draft.is_unchanged:
        draft.keep_changes()
        context.notify(where)
    else:
        draft.remove()


def _shows(change: ValueChange, value: Json) -> bool:
    """Return whether the present value of a parameter is ``value``; a download does not show every digit."""
    content = change.info.content
    return identical(value, change.old) or (content is not None and holds(content, value, change.info.type))


def _key(item: Requested) -> str:
    return item.key if isinstance(item, Assignment | Table) else ""


def _is_same(item: Requested, before: Requested | None) -> bool:
    if isinstance(item, Table) and isinstance(before, Table):
        return identical(item.content, before.content)
    values = isinstance(item, Assignment) and isinstance(before, Assignment) and item.file is None
    return values and identical(item.value, before.value)  # type: ignore[union-attr] # both are assignments
