"""Rows of the trace of a parameter, and of the chain between two."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.structure.trace import SOLVER
from sostrades_cli.output.results import Rows, TreeLine
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.structure.trace import Chain, Trace, TracedDiscipline

_ARROW: Final = " -> "
COLUMNS: Final = ("direction", "depth", "discipline", "through", "parameters")


def trace_rows(trace: Trace) -> Rows:
    """Return a row per discipline, and on a terminal a tree in each direction."""
    changing, sources = (
        list(dict.fromkeys(name for one in traced for name in one.beyond)) for traced in (trace.down, trace.up)
    )
    notes = [
        *([f"can change {counted(len(changing), 'parameter')}: {listed(changing)}"] if changing else []),
        *([f"comes from {counted(len(sources), 'parameter')}: {listed(sources)}"] if sources else []),
        *([f"{trace.parameter} is a solver setting of {listed(trace.consumers)}"] if trace.kind == SOLVER else []),
        *([trace.note] if trace.note else []),
    ]
    rows = [
        (one.direction, one.depth, one.discipline, list(one.through), list(one.beyond))
        for one in (*trace.up, *trace.down)
    ]
    payload = {
        "study": trace.study,
        "name": trace.name,
        "parameter": trace.parameter,
        "kind": trace.kind,
        "producers": list(trace.producers),
        "consumers": list(trace.consumers),
        "comes_from": sources,
        "can_change": changing,
        "up": list(map(_fields, trace.up)),
        "down": list(map(_fields, trace.down)),
    }
    start = TreeLine(0, trace.parameter, trace.kind)
    tree = [start, *_branches("comes from", trace.up), *_branches("feeds", trace.down)]
    return Rows(COLUMNS, rows, payload, notes, title=f"{trace.name} · study {trace.study}", tree=tree, lines=True)


def chain_rows(chain: Chain) -> Rows:
    """Return a row per parameter of a chain, with the discipline that reads it and computes the next."""
    missing = f"{chain.start} does not reach {chain.end}"
    return Rows(
        ("parameter", "discipline"),
        chain.links,
        payload={
            "study": chain.study,
            "name": chain.name,
            "start": chain.start,
            "end": chain.end,
            "path": [{"parameter": key, "discipline": discipline} for key, discipline in chain.links] or None,
        },
        notes=[] if chain.links else [missing],
        title=f"{chain.name} · study {chain.study}",
        tree=[
            TreeLine(number, key, f"read by {discipline}" if discipline else "")
            for number, (key, discipline) in enumerate(chain.links)
        ],
    )


def _branches(heading: str, disciplines: Sequence[TracedDiscipline]) -> Iterator[TreeLine]:
    """Yield the lines of one direction: each discipline below the one that is a step nearer to the parameter."""
    if not disciplines:
        return
    yield TreeLine(1, heading)
    below: dict[str | None, list[TracedDiscipline]] = {}
    for one in disciplines:
        below.setdefault(one.neighbor, []).append(one)
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        one = waiting.pop()
        parts = [listed(one.through), one.discipline, listed(one.beyond)]
        ordered = parts if one.direction == "down" else parts[::-1]
        yield TreeLine(one.depth + 1, one.discipline, _ARROW.join(part for part in ordered if part != one.discipline))
        waiting += reversed(below.get(one.discipline, []))


def _fields(traced: TracedDiscipline) -> dict[str, object]:
    fields = asdict(traced)
    del fields["direction"]
    return {**fields, "through": list(traced.through), "beyond": list(traced.beyond)}
