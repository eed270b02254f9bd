"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sostrades_cli.errors import SostradesError

OK: Final = "ok"
WARNING: Final = "warning"
FAILED: Final = "failed"
NOT_CHECKED: Final = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, ``ok``, ``warning``, ``failed`` or ``not checked``, what was found, and what to do."""

    name: str
    state: str
    found: str
    advice: str | None = None
    error: SostradesError | None = None


def ok(name: str, result: str) -> Check:
    """Return a check that found all well."""
    return Check(name, OK, result)


def warning(name: str, result: str, advice: str | None = None) -> Check:
    """Return a check that found what can be lived with."""
    return Check(name, WARNING, result, advice)


def failed(name: str, error: SostradesError) -> Check:
    """Return a check that failed, in the words of its error."""
    found = f"{error.message} ({error.detail})" if error.detail and "\n" not in error.detail else error.message
    return Check(name, FAILED, found, error.hint, error)


def not_checked(name: str, why: str, advice: str | None = None) -> Check:
    """Return a check that could not be made."""
    return Check(name, NOT_CHECKED, why, advice)
