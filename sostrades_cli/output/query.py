"""The option ``--query``: a JMESPath expression applied to the result of ``-F json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from sostrades_cli.errors import UsageError
from sostrades_cli.output import text
from sostrades_cli.output.results import Rows, Text

if TYPE_CHECKING:
    from sostrades_cli.output.messages import Messages

# Expressions whose first part selects from the whole result.
_PROJECTIONS: Final = frozenset({"projection", "filter_projection", "flatten"})
_CHAINS: Final = _PROJECTIONS | {"subexpression", "index_expression", "value_projection", "pipe"}


def check_query(query: str) -> None:
    """Reject an invalid expression before any request is sent.

    Raises
    ------
    UsageError
        The text is not a JMESPath expression, or calls a function that does not exist.

    """
    try:
        jmespath.compile(query).search({})
    except JMESPathTypeError:
        return  # a type error depends on the data, which does not exist yet
    except (JMESPathError, ValueError, RecursionError) as error:
        raise _bad(query, error) from error


def queried(result: Rows | Text, query: str, notes: Messages) -> Rows | Text:
    """Apply a query to the result of ``-F json``."""
    payload = text.objects(result) if result.payload is None and isinstance(result, Rows) else result.payload
    answer = search(query, payload)
    # Scripts expect JSON only on both streams, and `null` is the answer of JMESPath.
    if answer in (None, []) and notes.stream.isatty() and (why := missing_field(query, payload)) is not None:
        notes.always().warning(f"--query found nothing: {why}")
    if isinstance(answer, list) and answer and all(isinstance(item, dict) for item in answer):
        columns = tuple(dict.fromkeys(key for item in answer for key in item))
        rows = [tuple(item.get(column) for column in columns) for item in answer]
        return Rows(columns, rows, payload=answer, notes=result.notes, failure=result.failure)
    items = answer if isinstance(answer, list) else [answer]
    return Text("\n".join(map(text.plain, items)), answer, notes=result.notes, failure=result.failure)


def search(query: str, payload: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return the result of an expression for a payload.

    Raises
    ------
    UsageError
        The expression does not fit the data.

    """
    try:
        answer = jmespath.search(query, payload)
        json.dumps(answer)
    except (JMESPathError, ValueError, TypeError, RecursionError) as error:
        # The library also raises ValueError (a step of 0) and returns values that are not JSON (`&a`).
        raise _bad(query, error) from error
    return answer


def missing_field(query: str, payload: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    """Return why an expression without a result found nothing: its first field does not exist. ``None`` if it does.

    JMESPath has ``null`` for a field that does not exist, so only this shows a misspelt one.
    """
    node = jmespath.compile(query).parsed
    while node["type"] in _CHAINS:
        first, *others = node["children"]
        each = node["type"] in _PROJECTIONS and first["type"] in {"identity", "flatten"}
        items = [item for item in payload if isinstance(item, dict)] if each and isinstance(payload, list) else []
        if items and others:
            node, payload = others[0], {name: None for item in items for name in item}
        else:
            node = first
    if node["type"] != "field" or (isinstance(payload, dict) and node["value"] in payload):
        return None
    name = node["value"]
    if isinstance(payload, list):
        return f"the result is a list: use [].{name} for a field of its items"
    if not isinstance(payload, dict):
        return "the result is a single value, which has no fields"
    return f"there is no field {name!r}. The result has {text.listed(list(payload)) or 'no fields'}"


def raw_lines(answer: Any) -> list[str]:  # noqa: ANN401 - JSON of any shape
    """Return the result of a query as bare lines: one per item of a list, whose own items are separated by tabs.

    Texts have no quotes, and a missing value is an empty line.
    """
    items = answer if isinstance(answer, list) else [answer]
    return ["\t".join(map(text.plain, item)) if isinstance(item, list) else text.plain(item) for item in items]


def _bad(query: str, error: Exception) -> UsageError:
    return UsageError(
        f"cannot apply --query {query!r:.80}",
        detail=_reason(error),
        hint="correct the expression. The syntax is JMESPath: https://jmespath.org",
    )


def _reason(error: Exception) -> str:
    """Return the reason of a failed expression; the library's own text of a wrong type contains the whole value."""
    if isinstance(error, JMESPathTypeError):
        return f"{error.function_name}() takes {' or '.join(error.expected_types)}, got {error.actual_type}"
    return str(error)
