"""Compute sensitivity indices with SALib: Sobol' indices of saltelli designs, elementary effects of morris designs."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.operations.calc.analyze.columns import finite
from sostrades_cli.operations.calc.analyze.design_record import ELEMENTARY_EFFECTS, SOBOL_INDICES
from sostrades_cli.operations.calc.analyze.summary import scaled_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.operations.calc.analyze.columns import Number
    from sostrades_cli.operations.calc.analyze.design_record import DesignRecord

CONFIDENCE: Final = 0.95
# SALib estimates confidence intervals from this many random resamples.
_RESAMPLES: Final = 100
_FEWEST_SAMPLES: Final = 2
# The names of the indices of an input, as in SALib. One of them orders the inputs.
FIELDS: Final = {
    SOBOL_INDICES: ("S1", "S1_conf", "ST", "ST_conf"),
    ELEMENTARY_EFFECTS: ("mu_star", "mu_star_conf", "mu", "sigma"),
}
# The labels of the indices in tables and charts of the report.
WORDS: Final = {
    "S1": "alone (S1)",
    "S1_conf": "\u00b1",
    "ST": "total (ST)",
    "ST_conf": "\u00b1",
    "mu_star": "mu*",
    "mu_star_conf": "\u00b1",
    "mu": "mu",
    "sigma": "sigma",
}
RANKED_BY: Final = {SOBOL_INDICES: "ST", ELEMENTARY_EFFECTS: "mu_star"}
SAMPLES: Final = {SOBOL_INDICES: "base samples", ELEMENTARY_EFFECTS: "trajectories"}


@dataclass(frozen=True, slots=True)
class InputIndices:
    """The indices of an input by the names in ``FIELDS``."""

    name: str
    values: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class PairIndices:
    """The second-order Sobol' index of two inputs, and half the width of its confidence interval."""

    names: tuple[str, str]
    s2: Number
    s2_conf: Number


@dataclass(frozen=True, slots=True)
class OutputIndices:
    """The indices of an output, the largest first.

    ``samples`` is the number of samples in use, ``left_out`` the number of samples with a missing case. ``reason``
    explains why there are no indices.
    """

    samples: int
    left_out: int
    reason: str | None = None
    inputs: list[InputIndices] = field(default_factory=list)
    pairs: list[PairIndices] = field(default_factory=list)


def compute_indices(record: DesignRecord, numbers: Sequence[Number], *, is_constant: bool) -> OutputIndices:
    """Return the indices of an output. A sample with a missing case is left out, because SALib needs all of its cases.

    ``numbers`` has a number for each case of the design, or ``None`` if it is missing.
    """
    block = record.block
    starts = range(0, len(numbers), block)
    whole = [start for start in starts if None not in numbers[start : start + block]]
    left_out = len(starts) - len(whole)
    if is_constant:
        return OutputIndices(len(whole), left_out, "the same in every case")
    # If most samples are missing, the others may not be representative.
    if len(whole) < _FEWEST_SAMPLES or len(whole) < left_out:
        samples = f"{len(whole)} of the {len(starts)} {SAMPLES[str(record.kind)]}"
        return OutputIndices(len(whole), left_out, f"only {samples} have a number for every case")
    rows = [start + offset for start in whole for offset in range(block)]
    compute = _sobol if record.kind == SOBOL_INDICES else _morris
    with warnings.catch_warnings():
        # SALib warns of constant samples, and numpy of divisions by 0. The indices are shown as undefined then.
        warnings.simplefilter("ignore")
        inputs, pairs = compute(record, rows, [numbers[row] for row in rows])
    rank = RANKED_BY[str(record.kind)]
    inputs.sort(key=lambda item: _descending(item.values[rank]))
    pairs.sort(key=lambda pair: _descending(None if pair.s2 is None else abs(pair.s2)))
    return OutputIndices(len(whole), left_out, None, inputs, pairs)


def title_of(kind: str, output: str) -> str:
    """Return the title of the indices of an output."""
    return f"Sobol' indices of {output}" if kind == SOBOL_INDICES else f"Elementary effects on {output}"


def rounded(number: Number, kind: str) -> str:
    """Return an index as text: a share with three decimals, an effect with three digits."""
    if number is None:
        return "undefined"
    # Adding 0 turns -0.0 into 0.0.
    return f"{round(number, 3) + 0.0:.3f}" if kind == SOBOL_INDICES else f"{number:.3g}"


def _descending(value: Number) -> float:
    return math.inf if value is None else -value


def _problem(record: DesignRecord) -> dict[str, Any]:
    names = list(record.columns)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _sobol(
    record: DesignRecord, _rows: Sequence[int], numbers: Sequence[Number]
) -> tuple[list[InputIndices], list[PairIndices]]:
    import numpy as np
    from SALib.analyze import sobol

    scaled, _ = scaled_down(np.array(numbers, dtype=float))
    second = bool(record.arguments.get("calc_second_order"))
    computed = sobol.analyze(
        _problem(record),
        scaled,
        calc_second_order=second,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=record.seed,
    )
    # Sobol' indices are shares of the variance, so the scale does not change them.
    inputs = _inputs(record, computed, 1.0)
    names = record.columns
    pairs = [
        PairIndices((names[i], names[j]), finite(computed["S2"][i, j]), finite(computed["S2_conf"][i, j]))
        for i in range(len(names) if second else 0)
        for j in range(i + 1, len(names))
    ]
    return inputs, pairs


def _morris(
    record: DesignRecord, rows: Sequence[int], numbers: Sequence[Number]
) -> tuple[list[InputIndices], list[PairIndices]]:
    import numpy as np
    from SALib.analyze import morris

    scaled, scale = scaled_down(np.array(numbers, dtype=float))
    computed = morris.analyze(
        _problem(record),
        np.array([record.points[row] for row in rows], dtype=float),
        scaled,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        num_levels=int(record.arguments["num_levels"]),
        seed=record.seed,
    )
    return _inputs(record, computed, scale), []


def _inputs(record: DesignRecord, computed: Any, scale: float) -> list[InputIndices]:  # noqa: ANN401 - a dict of SALib
    fields = FIELDS[str(record.kind)]
    return [
        InputIndices(name, {field: finite(computed[field][index] * scale) for field in fields})
        for index, name in enumerate(record.columns)
    ]
