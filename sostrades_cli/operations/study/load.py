"""Load a study on any server version, by the load route or from read-only mode."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import UNKNOWN, Parameter, has_tables, parameters_from_api
from sostrades_cli.api.protocol import NO_READ_ONLY_MODE, NOT_READ_ONLY
from sostrades_cli.errors import (
    LoadFault,
    NoLayout,
    NoRoute,
    NotFound,
    NoValue,
    PermissionDenied,
    Refused,
    ServerFault,
    StudyLoadFault,
    WaitTimeout,
)
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.local.config_file import STATE_VARIABLE, name_of_host
from sostrades_cli.local.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json
    from sostrades_cli.api.read_only import ReadOnlyStudy
    from sostrades_cli.operations.context import Context

LOAD_TIMEOUT_S: Final = 300.0
# Each waiting load blocks a thread of the server. Its own default is 30 s.
LONGEST_WAIT_S: Final = 30
# An empty answer before this share of the requested wait does not come from a study that is still loading.
EARLY_SHARE: Final = 0.9
EARLY_RETRY_S: Final = 1.0
# The server may take this long to apply the change of an earlier command.
UNREAD_S: Final = 10.0
NO_FINISHED_RUN: Final = "the study has no finished run of its present inputs"
BROKEN: Final = f"loading is broken on this server (a known bug of {LoadFault.versions})"
# Longer defaults, such as lists of thousands, would slow down every start.
LONGEST_DEFAULT: Final = 500


class Loaded(NamedTuple):
    """The parameters of a study, by full name, in the server's order.

    ``payload`` is the mapping of the API, or an imitation with data from read-only mode. ``withheld`` says that the
    server withholds inputs from the key of a commenter.
    """

    parameters: dict[str, Parameter]
    payload: dict[str, Json]
    read_only: bool
    withheld: bool = False


def load(context: Context, study: int, timeout_s: float = LOAD_TIMEOUT_S) -> Loaded:
    """Return the parameters of a study, and wait at most ``timeout_s`` seconds for the server to load it.

    Raises
    ------
    WaitTimeout
        The study was not loaded in time.
    PermissionDenied
        The key has access to the study, but not to its parameters.
    LoadFault
        The load route is broken, and there is no read-only file.

    """
    # Only a load makes the server apply earlier changes, even a load that fails.
    noted_at = context.cache.load_fault.noted_at(context.clock.now())
    if noted_at is not None and not _has_unread_change(context, study):
        # The server may have been repaired since, so this is no statement about the present.
        reason = f"loading was broken at {noted_at.astimezone():%H:%M} (`sostrades doctor` checks it again)"
        # Without the whole file, the server may have been repaired: the load shows it.
        with contextlib.suppress(Refused, NotFound, PermissionDenied, ServerFault):
            return _inputs_of_last_run(context, study, reason)
    try:
        return completed(context, study, load_live(context, study, timeout_s))
    # Servers with this fault answer every load with HTTP 400.
    except LoadFault as fault:
        return _from_read_only(context, study, fault)


def is_commenters_view(parameters: Mapping[str, Parameter]) -> bool:
    """Return whether a load has solver settings only, because the server withholds the rest from commenters."""
    # The server sends commenters the numerical parameters and says nothing about the rest.
    return bool(parameters) and all(parameter.is_solver_setting for parameter in parameters.values())


def withheld(study: int) -> PermissionDenied:
    """Return the error for parameters that a commenter can neither read nor change."""
    return PermissionDenied(
        f"your key can read only the solver settings of study {study}, because you are a commenter",
        detail="other inputs are readable after a finished run, and only contributors can change them",
        hint=f"ask the owner of study {study} to make you a contributor. `sostrades auth status` shows your key",
        study=study,
    )


def completed(context: Context, study: int, loaded: Loaded) -> Loaded:
    """Add withheld parameters to a commenter's load. After a finished run, read-only mode has them."""
    if not is_commenters_view(loaded.parameters):
        return loaded
    try:
        offered = remember_read_only(context, study).as_loaded()
    except (Refused, NoRoute) as error:
        if not means_no_read_only_file(error):
            raise
        context.notify(withheld(study).message)
        return loaded._replace(withheld=True)
    missing = {name: parameter for name, parameter in offered.items() if name not in loaded.parameters}
    payload = {**loaded.payload, **{name: parameter.to_api() for name, parameter in missing.items()}}
    return Loaded({**loaded.parameters, **missing}, payload, read_only=False)


def load_live(context: Context, study: int, timeout_s: float = LOAD_TIMEOUT_S) -> Loaded:
    """Return the current parameters of a study, from the load route only.

    Raises
    ------
    LoadFault
        The load route is broken.

    """
    try:
        with context.waiting(f"Loading study {study}"):
            payload = _wait(context, study, timeout_s)
    except LoadFault as fault:
        # The server applies all changes before it answers with this error, as before a successful load.
        _note_load(context, study)
        if not isinstance(fault, StudyLoadFault):
            context.cache.load_fault.note(context.clock.now())
        raise
    _note_load(context, study)
    context.cache.load_fault.clear()
    parameters = parameters_from_api(payload)
    has_directions = any(parameter.io_type is not None for parameter in parameters.values())
    if has_directions or not context.cache.has_types(study, parameters):
        # A load without directions must not replace richer metadata from read-only mode.
        context.cache.store(study, _metadata(parameters))
    return Loaded(parameters, payload, read_only=False)


def note_change(context: Context, study: int) -> None:
    """Record that a change is being sent, so that ``await_changes`` loads the study before the next one.

    The server applies a change after its answer. A load waits for that, but a second change does not: the first change,
    or every value of the study, is lost although both answers are 200.
    """
    context.unread.add(study)
    # For the next command of this computer.
    _unread_mark(context, study).note(context.clock.now())


def _note_load(context: Context, study: int) -> None:
    # The server has applied every earlier change before its answer.
    context.unread.discard(study)
    _unread_mark(context, study).clear()


def _has_unread_change(context: Context, study: int) -> bool:
    """Return whether the server may not have applied a change yet."""
    # Without a time limit for this process, which knows whether it has loaded the study since.
    return study in context.unread or _unread_mark(context, study).noted_at(context.clock.now()) is not None


def _unread_mark(context: Context, study: int) -> Mark:
    file = context.state / "unread" / f"{name_of_host(context.api.session.host)}-{study}"
    return Mark(file, STATE_VARIABLE, UNREAD_S)


def await_changes(context: Context, study: int) -> None:
    """Load a study after a recent change, so that the next request sees the applied change.

    Raises
    ------
    SostradesError
        The study could not be loaded. Another change now might be lost, or reset the study.

    """
    # A load makes the server apply every earlier change; no other read does.
    if _has_unread_change(context, study):
        # A broken load applies the changes as well.
        with contextlib.suppress(LoadFault):
            load_live(context, study)


def _wait(context: Context, study: int, timeout_s: float) -> dict[str, Json]:
    clock = context.clock
    deadline = clock.monotonic() + timeout_s
    early = False
    while True:
        # The server accepts whole seconds from 1 on.
        wait_s = max(1, min(LONGEST_WAIT_S, round(deadline - clock.monotonic())))
        started = clock.monotonic()
        # An empty answer means: not loaded within the wait, or no access.
        if payload := context.api.studies.load(study, wait_s):
            return payload
        now = clock.monotonic()
        if now - started < EARLY_SHARE * wait_s:
            # Restricted viewers get an empty answer at once. A single one is not conclusive, so retry once.
            if early:
                raise _restricted(study)
            early = True
            clock.sleep(EARLY_RETRY_S)
            continue
        early = False
        if deadline - now < 1:
            raise _not_loaded(study, timeout_s)
        context.still_waiting(f"study {study} is still loading, waiting up to {deadline - now:.0f} s more")


def remember_read_only(context: Context, study: int) -> ReadOnlyStudy:
    """Return the content of read-only mode, and add types, directions and usages of its parameters to the cache."""
    read_only = context.api.studies.read_only(study)
    context.cache.store(study, _metadata(read_only.parameters))
    # A change deletes the file, but labels and documentation of the last run can still be read by these names.
    if read_only.usages:
        context.cache.ontology.store(study, read_only.usages)
    return read_only


def read_only_parameters(context: Context, study: int) -> dict[str, Parameter]:
    """Return the parameters in read-only mode, or nothing if there is no such file or it is unreadable.

    These parameters are a supplement, so an unreadable file is a note and not an error.
    """
    return read_only_supplement(context, study)[0]


def read_only_supplement(context: Context, study: int) -> tuple[dict[str, Parameter], str]:
    """Return the parameters in read-only mode, and why there are none as the end of a sentence."""
    try:
        return remember_read_only(context, study).parameters, ""
    except (Refused, NotFound, ServerFault) as error:
        # No file is the normal case: the study has no finished run, or was changed since.
        if not (isinstance(error, Refused | NoRoute) and means_no_read_only_file(error)):
            context.notify(f"continuing without the read-only file of study {study}: {error.message}")
            return {}, "the read-only file cannot be read"
        return {}, NO_READ_ONLY_MODE if isinstance(error, NoRoute) else NO_FINISHED_RUN


def means_no_read_only_file(error: Refused | NoRoute) -> bool:
    """Return whether an error means that there is no read-only file, or no such route on the server."""
    if error.server is None:
        return False
    return isinstance(error, NoRoute) or error.server.description.startswith(NOT_READ_ONLY)


def _from_read_only(context: Context, study: int, fault: LoadFault) -> Loaded:
    """Return inputs and solver settings of the read-only file in the shape of a load."""
    this_study = isinstance(fault, StudyLoadFault)
    try:
        return _inputs_of_last_run(context, study, f"the server fails to load study {study}" if this_study else BROKEN)
    except (Refused, NoRoute) as error:
        if not means_no_read_only_file(error):
            raise
        raise _diagnosis(context, study, fault) from error


def _inputs_of_last_run(context: Context, study: int, reason: str) -> Loaded:
    """Return inputs and solver settings of the read-only file; ``reason`` says why there is no load."""
    read_only_study = remember_read_only(context, study)
    # A restricted viewer gets the file with its charts and without its values.
    if not read_only_study.parameters:
        raise _restricted(study)
    inputs = read_only_study.as_loaded()
    context.notify(f"{reason}, so the values are those of the last finished run, from read-only mode")
    return Loaded(inputs, {name: p.to_api() for name, p in inputs.items()}, read_only=True)


def _diagnosis(context: Context, study: int, fault: LoadFault) -> LoadFault:
    from sostrades_cli.operations.calc.status import next_command
    from sostrades_cli.run_phase import Phase

    run_status = context.api.calculations.status(study)
    status = run_status.status
    is_failed = run_status.phase is Phase.BAD
    finish = "correct the failed run, whose cause is in" if is_failed else "finish a run with"
    state = f"the status is {status}" if status else "the study has not been run"
    is_cached = bool(context.cache.parameters_of(study))
    names = f"list the cached names with `sostrades param list {study}`, or " if is_cached else ""
    single = f"{names}read single values with `sostrades param get {study} FULL.NAME`"
    if isinstance(fault, StudyLoadFault):
        return StudyLoadFault(
            f"the server fails to load study {study}",
            detail=f"read-only mode does not have it either, and {state}. Status, runs, log and charts still work",
            hint=single,
            study=study,
            server=fault.server,
        )
    if context.api.studies.lacks_read_only_mode:
        return LoadFault(
            f"this server cannot load study {study}",
            detail=f"{BROKEN}, and {NO_READ_ONLY_MODE}",
            hint=single,
            study=study,
            server=fault.server,
        )
    return LoadFault(
        f"this server cannot load study {study}",
        detail=f"loading is broken (a known bug of {LoadFault.versions}). "
        f"Read-only mode needs a finished run, and {state}",
        hint=f"{finish} `{next_command(run_status)}`, {'' if is_cached else 'or '}{single}",
        study=study,
        server=fault.server,
    )


def _restricted(study: int) -> PermissionDenied:
    return no_parameters(study, "the server gave an empty answer at once, as it does for a restricted viewer")


def may_read(context: Context, study: int, name: str) -> bool:
    """Return whether the key may read a parameter; where loading is broken, only a download tells that.

    Raises
    ------
    NotFound
        There is no such parameter.

    """
    try:
        context.api.parameters.content(study, name)
    except PermissionDenied:
        return False
    except (NoValue, NoLayout):
        return True
    return True


def no_parameters(study: int, reason: str) -> PermissionDenied:
    """Return the error for a key that sees a study without its parameters."""
    return PermissionDenied(
        f"your key cannot read the parameters of study {study}",
        detail=reason,
        hint=f"ask the owner to make you a commenter. Until then you can use `sostrades postproc list {study}`",
        study=study,
    )


def _not_loaded(study: int, timeout_s: float) -> WaitTimeout:
    return WaitTimeout(
        f"study {study} was not loaded within {timeout_s:g} s",
        detail="it is still loading, or the server cannot load it",
        hint=f"wait longer with `sostrades study load {study} --timeout {max(300, int(timeout_s * 2))}`, or open the "
        "study in the web page",
        study=study,
    )


def cacheable_metadata(parameter: Parameter) -> CachedParameter:
    """Return the cacheable metadata of a parameter."""
    p = parameter
    return CachedParameter(
        p.type,
        p.unit,
        p.io_type,
        p.coupling,
        p.range,
        p.possible_values,
        p.optional,
        p.structuring,
        p.columns,
        [p.default] if _is_short_default(p) else None,
    )


def _is_short_default(parameter: Parameter) -> bool:
    """Return whether the default of an input is known, and small enough for the cache; a placeholder tells nothing."""
    default = parameter.default
    if parameter.io_type != "in" or default is UNKNOWN or has_tables(default):
        return False
    return default is None or isinstance(default, bool | int | float) or len(str(default)) <= LONGEST_DEFAULT


def _metadata(parameters: Mapping[str, Parameter]) -> dict[str, CachedParameter]:
    return {name: cacheable_metadata(parameter) for name, parameter in parameters.items()}
