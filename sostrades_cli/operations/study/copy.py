"""Copy a study. Servers give a copy default values, so the values of the source are sent afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.parameters import BAD_REQUEST
from sostrades_cli.errors import NotVerified, Refused, SostradesError, stopped_by
from sostrades_cli.operations.case_values import require_own_values
from sostrades_cli.operations.study.load import await_changes, note_change
from sostrades_cli.operations.study.new_name import validate_study_name
from sostrades_cli.operations.study.snapshot.capture import list_parameters, take_listed
from sostrades_cli.operations.study.snapshot.transfer import transfer
from sostrades_cli.output.text import first_lines, listed
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters
    from sostrades_cli.operations.study.snapshot.diff import Difference, StudyDiff
    from sostrades_cli.operations.study.snapshot.model import Snapshot

# The server's error for the key of a user.
WITHOUT_GROUP: Final = "'NoneType' object has no attribute 'id'"
MOST_LINES: Final = 20
MOST_TRIES: Final = 5
# JSON can represent all values of these types. A float may be nan.
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
        """Return a line about the completeness of the copy. It is empty after a failure, which is an error instead."""
        if self.failure is not None:
            return ""
        return ". ".join(filter(None, [self.summary, self.caveat[:1].upper() + self.caveat[1:]]))

    @property
    def summary(self) -> str:
        """Return the line for a complete copy."""
        return f"study {self.study} is a copy of study {self.source}"

    @property
    def caveat(self) -> str:
        """Return why the copy is not known to be complete, empty if all inputs were compared."""
        if not self.unreadable:
            return ""
        return f"not compared, because this server cannot read them: {listed(self.unreadable)}"


def copy(context: Context, study: int, name: str, *, force: bool = False) -> CopyReport:
    """Copy a study and set the inputs of the copy to the values of the source.

    ``force`` copies the values of a case, too.

    Raises
    ------
    UsageError
        The name is invalid or taken. Nothing was copied.
    LoadFault
        This server cannot read the source. Nothing was copied.
    Refused
        The server copies studies only for group keys, or the study has the values of a sweep's case.

    """
    with context.waiting(f"Copying study {study}"):
        return _copied(context, study, name, force=force)


def _copied(context: Context, study: int, name: str, *, force: bool) -> CopyReport:
    require_own_values(context, study, force=force)
    listed = list_parameters(context, study, outputs=False, unshown=True)
    # The API accepts any name, so validate it before the copy exists.
    validate_study_name(name, study, listed.name, context.cache.studies())
    # Read the source before the copy exists, so that a failure leaves nothing behind.
    source = take_listed(context, listed)
    require_own_values(context, study, force=force)
    number = _request_copy(context, study, name)
    context.inform(f"created study {number}, comparing its inputs with study {study}")
    _cache_copy(context, study, listed, number, name)
    # The transfer repeats its steps, and would repeat its notes.
    quiet = context._replace(inform=lambda _: None, notify=_each_once(context.notify))
    try:
        _write_once(quiet, number, source, name)
        diff = transfer(quiet, number, source, lambda: _snapshot(quiet, number))
    except SostradesError as error:
        return CopyReport(number, study, failure=_unfinished(number, study, error))
    except KeyboardInterrupt as error:
        error_class, word = stopped_by(error)
        return CopyReport(number, study, failure=_unfinished(number, study, error_class(word)))
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
    note_change(context, number)


def _write_once(context: Context, number: int, source: Snapshot, name: str) -> None:
    """Write one value. Before the first write, the server neither runs a copy nor returns its values as files."""
    # Simple values need no file upload, which is broken on some servers.
    plain = [entry for entry in source.items.values() if type(entry.value) in PLAIN]
    # Solver settings exist from the start, while other parameters may appear later.
    for item in sorted(plain, key=lambda entry: (not entry.solver, entry.key.count(".")))[:MOST_TRIES]:
        await_changes(context, number)
        note_change(context, number)
        try:
            context.api.parameters.update(number, [(full_key(name, item.key), item.value, item.unit)])
        except Refused as error:
            # HTTP 400 may mean that this parameter does not exist yet. After other errors, another try would fail, too.
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
    failure = NotVerified(
        f"study {number} is not a full copy of study {study}: {len(different)} of its inputs differ",
        detail=first_lines(list(different.values()), MOST_LINES),
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
    """Return a function that passes each text on only once, because every round has the same problems."""
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
