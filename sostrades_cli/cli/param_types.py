"""The types of arguments that commands share: studies, parameters, time spans, folders."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, Final

import click

from sostrades_cli.operations.study import reference

_NUMBER: Final = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
# Larger units stand before smaller ones, each at most once: `1h30m`, `2 days 6 hours`.
_DURATION: Final = re.compile(
    rf"(?:{_NUMBER}\s*(?:d|days?))?\s*(?:{_NUMBER}\s*(?:h|hrs?|hours?))?\s*"
    rf"(?:{_NUMBER}\s*(?:m|mins?|minutes?))?\s*(?:{_NUMBER}\s*(?:s|secs?|seconds?))?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS_ONLY: Final = re.compile(_NUMBER, re.ASCII)
# A century: what is longer is a slip, and no clock can add it to a date.
_LONGEST_S: Final = 100 * 365 * 86_400.0
_UNITS_S: Final = (86_400.0, 3600.0, 60.0, 1.0)


class StudyParamType(click.ParamType[int]):
    """A study: its number, a link to its page, an alias, or its own name."""

    name = "study"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Return the number of the study."""
        if isinstance(value, int):
            return value
        try:
            return reference.study_number(str(value), _known(ctx))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class StudiesParamType(click.ParamType[tuple[int, ...]]):
    """Several studies, separated by commas."""

    name = "studies"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:  # noqa: ANN401 - click's signature
        """Return their numbers, each once."""
        if isinstance(value, tuple):
            return value
        return tuple(dict.fromkeys(STUDY.convert(part, param, ctx) for part in str(value).split(",")))


class SideParamType(click.ParamType[int | Path]):
    """A study, or the folder of an exported one: whatever does not name a study is a folder."""

    name = "side"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | Path:  # noqa: ANN401 - click's signature
        """Return the number of a study, or a path."""
        try:
            return reference.side(str(value), _known(ctx))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _known(ctx: click.Context | None) -> reference.KnownStudies | None:
    if ctx is None or ctx.obj is None:
        return None
    return reference.KnownStudies(ctx.obj.aliases, ctx.obj.named_studies)


class DurationParamType(click.ParamType[float]):
    """A time span: seconds, or days, hours, minutes and seconds such as ``90s``, ``10 min``, ``1h30m``, ``1d``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's signature
        """Return seconds."""
        if isinstance(value, float):
            return value
        seconds = _seconds(str(value).strip())
        if not 0 < seconds <= _LONGEST_S:
            self.fail(f"{value!r:.80} is not a time span: seconds, or for example 90s, 10 min, 1h30m, 1d", param, ctx)
        return seconds


def _seconds(text: str) -> float:
    """Return the seconds of a time span, 0 if the text is none."""
    if _SECONDS_ONLY.fullmatch(text):
        return float(text)
    match = _DURATION.fullmatch(text)
    return sum(float(n) * unit for n, unit in zip(match.groups("0"), _UNITS_S, strict=True)) if match else 0.0


class FiniteParamType(click.FloatRange):
    """A number from zero on that is one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's signature
        """Return it."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value!r} is no finite number", param, ctx)
        return found


class FolderParamType(click.Path):
    """A folder that is named: no name at all would be the current one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's signature
        """Return its path."""
        if not str(value).strip():
            self.fail("a folder needs a name; `.` is the current one", param, ctx)
        return super().convert(value, param, ctx)


class KeyParamType(click.types.StringParamType):
    """The name of a parameter, or as much of it as the command takes."""

    name = "key"


class AssignmentParamType(click.types.StringParamType):
    """``KEY=VALUE``: a parameter and what it is to hold."""

    name = "assignment"


class WordParamType(click.types.StringParamType):
    """A word of a list that is not fixed, such as the names of aliases; ``name`` says which."""

    def __init__(self, name: str) -> None:
        self.name = name


STUDY: Final = StudyParamType()
STUDIES: Final = StudiesParamType()
SIDE: Final = SideParamType()
DURATION: Final = DurationParamType()
SPREAD: Final = FiniteParamType(min=0.0)
FOLDER: Final = FolderParamType(path_type=Path)
KEY: Final = KeyParamType()
ASSIGNMENT: Final = AssignmentParamType()
ALIAS: Final = WordParamType("alias")
PROFILE: Final = WordParamType("profile")
SETTING: Final = WordParamType("setting")
STORED_SETTING: Final = WordParamType("stored setting")
SETTING_VALUE: Final = WordParamType("value of a setting")


def studies_of(ctx: click.Context) -> list[int]:
    """Return the numbers of the studies that a command line named."""
    found: list[int] = []
    for param in ctx.command.params:
        if isinstance(param.type, StudyParamType | StudiesParamType | SideParamType):
            value = ctx.params.get(param.name or "")
            found += [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, int)]
    return found
