"""Apply a function to all inputs and report the errors of all wrong ones, so that they can be corrected at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHOWN_ERRORS: Final = 10
InputError: TypeAlias = NotFound | UsageError
Item = TypeVar("Item")
Result = TypeVar("Result")


def map_all(function: Callable[[Item], Result], items: Sequence[Item], failure: str) -> list[Result]:
    """Return the results of all items.

    ``failure`` ends the message for several errors: "2 of 3 ``failure``".

    Raises
    ------
    NotFound, UsageError
        An item is wrong. The error of several has them as causes, and the class of the most severe.

    """
    return results_of(attempt_all(function, items), len(items), failure)


def attempt_all(
    function: Callable[[Item], Result], items: Sequence[Item], *, most: int | None = None
) -> list[Result | InputError]:
    """Return the result or the error of each item, for a caller that finds further errors in the rest.

    ``most`` is the number of errors after which the remaining items are left out, for functions that send requests.
    """
    outcomes: list[Result | InputError] = []
    errors = 0
    for item in items:
        try:
            outcomes.append(function(item))
        # Only wrong input is collected. Any other error, such as a lost connection, would come back for each item.
        except (NotFound, UsageError) as error:
            outcomes.append(error)
            errors += 1
        if errors == most:
            break
    return outcomes


def results_of(outcomes: Sequence[Result | InputError], total: int, failure: str) -> list[Result]:
    """Return the results of ``attempt_all`` for ``total`` items, or raise its errors as ``map_all`` does."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, NotFound | UsageError)]
    if errors:
        # The items behind the last error were not tried, and may be wrong as well.
        bound = "at least " if len(outcomes) < total else ""
        raise _together(errors, f"{bound}{len(errors)} of {total} {failure}")
    return [outcome for outcome in outcomes if not isinstance(outcome, NotFound | UsageError)]


def _together(errors: Sequence[InputError], message: str) -> InputError:
    worst = max(errors, key=severity)
    if len(errors) == 1:
        return worst
    # A hint that all errors share is written once, below their list.
    same_hint = len({error.hint for error in errors}) == 1
    lines = [_line(error, with_hint=not same_hint) for error in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"and {len(errors) - SHOWN_ERRORS} more")
    hint = worst.hint if same_hint else "correct these, then run the command again"
    together = worst.reworded(message, detail="\n".join(lines), hint=hint)
    together.causes = tuple(errors)
    return together


def _line(error: InputError, *, with_hint: bool) -> str:
    notes = ([error.detail] if error.detail else []) + ([f"try: {error.hint}"] if error.hint and with_hint else [])
    return f"{error.message} ({', '.join(notes)})" if notes else error.message
