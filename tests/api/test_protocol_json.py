"""Test the server's JSON: standard JSON is read exactly, and anything else is rejected."""

from __future__ import annotations

import json
import time

import pytest

from sostrades_cli.api.models import parameters_from_api
from sostrades_cli.api.protocol import parse_json
from sostrades_cli.errors import UnusableAnswer


def document(value: str, padding: int = 0) -> bytes:
    """Return a JSON object with this value, followed by some megabytes."""
    return f'{{"value": {value}, "padding": "{"x" * padding}"}}'.encode()


@pytest.mark.parametrize("padding", [0, 10_000_000])
@pytest.mark.parametrize(
    "value",
    [
        "0.1",
        "1e22",
        "1.7976931348623157e308",
        "5e-324",
        "123456789012345678901234567890",
        "-0.0",
        '"caf\\u00e9"',
        '"\\ud800"',
        "[[], {}]",
    ],
)
def test_values_are_exact(value: str, padding: int) -> None:
    result = parse_json(document(value, padding), {})["value"]
    assert (repr(result), type(result)) == (repr(json.loads(value)), type(json.loads(value)))


@pytest.mark.parametrize("padding", [0, 10_000_000])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "[1,]", "01", "'a'", "1e999", '[{"a": -1e999}]', '1, "value": 2'])
def test_other_documents_are_rejected(value: str, padding: int) -> None:
    with pytest.raises(UnusableAnswer):
        parse_json(document(value, padding), {})


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("field", ["value", "unit", "more"])
def test_deep_nesting_is_rejected_in_any_field(field: str, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    fields = f'"{field}": {opening * 500}1{closing * 500}'
    with pytest.raises(UnusableAnswer, match="nested"):
        parse_json(f'{{"a.b": {{"type": "float", {fields}}}}}'.encode(), {})


@pytest.mark.slow
def test_time_grows_linearly_with_the_parameters() -> None:
    """Ten times the parameters take less than 40 times as long. Quadratic growth would take 100 times."""

    def took_s(count: int) -> float:
        entry = {"type": "list", "unit": "-", "var_name": "b", "value": [0.5] * 10, "optional": False}
        body = json.dumps({f"study.discipline.parameter_{number}": entry for number in range(count)}).encode()
        times = []
        for _ in range(5):
            began = time.process_time()
            assert len(parameters_from_api(parse_json(body, {}))) == count
            times.append(time.process_time() - began)
        return min(times)

    assert took_s(50_000) < 40 * took_s(5_000)
