"""Copy of a study. Servers give a copy default values, so the values of the source are sent afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.parameters import BAD_REQUEST
from sostrades_cli.errors import NotVerified, Refused, SostradesError
from sostrades_cli.operations.study.load import await_changes
from sostrades_cli.operations.study.names import validate_study_name
from sostrades_cli.operations.study.snapshot.capture import list_parameters, take_listed
from sostrades_cli.operations.study.snapshot.transfer import transfer
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters
    from sostrades_cli.operations.study.snapshot.diff import Difference, StudyDiff
    from sostrades_cli.operations.study.snapshot.model import Snapshot

WITHOUT_GROUP: Final = "'NoneType' object has no attribute 'id'"
MOST_LINES: Final = 20
MOST_TRIES: Final = 5
PLAIN: Final = frozenset({bool, int, str})


@dataclass(frozen=True, slots=True)
class CopyReport:
    """The numbers of copy and source, the full names of differing and of unreadable inputs, and the failure."""

    study: int
    source: int
    different: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    failure: SostradesError | None = None

    @property
    def note(self) -> str:
        """Return a line about the completeness of the copy, or nothing after a failure, whose error has it."""
        if self.failure is not None:
            return ""
        unreadable = f". Not compared, because this server cannot read them: {listed(self.unreadable)}"
        return f"study {self.study} is a copy of study {self.source}{unreadable if self.unreadable else ''}"


def copy(context: Context, study: int, name: str) -> CopyReport:
    """Copy a study and set the inputs of the copy to the values of the source.

    Raises
    ------
    UsageError
        The name is invalid or taken; nothing was copied.
    LoadFault
        This server cannot read the source; nothing was copied.
    Refused
        The server copies studies only for group keys.

    """
    with context.waiting(f"Copying study {study}"):
        return _copied(context, study, name)


def _copied(context: Context, study: int, name: str) -> CopyReport:
    listed = list_parameters(context, study, outputs=False, unshown=True)
    # The API accepts any name, so validate it before the copy exists.
    validate_study_name(name, study, listed.name, context.cache.studies())
    # Read the source before the copy exists, so that a failure leaves nothing behind.
    source = take_listed(context, listed)
    number = _request_copy(context, study, name)
    context.inform(f"created study {number}, comparing its inputs with study {study}")
    _cache_copy(context, study, listed, number, name)
    # The transfer repeats its steps, and would repeat its notes.
    quiet = replace(context, inform=lambda _: None, notify=_each_once(context.notify))
    try:
        _write_once(quiet, number, source, name)
        diff = transfer(quiet, number, source, lambda: _snapshot(quiet, number))
    except SostradesError as error:
        return CopyReport(number, study, failure=_unfinished(number, study, error))
    return _report(number, study, name, diff)


def _request_copy(context: Context, study: int, name: str) -> int:
    try:
        number = context.api.studies.copy(study, name)
    except Refused as error:
        # The server needs a group for the copy, and a user key has none.
        if error.server is None or error.server.description != WITHOUT_GROUP:
            raise
        raise Refused(
            "the server copies studies only for the key of a group",
            hint="ask the administrator for the key of a group, and set it in SOSTRADES_API_KEY",
            study=study,
            server=error.server,
        ) from error
    except SostradesError as error:
        if not error.answer_lost:
            raise
        raise error.reworded(
            f"{error.message}, but study {study} may have been copied",
            hint=f"look for {name!r} in the web page before running the command again",
            study=study,
            in_doubt=True,
        ) from error
    return number


def _cache_copy(context: Context, study: int, listed: ListedParameters, number: int, name: str) -> None:
    """Add the parameters of the copy to the cache. If loading is broken, the cache is the only source of types."""
    cached = context.cache.parameters_of(study)
    # The copy has the same parameters under its own name.
    context.cache.store(number, {full_key(name, listed.key(full)): metadata for full, metadata in cached.items()})
    context.cache.mark_used(number)
    # The server answers with the id before the copy is complete, so the next request must wait as for a change.
    context.unread.note_change(number, context.clock.now())


def _write_once(context: Context, number: int, source: Snapshot, name: str) -> None:
    """Write one value. Before the first write, the server neither runs a copy nor returns its values as files."""
    # Simple values need no file upload, which is broken on some servers.
    plain = [entry for entry in source.items.values() if type(entry.value) in PLAIN]
    # Solver settings exist from the start, while other parameters may appear later.
    for item in sorted(plain, key=lambda entry: (not entry.solver, entry.key.count(".")))[:MOST_TRIES]:
        await_changes(context, number)
        context.unread.note_change(number, context.clock.now())
        try:
            context.api.parameters.update(number, [(full_key(name, item.key), item.value, item.unit)])
        except Refused as error:
            # HTTP 400 may mean that this parameter does not exist yet. Other errors would repeat for the next one.
            if error.server is None or error.server.status != BAD_REQUEST:
                raise
            continue
        return


def _snapshot(context: Context, number: int) -> Snapshot:
    return take_listed(context, list_parameters(context, number, outputs=False, unshown=True))


def _report(number: int, study: int, name: str, comparison: StudyDiff) -> CopyReport:
    different = {difference.key: _line(difference, study) for difference in comparison.differences}
    if not different:
        return CopyReport(number, study, unreadable=tuple(full_key(name, key) for key in comparison.not_compared))
    lines = list(different.values())
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    failure = NotVerified(
        f"study {number} is not a full copy of study {study}: {len(different)} of its inputs differ",
        detail="\n".join([*lines[:MOST_LINES], *more]),
        hint=f"list all with `sostrades study diff {study} {number}`, then set them in the web page",
        study=number,
    )
    return CopyReport(number, study, tuple(full_key(name, key) for key in different), failure=failure)


def _line(difference: Difference, study: int) -> str:
    if difference.table is not None:
        return f"{difference.key}: {difference.table.text} (the copy → study {study})"
    copied, source = (item.brief if item is not None else "missing" for item in (difference.a, difference.b))
    return f"{difference.key}: {source} in study {study}, {copied} in the copy"


def _each_once(notify: Callable[[str], None]) -> Callable[[str], None]:
    """Pass each text on once, because every round has the same problems."""
    reported: set[str] = set()

    def notify_once(text: str) -> None:
        if text not in reported:
            reported.add(text)
            notify(text)

    return notify_once


def _unfinished(number: int, study: int, error: SostradesError) -> SostradesError:
    return error.reworded(
        f"study {number} was created, but may lack values of study {study}: {error.message}",
        hint=f"check it with `sostrades study diff {study} {number}`, or delete it in the web page",
        study=number,
        in_doubt=True,
    )
