"""Draw malformed JSON: values of other types, huge numbers, deep lists, truncated and corrupted bytes."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

# JSON that no Python value stands for: put in by its text.
TEXTS = {
    "NAN": "NaN",
    "INFINITE": "-Infinity",
    "BEYOND": "1e999",
    "DIGITS": "9" * 400,
    "MORE DIGITS": "9" * 5000,
    "DEEP": "[" * 90 + "]" * 90,
    "DEEPER": "[" * 400 + "]" * 400,
    "DEEPEST": "[" * 3000 + "]" * 3000,
    "DEEP OBJECT": '{"a":' * 400 + "1" + "}" * 400,
    "HALF": '"a\\ud800"',
    "TWICE": '{"type": "float", "type": 1}',
}
odd = st.sampled_from(
    [
        *(f"%%{name}%%" for name in TEXTS),
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "\x00",
        "\x1b[2J",
        "://dataframe",
        "nan",
        [],
    ]
)
leaves = odd | st.text(max_size=5) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def written(value: Any) -> bytes:
    """Return a value as JSON bytes, including values that Python cannot represent."""
    text = json.dumps(value)
    for name, json_text in TEXTS.items():
        text = text.replace(f'"%%{name}%%"', json_text)
    return text.encode()


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> bytes:
    """Draw a document in which a few values are replaced or missing, or bytes are corrupted."""
    result = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 3))):
        result = _changed(draw, result)
    body = written(result)
    if draw(st.integers(0, 3)) == 0 and body:
        at = draw(st.integers(0, len(body) - 1))
        body = draw(
            st.sampled_from(
                [body[:at], body[:at] + b"\xff" + body[at:], body[:at] + b'"' + body[at:], b"\xef\xbb\xbf" + body]
            )
        )
    return body


def _changed(draw: st.DrawFn, document: Any) -> Any:
    """Change one value at a random depth."""
    if not isinstance(document, dict | list) or not document or draw(st.integers(0, 5)) == 0:
        return draw(values)
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = draw(st.sampled_from(keys))
    if draw(st.integers(0, 5)) == 0:
        del document[key]
    else:
        document[key] = _changed(draw, document[key])
    return document
