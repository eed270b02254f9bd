"""Apply a function to all inputs and report the errors of all wrong ones, so that they can be corrected at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.errors import SostradesError

SHOWN_ERRORS: Final = 10
Item = TypeVar("Item")
Result = TypeVar("Result")


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
    errors: list[NotFound | UsageError] = []
    for item in items:
        try:
            results.append(function(item))
        except (NotFound, UsageError) as error:
            errors.append(error)
        if len(errors) == most:
            break
    if errors:
        bound = "at least " if len(errors) == most and len(errors) < len(items) else ""
        raise _together(errors, f"{bound}{len(errors)} of {len(items)} {failure}")
    return results


def _together(errors: Sequence[SostradesError], message: str) -> SostradesError:
    worst = max(errors, key=severity)
    if len(errors) == 1:
        return worst
    same_hint = len({error.hint for error in errors}) == 1
    lines = [_line(error, with_hint=not same_hint) for error in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"and {len(errors) - SHOWN_ERRORS} more")
    hint = worst.hint if same_hint else "correct these, then run the command again"
    together = worst.reworded(message, detail="\n".join(lines), hint=hint)
    together.causes = tuple(errors)
    return together


def _line(error: SostradesError, *, with_hint: bool) -> str:
    notes = ([error.detail] if error.detail else []) + ([f"try: {error.hint}"] if error.hint and with_hint else [])
    return f"{error.message} ({', '.join(notes)})" if notes else error.message
