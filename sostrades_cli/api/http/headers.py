"""Parsers of response headers: Retry-After and Location."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return the wait of a Retry-After header, in seconds or as a date; ``None`` if it cannot be parsed."""
    if header is None:
        return None
    try:
        # Only whole seconds are valid. float() would also accept nan.
        return max(0.0, float(int(header)))
    except OverflowError:
        return math.inf
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
        # A date with the zone -0000 has no tzinfo.
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None  # not a date, or outside the range of datetime


def same_origin(first: str, other: str) -> bool:
    """Return whether two URLs share scheme, host and port."""
    try:
        return _origin(first) == _origin(other)
    except ValueError:
        return False  # an invalid URL, such as one with port 99999


def is_usable_location(location: str) -> bool:
    """Return whether a Location header is a usable http(s) URL."""
    try:
        parts = urlsplit(location)
        # A relative address has neither scheme nor host.
        return parts.scheme in {"", "http", "https"} and parts.port != 0 and bool(parts.hostname or not parts.scheme)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
