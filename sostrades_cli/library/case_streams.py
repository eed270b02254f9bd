"""Cases of a sweep from an iterator of dicts."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from sostrades_cli.errors import UsageError
from sostrades_cli.library.python_values import assignments, given
from sostrades_cli.operations.calc.sweep.case_rows import NAMES
from sostrades_cli.operations.calc.sweep.case_stream import CaseStream, NewCase
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.operations.param.assignments import Assignment

_EXAMPLE = 'for example iter([{"Macro.gamma": 0.3}]), or a DataFrame'


def case_stream(cases: Iterable[Any], inputs: Sequence[str] | None, new_file: Callable[[], Path]) -> CaseStream:
    """Return the cases of an iterator. Without ``inputs``, the first case is read at once for its keys.

    Raises
    ------
    UsageError
        The object is not an iterator of dicts, or it has no case.

    """
    # A dict is iterable, too, but it is a single case.
    if hasattr(cases, "items") or not hasattr(cases, "__iter__"):
        raise UsageError(f"cases are a table or an iterator, got {with_article(type(cases).__name__)}", hint=_EXAMPLE)
    iterator = iter(cases)
    if inputs is None:
        first = next(iterator, None)
        if first is None:
            raise UsageError("the iterator has no case", hint=_EXAMPLE)
        inputs, iterator = [key for key in _require_dict(first) if key not in NAMES], chain([first], iterator)
    if not inputs:
        raise UsageError("the first case sets no parameter", hint="list the parameters of all cases in `inputs`")
    return CaseStream(tuple(inputs), _new_cases(iterator, new_file))


def _new_cases(cases: Iterable[Mapping[str, Any]], new_file: Callable[[], Path]) -> Iterator[NewCase]:
    for case in cases:
        values = dict(given(_require_dict(case)))
        # The rest of the values are parameters.
        names = [str(values.pop(key)) for key in NAMES if key in values]
        yield NewCase(next(iter(names), None), [_shown(item) for item in assignments(values, new_file)])


def _require_dict(case: Mapping[str, Any]) -> Mapping[str, Any]:
    if not hasattr(case, "items"):
        raise UsageError(f"a case is a dict of keys and values, got {with_article(type(case).__name__)}", hint=_EXAMPLE)
    return case


def _shown(item: Assignment) -> Assignment:
    """Add the text that a table has in the results."""
    return replace(item, text=item.label or str(item.file)) if item.file is not None else item
