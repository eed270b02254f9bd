"""The types of arguments that commands share: studies, parameters, durations, folders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli.study_reference import study_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from sostrades_cli.cli.framework import CommandOptions
    from sostrades_cli.completion.candidates import Candidate, Candidates
    from sostrades_cli.completion.known_names import KnownNames
    from sostrades_cli.completion.picks import Pick
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.study_argument import KnownStudies

_ZERO: Final = r"[0.]+\s*(?:[dhms][a-z]*)?"
# A century. A longer duration is a mistake, and may overflow a date.
_LONGEST_S: Final = 100 * 365 * 86_400.0
_UNITS_S: Final = (86_400.0, 3600.0, 60.0, 1.0)


class StoredNames(click.ParamType[Any]):
    """A type with names that are stored on this machine: for completion, and to pick one that was left out.

    ``source`` is the command after which there are such names; ``{study}`` stands for the study.
    """

    source = ""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's signature
        """Return the candidates for an incomplete word."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(word, help=text or None) for word, text in self.offer(_candidates(ctx), incomplete)]

    def picks(self, ctx: click.Context) -> list[Pick]:
        """Return everything that can be picked."""
        from sostrades_cli.completion.picks import Pick

        return [Pick(word, word, text) for word, text in self.offer(_candidates(ctx), "")]

    def read(self, context: Context, study: int) -> None:
        """Read the names of a study into the cache, if the server has them."""

    def offer(self, candidates: Candidates, typed: str) -> list[Candidate]:
        """Return the candidates of this type."""
        raise NotImplementedError


class StudyNames(StoredNames):
    """A type whose list of choices has one row per study."""

    def picks(self, ctx: click.Context) -> list[Pick]:
        """Return the studies used on this computer."""
        from sostrades_cli.completion import picks

        return picks.studies(_stored(ctx), ctx.obj.runtime.clock.now())


class StudyParamType(StudyNames, click.ParamType[int]):
    """A study: its number, a link to its page, an alias or its name."""

    name = "study"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Return the number of the study."""
        if isinstance(value, int):
            return value
        # Nearly every study is given by its number. The rest needs aliases and names.
        if (number := study_id(str(value).strip())) is not None:
            return number
        from sostrades_cli.operations.study.study_argument import study_number

        try:
            return study_number(str(value), known_studies(ctx))
        except ValueError as error:
            raise _study_error(error, str(value), param, ctx) from error

    def offer(self, candidates: Candidates, typed: str) -> list[Candidate]:
        """Return aliases, names and numbers of studies."""
        return candidates.studies(typed)


class StudiesParamType(StoredNames, click.ParamType[tuple[int, ...]]):
    """Several studies, separated by commas."""

    name = "studies"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:  # noqa: ANN401 - click's signature
        """Return the numbers of the studies without duplicates."""
        if isinstance(value, tuple):
            return value
        # Duplicates would start or watch the same run twice.
        return tuple(dict.fromkeys(STUDY.convert(part, param, ctx) for part in str(value).split(",")))

    def offer(self, candidates: Candidates, typed: str) -> list[Candidate]:
        """Return candidates for the last study of the list."""
        return candidates.several_studies(typed)


class SideParamType(StudyNames, click.ParamType[int | Path]):
    """A study, or the folder of an exported study."""

    name = "side"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | Path:  # noqa: ANN401 - click's signature
        """Return the number of a study, or a path."""
        from sostrades_cli.operations.study.study_argument import side

        try:
            return side(str(value), known_studies(ctx))
        except ValueError as error:
            raise _study_error(error, str(value), param, ctx) from error

    def offer(self, candidates: Candidates, typed: str) -> list[Candidate]:
        """Return studies and folders."""
        return candidates.sides(typed)


def _stored(ctx: click.Context) -> KnownNames:
    from sostrades_cli.completion.known_names import KnownNames

    return KnownNames(ctx.obj.runtime.environ, ctx.obj.flags())


def _candidates(ctx: click.Context) -> Candidates:
    from sostrades_cli.completion.candidates import Candidates

    return Candidates(_stored(ctx), next(iter(studies_of(ctx)), None), ctx.params.get("key"))


def _study_error(
    error: ValueError, text: str, param: click.Parameter | None, ctx: click.Context | None
) -> click.UsageError:
    from sostrades_cli.cli.study_errors import study_error

    arguments = [other for other in ctx.command.params if isinstance(other, click.Argument)] if ctx else []
    has_keys = any(other.type in {KEY, SETTABLE_KEY, ASSIGNMENT} for other in arguments[1:])
    known = _stored(ctx) if ctx and ctx.obj and has_keys and param in arguments[:1] else None
    return study_error(error, text, param, ctx, known)


def known_studies(ctx: click.Context | None) -> KnownStudies | None:
    """Return the studies that this computer knows, ``None`` if the command line is parsed but not run."""
    if ctx is None or ctx.obj is None:
        return None
    from sostrades_cli.operations.study.study_argument import KnownStudies

    return KnownStudies(ctx.obj.aliases, ctx.obj.named_studies, ctx.obj.other_profile, ctx.obj.other_server)


class DurationParamType(click.ParamType[float]):
    """A duration: seconds, or days, hours, minutes and seconds such as ``90s``, ``10 min``, ``1h30m``, ``1d``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's signature
        """Return the duration in seconds."""
        # Click converts defaults, too.
        if isinstance(value, float):
            return value
        seconds = _seconds(str(value).strip())
        if seconds == 0 and re.fullmatch(_ZERO, str(value).strip(), re.IGNORECASE | re.ASCII):
            self.fail("the duration must be longer than 0 seconds", param, ctx)
        if not 0 < seconds <= _LONGEST_S:
            self.fail(f"{value!r:.80} is not a duration such as 90s, 10m, 1h30m or 2d", param, ctx)
        return seconds


def _seconds(text: str) -> float:
    """Return the seconds of a duration, or 0 if the text is not one."""
    from sostrades_cli.number_text import UNSIGNED

    number = rf"({UNSIGNED})"
    if re.fullmatch(number, text, re.ASCII):
        return float(text)
    # Larger units stand before smaller ones, each at most once: `1h30m`, `2 days 6 hours`.
    duration = (
        rf"(?:{number}\s*(?:d|days?))?\s*(?:{number}\s*(?:h|hrs?|hours?))?\s*"
        rf"(?:{number}\s*(?:m|mins?|minutes?))?\s*(?:{number}\s*(?:s|secs?|seconds?))?"
    )
    match = re.fullmatch(duration, text, re.IGNORECASE | re.ASCII)
    return sum(float(n) * unit for n, unit in zip(match.groups("0"), _UNITS_S, strict=True)) if match else 0.0


class FolderParamType(click.Path):
    """A folder. An empty name is rejected, because it would mean the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's signature
        """Return the path."""
        if not str(value).strip():
            self.fail("the name is empty (`.` is the current folder)", param, ctx)
        return super().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's signature
        """Restrict the completion of the shell to folders."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="dir")]


class FormatParamType(click.Choice[str]):
    """A format of the result. Completion offers those of the command."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """Return the format."""
        from sostrades_cli.files.file_formats import TABLE_FILES

        if value in TABLE_FILES:
            self.fail(f"{value} is a format of files: add -o FILE.{value} instead", param, ctx)
        return str(super().convert(value, param, ctx))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the formats that the command has."""
        # A group has no options of its own, so it offers all formats.
        options: CommandOptions | None = getattr(ctx.command, "options", None)
        formats = self.choices if options is None else options.formats
        return [item for item in super().shell_complete(ctx, param, incomplete) if item.value in formats]


class SearchParamType(click.types.StringParamType):
    """Words to search for. Without any, everything would be found: the variable of a script is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """Return the words."""
        words = str(super().convert(value, param, ctx))
        if not words.strip():
            self.fail("there are no words to search for", param, ctx)
        return words


class WordParamType(StoredNames, click.types.StringParamType):
    """A text with completion, such as the name of a parameter or an alias."""

    def __init__(self, name: str, offer: Callable[[Candidates, str], list[Candidate]]) -> None:
        self.name = name
        self._offer = offer

    def offer(self, candidates: Candidates, typed: str) -> list[Candidate]:
        """Return the candidates for an incomplete word."""
        return self._offer(candidates, typed)


class ChartParamType(WordParamType):
    """A chart of a study: its number, its title, or a part of the title."""

    source = "sostrades postproc list {study}"

    def read(self, context: Context, study: int) -> None:
        """Read the charts."""
        from sostrades_cli.operations.postproc.gather import gather

        gather(context, study)


class KeyParamType(WordParamType):
    """The name of a parameter, or with ``settable`` of one that can be set.

    An empty name is rejected: it comes from a variable of a script that is not set.
    """

    source = "sostrades param list {study}"

    def __init__(self, *, settable: bool = False) -> None:
        super().__init__("key", lambda candidates, typed: candidates.keys(typed, settable=settable))
        self._settable = settable

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """Return the name."""
        name = str(super().convert(value, param, ctx))
        if not name.strip():
            self.fail("the name of the parameter is empty", param, ctx)
        return name

    def read(self, context: Context, study: int) -> None:
        """Read inputs, outputs and solver settings."""
        from sostrades_cli.operations.param.read import list_parameters

        list_parameters(context, study, inputs=True, outputs=True)

    def picks(self, ctx: click.Context) -> list[Pick]:
        """Return the whole names of the study's parameters."""
        from sostrades_cli.completion import picks

        return picks.keys(_stored(ctx), next(iter(studies_of(ctx)), None), settable=self._settable)


STUDY: Final = StudyParamType()
STUDIES: Final = StudiesParamType()
SIDE: Final = SideParamType()
DURATION: Final = DurationParamType()
SEARCH_WORDS: Final = SearchParamType()
FOLDER: Final = FolderParamType(path_type=Path)
KEY: Final = KeyParamType()
SETTABLE_KEY: Final = KeyParamType(settable=True)
CHART: Final = ChartParamType("chart", lambda candidates, typed: candidates.charts(typed))
NODE: Final = WordParamType("node", lambda candidates, typed: candidates.nodes(typed))
ASSIGNMENT: Final = WordParamType("assignment", lambda candidates, typed: candidates.assignments(typed))
ALIAS: Final = WordParamType("alias", lambda candidates, typed: candidates.aliases(typed))
TYPE: Final = WordParamType("type", lambda candidates, typed: candidates.types(typed))
UNIT: Final = WordParamType("unit", lambda candidates, typed: candidates.units(typed))
LIMIT: Final = WordParamType("limit", lambda candidates, typed: candidates.limits(typed))
# Patterns and parts fit as well as whole names and titles.
NAME_PATTERN: Final = WordParamType("name", lambda candidates, typed: candidates.keys(typed))
TITLE_PATTERN: Final = WordParamType("title", lambda candidates, typed: candidates.titles(typed))
HOST: Final = WordParamType("host", lambda candidates, typed: candidates.hosts(typed))
PROFILE: Final = WordParamType("profile", lambda candidates, typed: candidates.profiles(typed))
SETTING: Final = WordParamType("setting", lambda candidates, typed: candidates.settings(typed))
STORED_SETTING: Final = WordParamType("stored setting", lambda candidates, typed: candidates.stored_settings(typed))
SETTING_VALUE: Final = WordParamType("value of a setting", lambda candidates, typed: candidates.setting_values(typed))


def studies_of(ctx: click.Context) -> list[int]:
    """Return the numbers of the studies on the command line."""
    numbers: list[int] = []
    for param in ctx.command.params:
        if isinstance(param.type, StudyParamType | StudiesParamType | SideParamType):
            value = ctx.params.get(param.name or "")
            values = value if isinstance(value, tuple) else (value,)
            numbers += [number for number in values if isinstance(number, int)]
    return numbers
