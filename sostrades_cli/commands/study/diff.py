"""``sostrades study diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import match_option
from sostrades_cli.cli.options import tolerance_options
from sostrades_cli.cli.param_types import SIDE
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.study.snapshot.diff import Difference
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry
    from sostrades_cli.operations.tables.equality import Tolerance
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades study diff 21 my-copy",
        "sostrades study diff 21 ./dice --exit-code",
        "sostrades study diff ./before ./after --rtol 1e-6 -F json",
    ]
)
@click.argument("a", type=SIDE, metavar="A")
@click.argument("b", type=SIDE, metavar="B")
@match_option("names")
@click.option("--outputs", is_flag=True, help="Include outputs, where both sides have them.")
@tolerance_options
def command(
    app: App,
    a: int | Path,
    b: int | Path,
    match: str | None,
    outputs: bool,
    tolerance: Tolerance,
    exit_code: bool,
) -> Rows:
    """Compare two studies or exported folders.

    A and B are each a study, or the folder of an export. A folder that has the number or alias of a study needs a path:
    `./21`. Inputs are matched by name, without the name of the study. Lists and dicts are compared by element, tables
    by cell. `1` and `1.0` differ, unless the parameter is a float. With --rtol or --atol, numbers that are close are
    equal, as in Python's math.isclose. Outputs are not compared if only one side has them, as before its first run or
    after a change, or if inputs in a folder were edited. With --outputs and --exit-code, this ends with exit code 8
    unless something else differs.
    """
    from sostrades_cli.operations.study.snapshot.diff import compare
    from sostrades_cli.operations.study.snapshot.sources import take_side
    from sostrades_cli.output.results import Rows
    from sostrades_cli.views.differences import difference_table

    sides = [take_side(side, lambda: app.context, outputs=outputs) for side in (a, b)]
    with app.notes.waiting(f"Comparing {sides[0].source} with {sides[1].source}"):
        diff = compare(sides[0], sides[1], tolerance, outputs=outputs)
    shown = diff.matching(match)
    summary = diff.summary(shown)
    failure = diff.failure(shown, match) if exit_code else None
    # The error has this line, too, but differences are only an exit code.
    uncompared = diff.uncompared_outputs(match) if failure is None or shown else None
    return Rows(
        ("key", "type", "a", "b", "difference"),
        [(item.key, item.type, _cell(item.a), _cell(item.b), item.text) for item in shown],
        payload=list(map(_payload, shown)),
        notes=[summary, *filter(None, [uncompared]), *diff.notes],
        failure=failure,
        shown=difference_table(shown, f"{sides[0].source} → {sides[1].source}"),
    )


def _cell(entry: SnapshotEntry | None) -> TextCell | str | None:
    if entry is None:
        return None
    return entry.brief if entry.table is not None else TextCell(entry.plain, entry.brief)


def _payload(difference: Difference) -> dict[str, Any]:
    entry = difference.a or difference.b
    common = {
        "key": difference.key,
        "type": difference.type,
        "unit": entry.unit if entry else None,
        "change": difference.change,
        "a": difference.a.plain if difference.a else None,
        "b": difference.b.plain if difference.b else None,
    }
    if difference.table is not None:
        return common | {"table": difference.table.to_json()}
    return common | {
        "parts": [{"where": part.where, "a": part.a, "b": part.b} for part in difference.parts if part.where]
    }
