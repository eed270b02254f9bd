"""Setting parameters: files first, then all values in one request; both read back and compared."""

from __future__ import annotations

import contextlib
import itertools
import json
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.parameters import update_body
from sostrades_cli.errors import NotVerified, SostradesError, Unreachable
from sostrades_cli.operations.param.verify import HeldState, ReadBack, look_at_files, look_at_values
from sostrades_cli.operations.study.load import take_in_changes
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.operations.tables.table_change import FileChange

# Rows of a table that a dry run shows with -v.
SHOWN_LINES: Final = 10
# The server takes a change in after its answer; these are the waits before each look, in seconds.
LOOKS_S: Final = (0.0, 0.3, 0.7, 1.5, 2.5)


def preview(context: Context, plan: Plan) -> list[str]:
    """Return the exact requests that a plan stands for, without the key."""
    address = f"POST {context.api.session.host}/api/v0/study-case/{plan.study}/parameters"
    head = f"{address}\n  Authorization: Bearer [the key]"
    for change in plan.sent_files:
        context.inform(_sent_lines(change))
    files = [f"{c.info.name}=@{c.source} (text/csv)" for c in plan.sent_files]
    values = update_body([(c.info.name, c.body, c.info.unit) for c in plan.sent_values])
    found = [f"{head}\n  multipart/form-data: {', '.join(files)}"] * bool(files)
    return found + [f"{head}\n  application/json: {json.dumps(values, ensure_ascii=False)}"] * bool(values)


def _sent_lines(change: FileChange) -> str:
    """Return the first lines of a table as they are sent."""
    state = "encoded, since the server would misread it as it is" if change.table.encoded else "byte for byte"
    with change.table.sent.open(encoding="utf-8-sig") as file:
        lines = [f"  {line.rstrip()}" for line in itertools.islice(file, SHOWN_LINES + 1)]
    more = [f"  ... {counted(change.table.rows, 'row')} in all"] if change.table.rows > SHOWN_LINES else []
    return "\n".join([f"{change.info.name} is sent {state}:", *lines, *more])


def send_and_verify(context: Context, plan: Plan) -> dict[str, str]:
    """Send what differs and prove that the server holds it; return the sha-256 of its new tables, by parameter.

    Raises
    ------
    UploadFault
        The server cannot take files; nothing was changed.
    NotVerified
        What was read back is not what was sent; the message has the list.
    SostradesError
        The answer was lost and the change was not made.

    """
    tables: dict[str, str] = {}
    if files := plan.sent_files:
        _deliver(
            context,
            plan.study,
            send=lambda: _upload(context, plan.study, files),
            look=lambda: look_at_files(context, plan.study, files, tables),
        )
    if changes := plan.sent_values:
        sent = [(c.info.name, c.body, c.info.unit) for c in changes]
        with after([change.info.name for change in files]):
            _deliver(
                context,
                plan.study,
                send=lambda: context.api.parameters.update(plan.study, sent),
                look=lambda: look_at_values(context, plan.study, changes),
            )
    return tables


def _deliver(context: Context, study: int, *, send: Callable[[], None], look: Callable[[], ReadBack]) -> None:
    """Send once; a second time only where the answer was 200 and everything is as it was before."""
    if not _send(context, study, send, look):
        return
    seen = _read_back(context, study, look)
    if not seen.moved and seen.missing == list(seen.states):
        dropped = "dropped the change, as it does while it is loading" if seen.lacking else "is as before"
        context.notify(f"study {study} {dropped}; sending it once more")
        if not _send(context, study, send, look):
            return
        seen = _read_back(context, study, look)
    _notify(context, seen)
    if lacking := seen.lacking:
        raise NotVerified(
            f"study {study} does not hold what was sent: {listed(lacking)}",
            detail="\n".join([*seen.differences, *_suspicion(seen)]),
            hint=f"sostrades param get {study} {lacking[0]} shows what it holds",
            study=study,
            in_doubt=True,
        )


def _notify(context: Context, read_back: ReadBack) -> None:
    """Say what a successful change does not show by itself."""
    if read_back.unmoved:
        context.notify(f"as before, so most likely the declared default already: {listed(read_back.unmoved)}")
    for name, finding in read_back.findings.items():
        if finding.state is HeldState.NEW and finding.added:
            context.notify(f"{name}: the server added: {finding.added}")


def _suspicion(read_back: ReadBack) -> list[str]:
    """Say that somebody else may have made a change, where the server's own processing does not explain it."""
    if not read_back.unexplained:
        return []
    return [f"somebody else may have changed it in the meantime: {listed(read_back.unexplained)}"]


def _send(context: Context, study: int, send: Callable[[], None], look: Callable[[], ReadBack]) -> bool:
    """Send, and tell whether a look is still due: after a lost answer the look has been taken."""
    take_in_changes(context, study)
    context.unread.note_change(study, context.clock.now())
    try:
        send()
    except SostradesError as error:
        if error.answer_lost:
            context.notify(f"{error.message}; reading back what study {study} holds")
            seen = _read_back(context, study, look)
        elif isinstance(error, Unreachable) or (refused := _look_once(look)) is None:
            raise
        else:
            seen = refused
        # What holds its default already tells nothing; where all do, nothing tells that anything was made.
        if seen.lacking or not seen.moved:
            raise _lost(error, study, seen) from error
        context.notify("the change was made all the same")
        _notify(context, seen)
        return False
    return True


@contextlib.contextmanager
def after(verified: Sequence[str]) -> Iterator[None]:
    """Say in an error which parameters had been set before it."""
    try:
        yield
    except SostradesError as error:
        if verified:
            error.in_doubt = True
            error.add_detail(f"set and verified before that: {listed(verified)}")
        raise


def _look_once(look: Callable[[], ReadBack]) -> ReadBack | None:
    """Look at what is held after a refusal; ``None`` where it cannot be seen, or is as before.

    A refusal may come from what stands between, or from a server that has done a part already. No known one does: it
    is not worth to wait for what a download shows later only.
    """
    try:
        seen = look()
    except SostradesError:
        return None
    return seen if seen.moved else None


def _read_back(context: Context, study: int, look: Callable[[], ReadBack]) -> ReadBack:
    seen = ReadBack()
    for wait_s in LOOKS_S:
        if wait_s:
            context.clock.sleep(wait_s)
        try:
            # Downloads, unlike loads, do not wait for a change that is still being taken in.
            take_in_changes(context, study)
            seen = look()
        except SostradesError as error:
            error.add_detail("the change was sent; what the study holds now could not be read back", first=True)
            error.in_doubt = True
            raise
        if not seen.missing:
            break
    return seen


def _lost(error: SostradesError, study: int, read_back: ReadBack) -> SostradesError:
    in_part = HeldState.NEW in read_back.states.values() and read_back.moved
    outcome = "the study holds other values" if read_back.others else "the change was made in part" if in_part else ""
    not_made = f"the change was not made within {sum(LOOKS_S):g} s"
    lacking = read_back.lacking or read_back.missing or list(read_back.states)
    detail = f"read back: study {study} does not hold the new value of {listed(lacking)}"
    return type(error)(
        f"{error.message}, and {outcome or not_made}",
        detail="\n".join([detail, *read_back.differences, *_suspicion(read_back)]) if read_back.others else detail,
        hint=f"sostrades param get {study} {read_back.others[0]}"
        if read_back.others
        else "the same command can be given again",
        study=study,
        server=error.server,
        in_doubt=in_part or bool(read_back.others),
    )


def _upload(context: Context, study: int, files: Sequence[FileChange]) -> None:
    with contextlib.ExitStack() as opened:
        context.api.parameters.upload(
            study, {change.info.name: opened.enter_context(change.table.sent.open("rb")) for change in files}
        )
