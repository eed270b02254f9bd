"""Apply a function to all inputs and report the errors of all wrong ones, so that they can be corrected at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sostrades_cli.errors import NotFound, SostradesError, UsageError
from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHOWN_ERRORS: Final = 10
InputError: TypeAlias = NotFound | UsageError
Item = TypeVar("Item")
Result = TypeVar("Result")
Failure = TypeVar("Failure", bound=SostradesError)


def map_all(
    function: Callable[[Item], Result], items: Sequence[Item], failure: str, *, most: int | None = None
) -> list[Result]:
    """Return the results of all items.

    ``failure`` ends the message for several errors: "2 of 3 ``failure``". ``most`` is the number of errors after which
    the remaining items are left out, for functions that send requests.

    Raises
    ------
    NotFound, UsageError
        An item is wrong. The error of several has them as causes, and the class of the most severe.

    """
    results: list[Result] = []
    errors: list[InputError] = []
    for item in items:
        try:
            results.append(function(item))
        # Only wrong input is collected. Any other error, such as a lost connection, would come back for each item.
        except (NotFound, UsageError) as error:
            errors.append(error)
        if len(errors) == most:
            break
    if errors:
        raise joint_error(errors, failure, total=len(items), tried=len(results) + len(errors))
    return results


def joint_error(errors: Sequence[Failure], failure: str, *, total: int, tried: int) -> Failure:
    """Return the error of several wrong items, with them as causes; ``tried`` of ``total`` items were tried."""
    worst = max(errors, key=severity)
    if len(errors) == 1:
        return worst
    # A hint that all errors share is written once, below their list.
    same_hint = len({error.hint for error in errors}) == 1
    lines = [_line(error, with_hint=not same_hint) for error in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"and {len(errors) - SHOWN_ERRORS} more")
    hint = worst.hint if same_hint else "correct these, then run the command again"
    # The items behind the last error may be wrong as well.
    bound = "at least " if tried < total else ""
    error = worst.reworded(f"{bound}{len(errors)} of {total} {failure}", detail="\n".join(lines), hint=hint)
    error.causes = tuple(errors)
    return error


def _line(error: SostradesError, *, with_hint: bool) -> str:
    notes = ([error.detail] if error.detail else []) + ([f"try: {error.hint}"] if error.hint and with_hint else [])
    return f"{error.message} ({', '.join(notes)})" if notes else error.message
