"""Convert an analysis to JSON. ``docs/schemas/v1/analysis.json`` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sostrades_cli.operations.calc.analyze.indices import CONFIDENCE

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.analyze.analysis import Analysis, AnalyzedOutput
    from sostrades_cli.operations.calc.analyze.indices import OutputIndices


def document_of(analysis: Analysis) -> dict[str, Any]:
    """Return the analysis as a JSON document. Undefined numbers are null."""
    record = analysis.record
    design = None if record is None else {"method": record.method, "n": record.n, "seed": record.seed}
    return {
        "study": analysis.study,
        "name": analysis.name,
        "server": analysis.server,
        "time": analysis.time.isoformat(timespec="seconds"),
        "cases": {"file": analysis.cases_file, "total": len(analysis.cases), "failed": analysis.failed},
        "design": design,
        "inputs": [
            {"key": column.name, "kind": "number" if column.is_number else "text"} for column in analysis.inputs
        ],
        "indices": analysis.kind,
        "reason": analysis.reason,
        "confidence": None if analysis.kind is None else CONFIDENCE,
        "outputs": [_output(output) for output in analysis.outputs],
        "left_out": [{"key": output.name, "reason": output.reason} for output in analysis.left_out],
    }


def _output(output: AnalyzedOutput) -> dict[str, Any]:
    indices = None if output.indices is None else _indices(output.indices)
    return {"key": output.column.name, "statistics": asdict(output.summary), "indices": indices}


def _indices(indices: OutputIndices) -> dict[str, Any]:
    return {
        "samples": indices.samples,
        "samples_left_out": indices.left_out,
        "reason": indices.reason,
        "inputs": [{"key": item.name, **item.values} for item in indices.inputs],
        "pairs": [{"keys": list(pair.names), "S2": pair.s2, "S2_conf": pair.s2_conf} for pair in indices.pairs],
    }
