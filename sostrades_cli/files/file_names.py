"""File names for the names of parameters, cases and charts, safe on every system."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Two such names, and the folder of the user, fit into the 259 characters of a path on Windows.
LONGEST_FILE_NAME: Final = 120
LONGEST_FOLDER: Final = 40
LONGEST_READABLE: Final = 60
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._+=@-]+")
# Windows reserves these names in every folder, with any ending.
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
# Digits of the hash at the end of a name; more if eight do not make it unique.
_DIGITS: Final = (8, 32)


def safe_names(names: Iterable[str], longest: int = LONGEST_FILE_NAME) -> dict[str, str]:
    """Return the file name of each name. They cannot leave their folder, and are distinct also if case is ignored.

    A name that is a valid file name is kept, unless another one differs from it only in case. All others end with
    digits of their hash.
    """
    safe = {name: safe_name(name, longest) for name in names}
    for digits in _DIGITS:
        # Windows and macOS ignore case.
        count = Counter(file_name.casefold() for file_name in safe.values())
        safe = {
            name: file_name if count[file_name.casefold()] == 1 else _with_hash(name, longest, digits)
            for name, file_name in safe.items()
        }
    return safe


def safe_name(name: str, longest: int = LONGEST_FILE_NAME) -> str:
    """Return the file name of a single name; see ``safe_names``."""
    # Programs such as `rm *` would parse a leading dash as an option. Windows drops a final dot.
    plain = _UNSAFE.sub("_", name).lstrip(".-").rstrip(".")
    if plain == name and name and len(name) <= longest and not _DEVICE.fullmatch(name):
        return name
    return _with_hash(name, longest, _DIGITS[0])


def _with_hash(name: str, longest: int, digits: int) -> str:
    from hashlib import sha256

    plain = _UNSAFE.sub("_", name).lstrip(".-").rstrip(".")
    # With an ending or a suffix, a device name can still mean the device.
    plain = f"_{plain}" if _DEVICE.fullmatch(plain) else plain
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
    return f"{plain[:longest] or 'parameter'}-{digest}"


def readable_name(text: str) -> str:
    """Turn a text into a readable part of a file name; the result is not unique."""
    return _UNSAFE.sub("_", text)[:LONGEST_READABLE].strip("._")
