"""Outputs, which no load shows: read-only mode has them of a FINISHED study, the cache has the names of older ones."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.api.models import Parameter
from sostrades_cli.api.protocol import NO_READ_ONLY_MODE
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.run_phase import Phase
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.errors import NotFound
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context


class Outputs(NamedTuple):
    """The outputs of a study, by full name; ``note`` says why they are not those of the study as it is now.

    ``are_outdated`` says that the values on the server are results of an earlier run.
    """

    parameters: dict[str, Parameter]
    note: str | None = None
    are_outdated: bool = False


def outputs_of(context: Context, study: int, read_only: Mapping[str, Parameter], shown: Collection[str]) -> Outputs:
    """Return the outputs of a study that are not among ``shown``; ``read_only`` are the parameters of read-only mode.

    Read-only mode of a FINISHED study has outputs with values. Otherwise they come from the cache without values, which
    would be those of an earlier run.
    """
    if read_only:
        return Outputs({n: p for n, p in read_only.items() if n not in shown and is_output(p)})
    # A change deletes the read-only file, and with it the list of outputs.
    known = context.cache.parameters_of(study)
    older = {n: from_cache(n, s) for n, s in known.items() if n not in shown and is_output(s)}
    status = context.api.calculations.status(study)
    return Outputs(older, _why_older(context, study, older, status), bool(older) and status.phase is not Phase.GOOD)


def is_output(known: Parameter | CachedParameter) -> bool:
    """Return whether a run computes a parameter that has no start value."""
    return known.io_type == "out" or (bool(known.coupling) and not known.optional)


def from_cache(name: str, cached: CachedParameter) -> Parameter:
    """Return a parameter as the cache knows it: without its value."""
    return Parameter(
        name,
        cached.type,
        cached.unit,
        name.rpartition(".")[2],
        None,
        bool(cached.optional),
        io_type=cached.io_type,
        coupling=cached.coupling,
    )


def _why_older(context: Context, study: int, older: Mapping[str, Parameter], status: RunStatus) -> str:
    if context.api.studies.lacks_read_only_mode:
        listed = "listed without values" if older else "not listed. A full name works"
        return f"{NO_READ_ONLY_MODE}, so outputs are {listed}"
    if status.phase is Phase.GOOD:
        return f"the server has no file of the last run of study {study}, so outputs are not listed. A full name works"
    if status.phase is Phase.ACTIVE:
        return f"study {study} is {status.status}, its outputs are available after the run"
    listed = "outputs are listed without values" if older else "its outputs are unknown"
    if status.phase is Phase.BAD:
        from sostrades_cli.operations.calc.status import cause_command

        return (
            f"the last run of study {study} is {status.status}, so {listed}. `{cause_command(study)}` shows the cause"
        )
    if not status.status and not older:
        return f"the outputs of study {study} are unknown before its first run: `sostrades calc run {study}`"
    return f"study {study} has no finished run of its current values, so {listed}: `sostrades calc run {study}`"


def locate(context: Context, study: int, key: str, shown: Collection[str] = ()) -> str:
    """Return the full name of a parameter, from a load (``shown``), the cache or read-only mode.

    Case is ignored only if the key matches nothing in its own case. An unknown key is returned unchanged, because the
    server may have such a parameter.

    Raises
    ------
    UsageError
        The key matches several parameters.

    """
    known = context.cache.parameters_of(study)
    # The cheapest source first: read-only mode has megabytes.
    name = _known_name(context, study, key, shown, known)
    if name is not None:
        return name
    finished = read_only_parameters(context, study)
    name = name_lookup.Finder(context, study, finished).exact(key)
    return name or name_lookup.Finder(context, study, dict.fromkeys((*shown, *known, *finished))).any_case(key) or key


def _known_name(context: Context, study: int, key: str, shown: Collection[str], known: Collection[str]) -> str | None:
    """Return the full name of a parameter that a load or the cache has, ``None`` if neither has it."""
    return name_lookup.Finder(context, study, shown).exact(key) or name_lookup.Finder(context, study, known).exact(key)


def are_unknown(known: Mapping[str, Parameter | CachedParameter]) -> bool:
    """Return whether no output of a study is among its known parameters, as before the first run of its values."""
    return not any(map(is_output, known.values()))


def possible_output(
    context: Context, study: int, key: str, known: Mapping[str, Parameter | CachedParameter]
) -> str | None:
    """Return the full name of an output of an earlier run that only the server may know, ``None`` if there is none."""
    if not known or not are_unknown(known):
        return None
    name = full_key(own_name(context, study, known), key)
    return None if name == key else name


def unknown(context: Context, study: int, key: str, known: Mapping[str, Parameter | CachedParameter]) -> NotFound:
    """Return the error for an unknown name, which may be that of an output if no outputs are known."""
    error = name_lookup.unknown(key, known, study)
    if not known or not are_unknown(known):
        return error
    last = key.rpartition(".")[2]
    why = f"outputs of study {study} are not known before a run of its present values"
    hint = f"for an output, type its node, too, such as Node.{last}"
    if context.api.studies.lacks_read_only_mode:
        # Another run would not help.
        why = f"{NO_READ_ONLY_MODE}, so the names of outputs are not known"
    else:
        hint += f", or run `sostrades calc run {study}` first"
    return error.reworded(
        error.message,
        detail="\n".join(filter(None, (error.detail, why))),
        hint=hint,
    )


def status_before_read(
    context: Context, study: int, keys: Iterable[str], shown: Collection[str] = ()
) -> RunStatus | None:
    """Return the status of a study if a key names an output in the cache that is not among ``shown``."""
    known = context.cache.parameters_of(study)
    for key in keys:
        # The read reports an ambiguous key.
        with contextlib.suppress(UsageError):
            name = _known_name(context, study, key, shown, known)
            if name in known and name not in shown and is_output(known[name]):
                return context.api.calculations.status(study)
    return None


def note_outdated(
    context: Context, study: int, names: Collection[str], status: RunStatus | None = None
) -> frozenset[str]:
    """Warn the user of parameters whose values are results of an earlier run, and return them.

    Names that the cache does not contain are returned, too, because they may be outputs. ``status`` is that of the
    study before the values were read: a run that ends in between does not make them current.
    """
    known = context.cache.parameters_of(study)
    # Before the first run that this computer knows, the cache has the names of a load, which lacks outputs.
    unknown = {name for name in names if known and name not in known}
    # After a change the server still returns outputs of the last run, without any mark.
    outdated = frozenset(unknown | {name for name in names if name in known and is_output(known[name])})
    if not outdated:
        return outdated
    if status is None:
        status = context.api.calculations.status(study)
    if status.phase is Phase.GOOD:
        return frozenset()
    shown = next(iter(outdated)) if len(outdated) == 1 else f"{len(outdated)} parameters"
    verb = "may be" if unknown else "is" if len(outdated) == 1 else "are"
    state = f"is {status.status}" if status.status else "has not run"
    context.warn(
        f"out of date: study {study} {state}, so {shown} {verb} from an earlier run, usually with other values. "
        f"To update: `sostrades calc run {study}`"
    )
    return outdated
