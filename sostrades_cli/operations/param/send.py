"""Send a plan: files first, then all values in one request; both are read back and verified."""

from __future__ import annotations

import contextlib
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.parameters import update_body
from sostrades_cli.errors import NotVerified, SostradesError, Unreachable
from sostrades_cli.operations.param.verify import ReadBack, ValueState, read_back_files, read_back_values
from sostrades_cli.operations.study.load import await_changes, note_change
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.operations.tables.table_change import FileChange

# Rows of a new table that a dry run shows with -v.
SHOWN_LINES: Final = 10
# The server applies a change after its answer. These are the waits before each reading back, in seconds.
WAITS_S: Final = (0.0, 0.3, 0.7, 1.5, 2.5)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a study holds after a change was verified.

    ``tables`` are the sha-256 of the downloads of new tables, by name; ``shown`` are all parameters, ``None`` if the
    change was not verified by a load. ``defaults`` are the values of parameters that were reset to an unknown default.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Parameter] | None = None
    defaults: Mapping[str, Json] = field(default_factory=dict)


def send_and_verify(context: Context, plan: Plan) -> Verified:
    """Send everything that differs and verify that the study holds it.

    Raises
    ------
    UploadFault
        The server cannot take files; nothing was changed.
    NotVerified
        The study does not hold everything that was sent; the detail lists the differences.
    SostradesError
        The answer was lost, and the change was not made.

    """
    tables, shown, defaults = {}, None, {}
    # Files first: servers without upload fail here, before any value is changed.
    if files := plan.sent_files:
        result = _send_verify_resend(
            context,
            plan.study,
            send=lambda: _upload(context, plan.study, files),
            read_back=lambda: read_back_files(context, plan.study, files),
        )
        tables = {name: finding.sha256 for name, finding in result.findings.items() if finding.sha256}
    if changes := plan.sent_values:
        values = [(c.info.name, c.body, c.info.unit) for c in changes]
        # The files are in the study by now, so an error of the values names them.
        with after([change.info.name for change in files]):
            result = _send_verify_resend(
                context,
                plan.study,
                send=lambda: context.api.parameters.update(plan.study, values),
                read_back=lambda: read_back_values(context, plan.study, changes),
            )
        shown, defaults = result.shown, result.defaults
    return Verified(tables, shown, defaults)


@contextlib.contextmanager
def after(verified: Sequence[str]) -> Iterator[None]:
    """Add to an error the names of parameters that were set before it."""
    try:
        yield
    except SostradesError as error:
        if verified:
            error.in_doubt = True
            error.add_detail(f"already set and verified: {listed(verified)}")
        raise


def _send_verify_resend(
    context: Context, study: int, *, send: Callable[[], None], read_back: Callable[[], ReadBack]
) -> ReadBack:
    """Send a batch and verify it. If it was accepted and every parameter still has its old value, send it once more."""
    result = _send_and_read_back(context, study, send, read_back)
    # A server that is still loading the study answers 200 and skips the change. Sending again overwrites nothing then.
    if result.dropped:
        dropped = "dropped the change, as it does while loading" if result.failed else "is unchanged"
        context.notify(f"study {study} {dropped}, sending the change once more")
        result = _send_and_read_back(context, study, send, read_back)
    # The default is unknown, so a value that stays the same may be right.
    if result.undecided:
        context.notify(f"unchanged, probably because it already is the default: {listed(result.undecided)}")
    for name, finding in result.findings.items():
        if finding.added:
            context.notify(f"{name}: the server added: {finding.added}")
    if failed := result.failed:
        raise NotVerified(
            f"study {study} does not have the values that were sent: {listed(failed)}",
            detail="\n".join([*result.differences, *_suspicion(result)]),
            hint=f"sostrades param get {study} {failed[0]}",
            study=study,
            in_doubt=True,
        )
    return result


def _send_and_read_back(
    context: Context, study: int, send: Callable[[], None], read_back: Callable[[], ReadBack]
) -> ReadBack:
    """Send a batch and read it back; raise the error of the request unless the study has the sent values anyway."""
    # A second change before the first one is applied loses it, or resets every value.
    await_changes(context, study)
    # Before the request: its answer may be lost although the server applies it.
    note_change(context, study)
    context.cache.forget_sizes(study)
    try:
        send()
    except SostradesError as error:
        # The change may have been applied, so only the study itself can tell.
        if error.answer_lost:
            context.notify(f"{error.message}, reading back the values of study {study}")
            result = _until_complete(context, study, read_back)
        # Without a connection nothing was sent.
        elif isinstance(error, Unreachable) or (changed := _changed_after_refusal(read_back)) is None:
            raise
        else:
            result = changed
        # If nothing changed, a parameter that has its default already does not show that the change was made.
        if result.failed or not result.changed:
            raise _not_made(error, study, result) from error
        context.notify("the change was made despite the error")
        return result
    return _until_complete(context, study, read_back)


def _changed_after_refusal(read_back: Callable[[], ReadBack]) -> ReadBack | None:
    """Read back once after a refusal; return ``None`` if nothing changed or the study cannot be read.

    The refusal may come from a proxy, or from a server that applied a part. No known server does, so this does not
    wait.
    """
    try:
        result = read_back()
    except SostradesError:
        return None
    return result if result.changed else None


def _until_complete(context: Context, study: int, read_back: Callable[[], ReadBack]) -> ReadBack:
    """Read a batch back until it is complete or the waits are over."""
    result = ReadBack()
    with context.waiting(f"Verifying the values of study {study}"):
        for wait_s in WAITS_S:
            # The first time at once: a load waits for the change by itself.
            if wait_s:
                context.clock.sleep(wait_s)
            try:
                result = read_back()
            except SostradesError as error:
                error.add_detail("the change was sent, but the values could not be read back", first=True)
                error.in_doubt = True
                raise
            if result.complete:
                break
    return result


def _not_made(error: SostradesError, study: int, read_back: ReadBack) -> SostradesError:
    """Return the error of a request after which the study does not hold the batch."""
    states = [finding.state for finding in read_back.findings.values()]
    in_part = ValueState.SENT in states and read_back.changed
    outcome = f"the change was not made within {sum(WAITS_S):g} s"
    if lost := read_back.lost:
        outcome = "the study now has other values"
    elif in_part:
        outcome = "only a part of the change was made"
    failed = read_back.failed or list(read_back.findings)
    lines = [f"study {study} does not have the new value of {listed(failed)}"]
    lines += [*read_back.differences, *_suspicion(read_back)] if lost else []
    return error.reworded(
        f"{error.message}, and {outcome}",
        detail="\n".join(lines),
        hint=f"sostrades param get {study} {lost[0]}" if lost else "run the same command again",
        study=study,
        in_doubt=in_part or bool(lost),
    )


def _suspicion(read_back: ReadBack) -> list[str]:
    """Return a line on changes of somebody else, if the server's own processing does not explain a value."""
    if not read_back.unexplained:
        return []
    return [f"somebody else may have changed this in the meantime: {listed(read_back.unexplained)}"]


def _upload(context: Context, study: int, files: Sequence[FileChange]) -> None:
    with contextlib.ExitStack() as opened:
        # All files in one request: the server takes all of them or none.
        context.api.parameters.upload(
            study, {change.info.name: opened.enter_context(change.table.sent.open("rb")) for change in files}
        )


def preview(context: Context, plan: Plan) -> list[str]:
    """Return the exact requests of a plan, without the key."""
    head = f"POST {context.api.session.host}/api/v0/study-case/{plan.study}/parameters"
    head = f"{head}\n  Authorization: Bearer [the key]"
    files = [f"{c.info.name}=@{c.source} (text/csv)" for c in plan.sent_files]
    values = update_body([(c.info.name, c.body, c.info.unit) for c in plan.sent_values])
    requests = [f"{head}\n  multipart/form-data: {', '.join(files)}"] * bool(files)
    requests += [_first_lines(change) for change in plan.sent_files]
    return requests + [f"{head}\n  application/json: {json.dumps(values, ensure_ascii=False)}"] * bool(values)


def _first_lines(change: FileChange) -> str:
    """Return the cells of a table that differ, or the first lines of a table without a table before it."""
    state = "encoded, because the server would misread the file" if change.table.encoded else "byte for byte"
    title = f"{change.info.name} is sent {state}:"
    if (diff := change.table_difference) is not None and diff.first:
        return "\n".join([title, *(f"  {line}" for line in [*diff.layout, *diff.lines])])
    # Excel writes a byte order mark, which would be shown as a character.
    with change.table.sent.open(encoding="utf-8-sig") as file:
        lines = [f"  {line.rstrip()}" for line in itertools.islice(file, SHOWN_LINES + 1)]
    more = [f"  ... {counted(change.table.rows, 'row')} in all"] if change.table.rows > SHOWN_LINES else []
    return "\n".join([title, *lines, *more])
