"""The result of a check of ``sostrades doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import CHECK_NETWORK

if TYPE_CHECKING:
    from sostrades_cli.errors import SostradesError

OK: Final = "ok"
WARNING: Final = "warning"
FAILED: Final = "failed"
NOT_CHECKED: Final = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """A check: name, state (``ok``, ``warning``, ``failed``, ``not checked``), result text, and advice."""

    name: str
    state: str
    result: str
    advice: str | None = None
    error: SostradesError | None = None


def ok(name: str, result: str) -> Check:
    """Return a passed check."""
    return Check(name, OK, result)


def warning(name: str, result: str, advice: str | None = None) -> Check:
    """Return a check with a problem that does not prevent work."""
    return Check(name, WARNING, result, advice)


def failed(name: str, error: SostradesError) -> Check:
    """Return a failed check with the text of its error."""
    text = f"{error.message} ({error.detail})" if error.detail and "\n" not in error.detail else error.message
    if error.hint == CHECK_NETWORK:
        # The usual advice is to run `sostrades doctor`, which is running now.
        error.hint = "check the address and your VPN"
    return Check(name, FAILED, text, error.hint, error)


def not_checked(name: str, reason: str, advice: str | None = None) -> Check:
    """Return a skipped check with its reason."""
    return Check(name, NOT_CHECKED, reason, advice)
