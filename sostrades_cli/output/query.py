"""The option ``--query``: a JMESPath expression applied to the result of ``-F json``."""

from __future__ import annotations

import json
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from sostrades_cli.errors import UsageError


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
