"""Outputs, which no load shows: read-only mode has them of a FINISHED study, the cache has the names of older ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Parameter, Phase
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.study.load import NO_READ_ONLY_MODE, read_only_parameters
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sostrades_cli.errors import NotFound
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs of a study, by full name; ``note`` says why they are not those of the study as it is now."""

    parameters: dict[str, Parameter] = field(default_factory=dict)
    note: str | None = None


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
    return Outputs(older, _why_older(context, study, older))


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


def _why_older(context: Context, study: int, older: Mapping[str, Parameter]) -> str:
    if context.api.studies.lacks_read_only_mode:
        listed = "listed without values" if older else "not listed. A full name works"
        return f"{NO_READ_ONLY_MODE}, so outputs are {listed}"
    status = context.api.calculations.status(study)
    if status.phase is Phase.GOOD:
        return f"the server has no file of the last run of study {study}, so outputs are not listed. A full name works"
    if status.phase is Phase.ACTIVE:
        return f"study {study} is {status.status}, its outputs are available after the run"
    if not older:
        return f"the outputs of study {study} are unknown before its first run: `sostrades calc run {study}`"
    return (
        f"study {study} has no finished run of its current values, so outputs are listed without values: "
        f"`sostrades calc run {study}`"
    )


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
    name = name_lookup.Finder(context, study, shown).exact(key) or name_lookup.Finder(context, study, known).exact(key)
    if name is not None:
        return name
    finished = read_only_parameters(context, study)
    name = name_lookup.Finder(context, study, finished).exact(key)
    return name or name_lookup.Finder(context, study, dict.fromkeys((*shown, *known, *finished))).any_case(key) or key


def are_unknown(known: Mapping[str, Parameter | CachedParameter]) -> bool:
    """Return whether no output of a study is among its known parameters, as before the first run of its values."""
    return not any(map(is_output, known.values()))


def possible_output(
    context: Context, study: int, key: str, known: Mapping[str, Parameter | CachedParameter]
) -> str | None:
    """Return the full name of an output of an earlier run that only the server may know, ``None`` if there is none."""
    if not known or not are_unknown(known):
        return None
    name = full_key(name_lookup.own_name(context, study, known), key)
    return None if name == key else name


def unknown(key: str, known: Mapping[str, Parameter | CachedParameter], study: int) -> NotFound:
    """Return the error for an unknown name, which may be that of an output if no outputs are known."""
    error = name_lookup.unknown(key, known, study)
    if not known or not are_unknown(known):
        return error
    last = key.rpartition(".")[2]
    why = f"outputs of study {study} are not known before a run of its present values"
    return error.reworded(
        error.message,
        detail="\n".join(filter(None, (error.detail, why))),
        hint=f"for an output, type its node, too, such as Node.{last}, or run `sostrades calc run {study}` first",
    )


def note_stale(context: Context, study: int, keys: Iterable[str]) -> None:
    """Notify the user of parameters whose values are results of an earlier run."""
    known = context.cache.parameters_of(study)
    # After a change the server still returns outputs of the last run, without any mark.
    stale = [key for key in keys if key in known and is_output(known[key])]
    if not stale:
        return
    status = context.api.calculations.status(study)
    if status.phase is not Phase.GOOD:
        shown = stale[0] if len(stale) == 1 else f"{len(stale)} parameters"
        verb = "is" if len(stale) == 1 else "are"
        state = status.status or "not run"
        context.notify(
            f"out of date: study {study} is {state}, so {shown} {verb} from an earlier run, usually with other values. "
            f"`sostrades calc run {study}` computes those of the present values"
        )
