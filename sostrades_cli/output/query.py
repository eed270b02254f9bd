"""``--query``: a JMESPath expression over what ``-F json`` would print."""

from __future__ import annotations

import json
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from sostrades_cli.errors import UsageError


def check_query(query: str) -> None:
    """Refuse an expression that no answer could satisfy, before anything is asked.

    Raises
    ------
    UsageError
        It is no JMESPath expression, or calls a function that does not exist.

    """
    try:
        jmespath.compile(query).search({})
    except JMESPathTypeError:
        return  # it tells of the data, which is not there yet
    except (JMESPathError, ValueError, RecursionError) as error:
        raise _bad(query, error) from error


def search(query: str, payload: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return what an expression finds in a payload.

    Raises
    ------
    UsageError
        It does not fit the data.

    """
    try:
        found = jmespath.search(query, payload)
        json.dumps(found)
    except (JMESPathError, ValueError, TypeError, RecursionError) as error:
        # The library's own errors are not all: a step of 0 is a ValueError, `&a` finds what is no JSON.
        raise _bad(query, error) from error
    return found


def _bad(query: str, error: Exception) -> UsageError:
    return UsageError(
        f"--query {query!r:.80} cannot be applied", detail=str(error), hint="the language is JMESPath: jmespath.org"
    )
