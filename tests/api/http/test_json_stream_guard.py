"""Test JSON that would crash or block the process that parses it."""

from __future__ import annotations

import json

import pytest

from sostrades_cli.api.http.json_stream_guard import guarded
from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.operations.postproc.stream_checks import one_json_object
from sostrades_cli.plotly_figures.chart import charts_from_api

HARMFUL = {
    "a number of 5,000 digits": b'{"d": [{"data": [{"y": [' + b"7" * 5000 + b"]}]}]}",
    "lists in lists": b'{"d": ' + b"[" * 100_000,
    "lists in lists, spread": b'{"d": ' + b"[ \n" * 100_000,
    "objects in objects": b'{"a":' * 100_000,
    "half a character": b'{"d": [{"layout": {"title": {"text": "\\udc00x"}}}]}',
    "bytes that are no text": b'{"d": [{"layout": {"title": {"text": "\xed\xa0\x80"}}}]}',
    "an exponent beyond any": b'{"d": [{"data": [{"y": [1e9999999999999999999]}]}]}',
}


@pytest.mark.parametrize("name", HARMFUL)
@pytest.mark.parametrize("size", [7, 65536])
def test_harmful_json_is_an_invalid_answer(name: str, size: int) -> None:
    """Any split into chunks gives the same error."""
    chunks = [HARMFUL[name][at : at + size] for at in range(0, len(HARMFUL[name]), size)]
    for reader in (charts_from_api, one_json_object):
        try:
            list(reader(chunks))
        except UnusableAnswer:
            continue
        # What is no harm to a reader may pass it.
        assert name in {"half a character", "bytes that are no text", "an exponent beyond any"}


def test_large_answer_is_accepted() -> None:
    """Long charts, and strings with brackets."""
    body = json.dumps({"d": [{"data": [{"y": [0.123456789] * 100_000, "name": "[" * 100 + "9" * 500}]}]}).encode()
    chunks = [body[at : at + 8191] for at in range(0, len(body), 8191)]
    assert b"".join(guarded([*chunks, b""])) == body
    [chart] = charts_from_api(chunks)
    assert chart.series()[0].points == 100_000
