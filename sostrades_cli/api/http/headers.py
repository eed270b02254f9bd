"""Headers of answers: how long to wait, and where to go."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read Retry-After, in seconds or as a date; ``None`` where there is none that can be read."""
    if header is None:
        return None
    try:
        return max(0.0, float(int(header)))
    except OverflowError:
        return math.inf
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None  # no date, or one before or after all that there are


def same_origin(first: str, other: str) -> bool:
    """Tell whether two URLs share scheme, host and port."""
    try:
        return _origin(first) == _origin(other)
    except ValueError:
        return False  # an address that is none, such as one with port 99999


def leads_somewhere(location: str) -> bool:
    """Tell whether the address of a redirect is one that can be gone to."""
    try:
        parts = urlsplit(location)
        return parts.scheme in {"", "http", "https"} and parts.port != 0 and bool(parts.hostname or not parts.scheme)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
