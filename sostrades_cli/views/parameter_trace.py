"""Rows of the trace of a parameter, and of the chain between two."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.structure.trace import DOWN, NO_PARAMETERS, SOLVER, UP, Unknown
from sostrades_cli.output.results import Rows, TerminalTree, TreeLine
from sostrades_cli.output.text import counted, listed
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.structure.trace import Chain, Trace, TracedDiscipline

_ARROW: Final = " -> "
COLUMNS: Final = ("direction", "depth", "discipline", "link", "parameter")
_READS, _COMPUTES = "reads", "computes"


def trace_rows(trace: Trace) -> Rows:
    """Return a row per parameter that a discipline reads or computes, and on a terminal a tree in each direction."""
    changing, sources = (
        list(dict.fromkeys(name for discipline in direction for name in discipline.beyond))
        for direction in (trace.down, trace.up)
    )
    rows = [row for traced in (*trace.up, *trace.down) for row in _links(traced)]
    payload = {
        "study": trace.study,
        "name": trace.name,
        "parameter": trace.parameter,
        "kind": trace.kind,
        "producers": list(trace.producers),
        "consumers": list(trace.consumers),
        "comes_from": sources,
        "can_change": changing,
        "complete": trace.is_complete,
        "drivers": list(dict.fromkeys([*trace.unknown_up.drivers, *trace.unknown_down.drivers])),
        "may_come_from": list(trace.unknown_up.parameters),
        "may_change": list(trace.unknown_down.parameters),
        "up": list(map(_fields, trace.up)),
        "down": list(map(_fields, trace.down)),
    }
    start = TreeLine(0, trace.parameter, trace.kind)
    tree = TerminalTree([start, *_branches("comes from", trace.up), *_branches("feeds", trace.down)])
    notes = list(_notes(trace, changing, sources))
    return Rows(COLUMNS, rows, payload, notes, title=f"{trace.name} · study {trace.study}", shown=tree, lines=True)


def _links(traced: TracedDiscipline) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a discipline. A spreadsheet can filter rows, but not lists within cells."""
    towards, away = (_READS, _COMPUTES) if traced.direction == DOWN else (_COMPUTES, _READS)
    for link, names in ((towards, traced.through), (away, traced.beyond)):
        yield from ((traced.direction, traced.depth, traced.discipline, link, name) for name in names)


def _notes(trace: Trace, changing: Sequence[str], sources: Sequence[str]) -> Iterator[str]:
    for names, unknown, text in (
        (changing, trace.unknown_down, "can change"),
        (sources, trace.unknown_up, "comes from"),
    ):
        if names:
            # A restricted key, or a driver, hides further parameters.
            least = "at least " if trace.restricted or unknown.parameters else ""
            yield f"{text} {least}{counted(len(names), 'parameter')}: {listed(names)}"
    if trace.kind == SOLVER:
        yield f"{trace.parameter} is a solver setting of {listed(trace.consumers)}"
    elif trace.is_complete and trace.directions == (UP,) and not trace.producers:
        yield f"nothing computes {trace.parameter}: you set it"
    elif trace.is_complete and trace.directions == (DOWN,) and not trace.consumers:
        yield f"no discipline reads {trace.parameter}: it is a result"
    yield from _unknown_notes(trace)
    if trace.restricted:
        yield NO_PARAMETERS


def _unknown_notes(trace: Trace) -> Iterator[str]:
    """Yield why the trace is not complete, and what may be affected beside the traced disciplines."""
    directions = ((trace.unknown_down, "may also change"), (trace.unknown_up, "may also come from"))
    hidden = [unknown for unknown, _ in directions if unknown != Unknown()]
    if hidden:
        yield f"not complete: {_reason(list(dict.fromkeys(name for unknown in hidden for name in unknown.drivers)))}"
    for unknown, text in directions:
        if unknown.parameters:
            yield f"{text} {counted(len(unknown.parameters), 'parameter')}: {listed(unknown.parameters)}"


def _reason(drivers: Sequence[str]) -> str:
    if not drivers:
        return "the server contradicts itself on some couplings"
    return f"the server does not show what depends on what inside {listed(drivers)}"


def chain_rows(chain: Chain) -> Rows:
    """Return a row per parameter of a chain, with the discipline that reads it and computes the next."""
    return Rows(
        ("parameter", "discipline"),
        chain.links,
        payload={
            "study": chain.study,
            "name": chain.name,
            "start": chain.start,
            "end": chain.end,
            "path": [{"parameter": key, "discipline": discipline} for key, discipline in chain.links] or None,
            "reaches": chain.reaches,
            "drivers": list(chain.drivers),
            "backwards": chain.backwards,
        },
        notes=list(_chain_notes(chain)),
        title=f"{chain.name} · study {chain.study}",
        shown=TerminalTree(
            [
                TreeLine(number, key, f"read by {discipline}" if discipline else "")
                for number, (key, discipline) in enumerate(chain.links)
            ]
        ),
    )


def _chain_notes(chain: Chain) -> Iterator[str]:
    if chain.links:
        return
    if chain.reaches is None:
        reason = NO_PARAMETERS if chain.restricted else _reason(chain.drivers)
        yield f"it is not known whether {chain.start} reaches {chain.end}: {reason}"
    else:
        yield f"{chain.start} does not reach {chain.end}"
    if chain.backwards:
        ends = f"{shell_quoted(chain.end)} --path {shell_quoted(chain.start)}"
        yield f"there is a chain the other way: `sostrades param trace {chain.study} {ends}`"


def _branches(heading: str, disciplines: Sequence[TracedDiscipline]) -> Iterator[TreeLine]:
    """Yield the lines of one direction: each discipline below the one that is a step nearer to the parameter."""
    if not disciplines:
        return
    yield TreeLine(1, heading)
    below: dict[str | None, list[TracedDiscipline]] = {}
    for traced in disciplines:
        below.setdefault(traced.neighbor, []).append(traced)
    # A stack, so the first discipline is the last item.
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        traced = waiting.pop()
        parts = [listed(traced.through), traced.discipline, listed(traced.beyond)]
        ordered = parts if traced.direction == DOWN else parts[::-1]
        links = _ARROW.join(part for part in ordered if part != traced.discipline)
        # A discipline that is reached in several ways has one line.
        others = f"also {'from' if traced.direction == DOWN else 'to'} {listed(traced.others)}" if traced.others else ""
        yield TreeLine(traced.depth + 1, traced.discipline, " · ".join(filter(None, [links, others])))
        waiting += reversed(below.get(traced.discipline, []))


def _fields(traced: TracedDiscipline) -> dict[str, object]:
    fields = asdict(traced)
    del fields["direction"]
    return {**fields, "through": list(traced.through), "beyond": list(traced.beyond), "others": list(traced.others)}
