"""Setting parameters: files first, then all values in one request; both read back and compared."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.parameters import update_body
from sostrades_cli.errors import NotVerified, SostradesError, Unreachable
from sostrades_cli.operations.loading import take_in_changes
from sostrades_cli.operations.read_back import Look, State, look_at_files, look_at_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sostrades_cli.operations.planning import FileChange, Plan
    from sostrades_cli.operations.server import Server

# The server takes a change in after its answer; these are the waits before each look, in seconds.
LOOKS_S: Final = (0.0, 0.3, 0.7, 1.5, 2.5)


def requests(server: Server, plan: Plan) -> list[str]:
    """Return the exact requests that a plan stands for, without the key."""
    address = f"POST {server.api.session.host}/api/v0/study-case/{plan.study}/parameters"
    head = f"{address}\n  Authorization: Bearer [the key]"
    files = [f"{c.declared.name}=@{c.source} (text/csv)" for c in plan.sent_files]
    values = update_body([(c.declared.name, c.body, c.declared.unit) for c in plan.sent_values])
    found = [f"{head}\n  multipart/form-data: {', '.join(files)}"] * bool(files)
    return found + [f"{head}\n  application/json: {json.dumps(values, ensure_ascii=False)}"] * bool(values)


def apply(server: Server, plan: Plan) -> dict[str, str]:
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
            server,
            plan.study,
            send=lambda: _upload(server, plan.study, files),
            look=lambda: look_at_files(server, plan.study, files, tables),
        )
    if changes := plan.sent_values:
        sent = [(c.declared.name, c.body, c.declared.unit) for c in changes]
        with _after(files):
            _deliver(
                server,
                plan.study,
                send=lambda: server.api.parameters.update(plan.study, sent),
                look=lambda: look_at_values(server, plan.study, changes),
            )
    return tables


def _deliver(server: Server, study: int, *, send: Callable[[], None], look: Callable[[], Look]) -> None:
    """Send once; a second time only where the answer was 200 and everything is as it was before."""
    if not _send(server, study, send, look):
        return
    seen = _read_back(server, study, look)
    if set(seen.states.values()) == {State.AS_BEFORE}:
        dropped = "dropped the change, as it does while it is loading" if seen.lacking else "is as before"
        server.notify(f"study {study} {dropped}; sending it once more")
        if not _send(server, study, send, look):
            return
        seen = _read_back(server, study, look)
    _tell_unmoved(server, seen)
    if lacking := seen.lacking:
        raise NotVerified(
            f"study {study} does not hold what was sent: {', '.join(lacking)}",
            detail=f"{_by_someone(seen)}; what was sent is not sent again over it"
            if seen.others
            else "the server answered that it took the change, and shows other values",
            hint=f"sostrades param get {study} {lacking[0]}; is someone else changing the study?",
            study=study,
            in_doubt=True,
        )


def _tell_unmoved(server: Server, seen: Look) -> None:
    if seen.unmoved:
        server.notify(f"as before, so most likely the declared default already: {', '.join(seen.unmoved)}")


def _by_someone(seen: Look) -> str:
    return f"neither this nor what was there before is held of {', '.join(seen.others)}: someone else set it meanwhile"


def _send(server: Server, study: int, send: Callable[[], None], look: Callable[[], Look]) -> bool:
    """Send, and tell whether a look is still due: after a lost answer the look has been taken."""
    take_in_changes(server, study)
    server.unread.note_change(study, server.clock.now())
    try:
        send()
    except SostradesError as error:
        if error.answer_lost:
            server.notify(f"{error.message}; reading back what study {study} holds")
            seen = _read_back(server, study, look)
        elif isinstance(error, Unreachable) or (refused := _look_once(look)) is None:
            raise
        else:
            seen = refused
        # What holds its default already tells nothing; where all do, nothing tells that anything was made.
        if seen.lacking or State.NEW not in seen.states.values():
            raise _lost(error, study, seen) from error
        server.notify("the change was made all the same")
        _tell_unmoved(server, seen)
        return False
    return True


@contextlib.contextmanager
def _after(files: Sequence[FileChange]) -> Iterator[None]:
    """Say in an error what had been set before it."""
    try:
        yield
    except SostradesError as error:
        if files:
            error.in_doubt = True
            error.add_detail(f"set and verified before that: {', '.join(change.declared.name for change in files)}")
        raise


def _look_once(look: Callable[[], Look]) -> Look | None:
    """Look at what is held after a refusal; ``None`` where it cannot be seen, or is as before.

    A refusal may come from what stands between, or from a server that has done a part already. No known one does: it
    is not worth to wait for what a download shows later only.
    """
    try:
        seen = look()
    except SostradesError:
        return None
    return None if set(seen.states.values()) == {State.AS_BEFORE} else seen


def _read_back(server: Server, study: int, look: Callable[[], Look]) -> Look:
    seen = Look({})
    for wait_s in LOOKS_S:
        if wait_s:
            server.clock.sleep(wait_s)
        try:
            # Downloads, unlike loads, do not wait for a change that is still being taken in.
            take_in_changes(server, study)
            seen = look()
        except SostradesError as error:
            error.add_detail("the change was sent; what the study holds now could not be read back", first=True)
            error.in_doubt = True
            raise
        if not seen.missing:
            break
    return seen


def _lost(error: SostradesError, study: int, seen: Look) -> SostradesError:
    in_part = State.NEW in seen.states.values()
    outcome = "someone else made another" if seen.others else "the change was made in part" if in_part else ""
    not_made = f"the change was not made within {sum(LOOKS_S):g} s"
    detail = f"read back: study {study} does not hold the new value of {', '.join(seen.lacking or seen.missing)}"
    return type(error)(
        f"{error.message}, and {outcome or not_made}",
        detail=f"{detail}\n{_by_someone(seen)}" if seen.others else detail,
        hint=f"sostrades param get {study} {seen.others[0]}" if seen.others else "the same command can be given again",
        study=study,
        server=error.server,
        in_doubt=in_part or bool(seen.others),
    )


def _upload(server: Server, study: int, files: Sequence[FileChange]) -> None:
    with contextlib.ExitStack() as opened:
        server.api.parameters.upload(
            study, {change.declared.name: opened.enter_context(change.path.open("rb")) for change in files}
        )
