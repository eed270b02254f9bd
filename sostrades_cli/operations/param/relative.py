"""Relative values: KEY=+10%, KEY=-5% and KEY*=1.1 become numbers before anything is sent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES
from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.local.journal import DONE, RESTORED
from sostrades_cli.operations.param.metadata import present_value
from sostrades_cli.operations.tables.equality import equal
from sostrades_cli.output.text import brief, with_article
from sostrades_cli.safe_parsers import NotADoubleError, double

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.local.journal import Journal
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.metadata import ParameterInfo

_PERCENT: Final = re.compile(rf"([+-])({number_text.UNSIGNED})%", re.ASCII)
NUMBERS: Final = frozenset({"int", "float"})
TABLES: Final = frozenset({"dataframe", "array"})
_NEVER_TEXT: Final = TABLES | {"bool", *LIST_TYPES, *DICT_TYPES}


@dataclass(frozen=True, slots=True)
class Relative:
    """A factor for the present value, exact; ``text`` is what the user typed: ``+10%`` or ``*1.1``."""

    factor: Fraction
    text: str

    @property
    def may_be_text(self) -> bool:
        """Whether a parameter of another type takes the text itself."""
        return self.text.endswith("%")


def absolute(assignment: Assignment, info: ParameterInfo, journal: Journal, *, force: bool) -> Assignment:
    """Return the assignment of the number that a relative value means, or of its text for a type without numbers.

    ``force`` applies it even if an earlier command may have done so.

    Raises
    ------
    InvalidValue
        The value of the parameter is not a number, or may already include the change.

    """
    change = assignment.relative
    # A string may really be `+10%`.
    if change is None or (change.may_be_text and info.type is not None and info.type not in NUMBERS | _NEVER_TEXT):
        return replace(assignment, relative=None)
    kind = number_type(change, info.type, info.name)
    old = present_value(info, None, journal)
    if not force:
        require_first_time(change, old, info.name, journal)
    return replace(assignment, value=applied(change, old, kind, info.name), relative=None)


def percent(text: str) -> Relative | None:
    """Return the factor of ``+10%`` or ``-5%``, ``None`` for any other text: ``+1`` is a number."""
    match = _PERCENT.fullmatch(text.strip())
    if match is None:
        return None
    sign, number = match.groups()
    share = _fraction(number) / 100
    return Relative(1 + share if sign == "+" else 1 - share, text.strip())


def multiple(text: str, key: str) -> Relative:
    """Return the factor of ``KEY*=FACTOR``.

    Raises
    ------
    UsageError
        It is not a number.

    """
    plain = text.strip()
    if not number_text.is_number(plain):
        raise UsageError(
            f"{key}*= needs a number, got {text!r}", hint=f"write {key}*=1.1. To use a glob, write '{key}*:=JSON'"
        )
    return Relative(_fraction(plain), f"*{plain}")


def _fraction(text: str) -> Fraction:
    try:
        double(text)
        return Fraction(text)
    except (NotADoubleError, ValueError) as error:
        # Python converts no number with thousands of digits exactly.
        raise UsageError(f"{text:.20} cannot be a factor", hint="give a number with fewer digits") from error


def number_type(relative: Relative, kind: str | None, name: str) -> str:
    """Return the type of a parameter or an entry that takes a relative value.

    Raises
    ------
    InvalidValue
        The type is another one, or unknown.

    """
    if kind is None:
        raise InvalidValue(
            f"the type of {name} is unknown on this server, so {relative.text} has no meaning",
            hint=f"give the value itself: {name}=NUMBER",
        )
    if kind not in NUMBERS:
        raise InvalidValue(
            f"{name} is {with_article(kind)}, and only int and float take {relative.text}",
            hint=f"give a file: {name}=@FILE.csv" if kind in TABLES else f"give the value itself: {name}=VALUE",
        )
    return kind


def applied(relative: Relative, old: Json, kind: str, name: str) -> int | float:
    """Return the new value of an ``int`` or a ``float``.

    Raises
    ------
    InvalidValue
        There is no number to start from, or the result is not an int or too large.

    """
    if isinstance(old, bool) or not isinstance(old, int | float) or not math.isfinite(old):
        raise InvalidValue(
            f"{name} has no number now, so {relative.text} has nothing to start from ({brief(old)})",
            hint=f"give the value itself: {name}=NUMBER",
        )
    # Decimal fractions are exact: 0.3 and 10 % give 0.33, not 0.33000000000000002.
    result = Fraction(repr(old)) * relative.factor
    if kind == "int" and result.denominator == 1:
        return int(result)
    try:
        number = float(result)
    except OverflowError as error:
        raise InvalidValue(f"{name} would be out of the range of a double", hint="give a smaller factor") from error
    if kind == "int":
        raise InvalidValue(
            f"{name} is an int, but {old} {relative.text} is {number}",
            hint=f"give a whole number: {name}={round(result)}",
        )
    return number


def require_first_time(relative: Relative, old: Json, key: str, journal: Journal) -> None:
    """Reject a relative value that may have been applied already, by a command whose outcome is unknown.

    Raises
    ------
    InvalidValue
        The study has the value that such a command sent.

    """
    for entry in reversed(journal.entries()):
        for change in entry.changes:
            if change.key != key:
                continue
            if entry.outcome not in {DONE, RESTORED} and not change.any_new and equal(change.new, old):
                raise InvalidValue(
                    f"{key} may already include {relative.text}: it is {brief(old)}, as entry {entry.entry} of the "
                    f"history wanted ({brief(change.old)} → {brief(change.new)}, outcome: {entry.outcome})",
                    hint="give the value itself, or add --force to apply it again",
                )
            # Only the last change of a parameter can be the one whose outcome is unknown.
            return


def factor_in_file(key: str, value: str, where: str) -> UsageError | None:
    """Return the error for a factor in a file, ``None`` if the value is not a number.

    A file describes a state, which a second run must not change again.
    """
    try:
        float(value)
    except ValueError:
        return None
    return UsageError(
        f"{where}: {key} ends in *, but a multiplication is possible only on the command line",
        hint=f"write the new value, or type `{key}=FACTOR` after `sostrades param set STUDY`",
    )
