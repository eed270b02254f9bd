"""One call of the program: the outside world, what the shared options said, and the App made of both."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.settings import Flags, aliases_of, profile_name, profile_table, resolve
from sostrades_cli.redaction import forms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.render import RenderOptions
    from sostrades_cli.runtime import Runtime

JSON_FORMATS: Final = frozenset({"json", "ndjson"})
DUMB_TERMINALS: Final = frozenset({"dumb", "unknown"})  # the names that rich treats so
USUAL_SIZE: Final = (80, 24)


class Invocation:
    """One call of the program: the outside world, the values of the shared options, and the error at its end."""

    def __init__(self, runtime: Runtime, arguments: Sequence[str] = ()) -> None:
        self.runtime = runtime
        self.arguments = arguments
        self.said: dict[str, Any] = {}
        self.app: App | None = None
        self.error: SostradesError | None = None

    def flags(self) -> Flags:
        """Return what the shared options said so far."""
        return Flags(**self.said)

    def aliases(self) -> dict[str, int]:
        """Return the names for studies of the profile in use, which must be there."""
        config = read_config(Folders(self.runtime.environ))
        profile = profile_name(self.flags(), self.runtime.environ)
        profile_table(config, profile, asked=True)
        return aliases_of(config, profile)

    def named_studies(self) -> dict[str, list[int]]:
        """Return the numbers of the studies that were seen on the server in use, by their own names."""
        from sostrades_cli.local.cache import StudyCache  # noqa: PLC0415 - start-up: most commands get a number

        folders = Folders(self.runtime.environ)
        try:
            host = resolve(self.flags(), self.runtime.environ, read_config(folders)).host
        except UsageError:
            return {}  # the command says what is wrong with the settings
        return StudyCache(folders, host).named_studies() if host is not None else {}


def build_app(runtime: Runtime, flags: Flags, *, lenient: bool = False, new_profile: bool = False) -> App:
    """Join settings and the outside world; a lenient command works without settings that cannot be used.

    A command with ``new_profile`` may name a profile that config.toml does not have.
    """
    from sostrades_cli.app import App  # noqa: PLC0415 - start-up: not for --help

    try:
        settings = resolve(flags, runtime.environ, read_config(Folders(runtime.environ)), new_profile=new_profile)
    except UsageError as error:
        if not lenient:
            raise
        profile = {"SOSTRADES_PROFILE": profile_name(flags, runtime.environ)}
        settings = resolve(Flags(allow_http=flags.allow_http), profile, {}, new_profile=True)._replace(fault=error)
    return App(runtime, flags, settings, notes_for(runtime, flags, settings.format))


def format_before_parsing(invocation: Invocation) -> str | None:
    """Find the format in a command line that could not be parsed: a script wants its error object all the same."""
    words = " ".join(invocation.arguments)
    asked = re.findall(r"(?:^|\s)(?:-F|--format)[\s=]?(\w+)", words)
    return asked[-1] if asked else invocation.runtime.environ.get("SOSTRADES_FORMAT")


def notes_for(runtime: Runtime, flags: Flags, form: str | None) -> Messages:
    """Return where notes go, and which there are."""
    from sostrades_cli.output.messages import Messages  # noqa: PLC0415 - start-up: not for --help

    as_json = form in JSON_FORMATS or (flags.query is not None and flags.format is None)
    chatty = not flags.quiet and (not as_json or flags.verbose)
    # Nothing may tell it, not even what goes wrong before there is a session.
    secrets = set(forms_of(runtime.environ.get("SOSTRADES_API_KEY", "").strip()))
    return Messages(
        runtime.stderr, chatty, flags.verbose, wants_color(runtime, flags, runtime.stderr), as_json, secrets
    )


def render_options(app: App) -> RenderOptions:
    """Return how the result of a command is to be shown."""
    from sostrades_cli.output.render import RenderOptions  # noqa: PLC0415 - start-up

    flags, runtime = app.flags, app.runtime
    return RenderOptions(
        app.format,
        runtime.stdout,
        app.notes,
        flags.output,
        flags.query,
        color=wants_color(runtime, flags, runtime.stdout),
        quiet=flags.quiet,
        size=window(runtime),
        safe_csv=flags.safe_csv,
        redraws=not is_dumb(runtime),
        monotonic=runtime.clock.monotonic,
    )


def wants_color(runtime: Runtime, flags: Flags, stream: Any) -> bool:  # noqa: ANN401 - a text stream
    """Return whether a stream is to be coloured: as the flag and NO_COLOR say, as FORCE_COLOR says, else if seen."""
    if flags.color is False or runtime.environ.get("NO_COLOR"):
        return False
    if runtime.environ.get("FORCE_COLOR"):
        return True
    return not is_dumb(runtime) and bool(stream.isatty())


def is_dumb(runtime: Runtime) -> bool:
    """Return whether the terminal understands no codes, neither for colours nor to move its cursor."""
    return runtime.environ.get("TERM", "").lower() in DUMB_TERMINALS


def window(runtime: Runtime) -> tuple[int, int]:
    """Return the columns and lines of the window: as COLUMNS and LINES say, as the terminal says, else 80 by 24.

    A terminal that nobody sized, such as that of ``script`` or of a container, says 0 by 0.
    """
    try:
        seen = os.get_terminal_size(runtime.stdout.fileno())
    except OSError:
        seen = os.terminal_size(USUAL_SIZE)
    said = [runtime.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (
        (int(word) if word.isdecimal() else 0) or size or usual
        for word, size, usual in zip(said, seen, USUAL_SIZE, strict=True)
    )
    return columns, lines
