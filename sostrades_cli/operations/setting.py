"""Setting parameters: files first, then all values in one request; both read back and compared."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.api.parameters import update_body
from sostrades_cli.errors import NotVerified, NoValue, Refused, SostradesError
from sostrades_cli.operations import contents, table_files, values
from sostrades_cli.operations.loading import load_live

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.planning import FileChange, Plan, ValueChange
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
            missing=lambda: [c.declared.name for c in files if not _file_arrived(server, plan.study, c, tables)],
            count=len(files),
        )
    if changes := plan.sent_values:
        sent = [(c.declared.name, c.body, c.declared.unit) for c in changes]
        with _after(files):
            _deliver(
                server,
                plan.study,
                send=lambda: server.api.parameters.update(plan.study, sent),
                missing=lambda: _missing_values(server, plan.study, changes),
                count=len(changes),
                perhaps_same={c.declared.name for c in changes if c.new is UNTOLD},
            )
    return tables


def _deliver(
    server: Server,
    study: int,
    *,
    send: Callable[[], None],
    missing: Callable[[], list[str]],
    count: int,
    perhaps_same: Collection[str] = (),
) -> None:
    """Send once; a second time only where the answer was 200 and nothing at all arrived.

    ``perhaps_same`` may hold afterwards what they held before: a declared default that no answer told.
    """
    if not _send(server, study, send, missing, count):
        return
    absent = _still_missing(server, missing)
    if len(absent) == count:
        dropped = (
            "dropped the change, as it does while it is loading" if set(absent) - set(perhaps_same) else "is as before"
        )
        server.notify(f"study {study} {dropped}; sending it once more")
        if not _send(server, study, send, missing, count):
            return
        absent = _still_missing(server, missing)
    if unmoved := [name for name in absent if name in perhaps_same]:
        server.notify(f"as before, so most likely the declared default already: {', '.join(unmoved)}")
    if lacking := [name for name in absent if name not in perhaps_same]:
        raise NotVerified(
            f"study {study} does not hold what was sent: {', '.join(lacking)}",
            detail="the server answered that it took the change, and shows other values",
            hint=f"sostrades param get {study} {lacking[0]}; is someone else changing the study?",
            study=study,
            in_doubt=True,
        )


def _send(server: Server, study: int, send: Callable[[], None], missing: Callable[[], list[str]], count: int) -> bool:
    """Send, and tell whether a look is still due: after a lost answer the look has been taken."""
    try:
        send()
    except SostradesError as error:
        if not error.answer_lost:
            raise
        server.notify(f"{error.message}; reading back what study {study} holds")
        if absent := _still_missing(server, missing):
            raise _lost(error, study, absent, in_part=len(absent) < count) from error
        server.notify("the change was made all the same")
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
            done = f"set and verified before that: {', '.join(change.declared.name for change in files)}"
            error.detail = f"{error.detail}\n{done}" if error.detail else done
        raise


def _still_missing(server: Server, missing: Callable[[], list[str]]) -> list[str]:
    absent: list[str] = []
    for wait_s in LOOKS_S:
        if wait_s:
            server.clock.sleep(wait_s)
        try:
            absent = missing()
        except SostradesError as error:
            note = "the change was sent; what the study holds now could not be read back"
            error.detail = f"{note}\n{error.detail}" if error.detail else note
            error.in_doubt = True
            raise
        if not absent:
            break
    return absent


def _lost(error: SostradesError, study: int, absent: Sequence[str], *, in_part: bool) -> SostradesError:
    return type(error)(
        f"{error.message}, and the change was {'made in part' if in_part else 'not made'}",
        detail=f"read back: study {study} does not hold the new value of {', '.join(absent)}",
        hint="the same command can be given again",
        study=study,
        server=error.server,
        in_doubt=in_part,
    )


def _missing_values(server: Server, study: int, changes: Sequence[ValueChange]) -> list[str]:
    broken = any(change.declared.parameter is None for change in changes)
    shown = None if broken else load_live(server, study).parameters
    return [c.declared.name for c in changes if not _value_arrived(server, study, c, shown)]


def _value_arrived(server: Server, study: int, change: ValueChange, shown: Mapping[str, Parameter] | None) -> bool:
    name = change.declared.name
    if change.new is UNTOLD and change.held is not None:
        now = table_files.hold(server, study, name)
        return now is None or now.sha256 != change.held.sha256
    if shown is None:
        return _download_holds(server, study, change)
    if name not in shown:
        return False
    if change.new is UNTOLD:
        return not values.identical(shown[name].value, change.old)
    return values.same(shown[name].value, change.new)


def _download_holds(server: Server, study: int, change: ValueChange) -> bool:
    try:
        content = server.api.parameters.content(study, change.declared.name)
    except NoValue:
        return change.new is None or (change.new is UNTOLD and change.declared.content is not None)
    except Refused as error:
        raise NotVerified(
            f"the server took the value of {change.declared.name}, and cannot show it",
            detail="this server's load is broken, and its download has no layout for such a value",
            hint="look at it in the web page",
            study=study,
            server=error.server,
            in_doubt=True,
        ) from error
    return content != change.declared.content if change.new is UNTOLD else contents.holds(content, change.new)


def _upload(server: Server, study: int, files: Sequence[FileChange]) -> None:
    with contextlib.ExitStack() as opened:
        server.api.parameters.upload(
            study, {change.declared.name: opened.enter_context(change.path.open("rb")) for change in files}
        )


def _file_arrived(server: Server, study: int, change: FileChange, tables: dict[str, str]) -> bool:
    """Tell whether a study holds what a file says, and note the sha-256 of what it holds."""
    held = table_files.hold(server, study, change.declared.name)
    if held is None or not table_files.matches(change.path, held, change.declared):
        return False
    tables[change.declared.name] = held.sha256
    return True
