"""The log of a CI system: annotations of failures, and groups of lines that it shows collapsed.

The lines of GitHub are workflow commands, those of GitLab are section marks.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# GitHub runs a line as a command if it starts with `::`, or has `##[` anywhere.
_COMMAND: Final = re.compile(r"(?m)^([^\S\n]*):(?=:)|#(?=#\[)")
# Of longer annotations GitHub shows only the beginning.
LONGEST: Final = 4000


class CiLog(Protocol):
    """The log of a CI system. All texts are escaped for a terminal before."""

    def safe(self, text: str) -> str:
        """Return the lines of a text so that the system does not interpret them."""

    def annotation(self, title: str, text: str) -> str | None:
        """Return the line that annotates a failure, or ``None`` if the system has no annotations."""

    def group(self, name: str, title: str, text: str, now: datetime) -> str:
        """Return the lines of a collapsed group. ``name`` is a word."""


class GithubLog:
    """The log of GitHub Actions."""

    def safe(self, text: str) -> str:
        """Return the lines of a text with the beginnings of commands in hexadecimal."""
        return _COMMAND.sub(lambda match: f"{match.group(1) or ''}\\x{ord(match.group()[-1]):02x}", text)

    def annotation(self, title: str, text: str) -> str:
        """Return the command for an error, which the page of the workflow shows."""
        return f"::error title={_property(title)}::{_data(text[:LONGEST])}"

    def group(self, name: str, title: str, text: str, now: datetime) -> str:  # noqa: ARG002 - GitLab needs them
        """Return a group in which no line is a command."""
        # Nobody can guess the word that makes GitHub read commands again.
        token = secrets.token_hex(16)
        return f"::group::{_data(title)}\n::stop-commands::{token}\n{text}\n::{token}::\n::endgroup::"


class GitlabLog:
    """The log of GitLab CI. Its section marks begin with escape characters, which other texts cannot have."""

    def safe(self, text: str) -> str:
        """Return the text."""
        return text

    def annotation(self, title: str, text: str) -> None:
        """Return nothing: GitLab has no annotations, and shows the end of the log of a failed job."""

    def group(self, name: str, title: str, text: str, now: datetime) -> str:
        """Return a collapsed section."""
        seconds = int(now.timestamp())
        start = f"\x1b[0Ksection_start:{seconds}:{name}[collapsed=true]\r\x1b[0K{title}"
        return f"{start}\n{text}\n\x1b[0Ksection_end:{seconds}:{name}\r\x1b[0K"


def ci_log(environ: Mapping[str, str]) -> CiLog | None:
    """Return the log of the CI system that runs this program, ``None`` if none does."""
    if environ.get("GITHUB_ACTIONS"):
        return GithubLog()
    return GitlabLog() if environ.get("GITLAB_CI") else None


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
