"""One call of the program: its runtime, the values of the shared options, and the App made of both."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Any, Final, TextIO

from sostrades_cli.errors import NoStudy, UsageError
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.settings import Flags, profile_name, profile_table, resolve
from sostrades_cli.redaction import forms_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.pager import Pager
    from sostrades_cli.output.render import RenderOptions
    from sostrades_cli.output.spinner import Spinner
    from sostrades_cli.runtime import Runtime

JSON_FORMATS: Final = frozenset({"json", "ndjson"})
DUMB_TERMINALS: Final = frozenset({"dumb", "unknown"})  # the same names as in rich
USUAL_SIZE: Final = (80, 24)


class Invocation:
    """One call of the program: its runtime, the values of the shared options, and the final error."""

    def __init__(self, runtime: Runtime, arguments: Sequence[str] = ()) -> None:
        self.runtime = runtime
        self.arguments = arguments
        self.option_values: dict[str, Any] = {}
        self.app: App | None = None
        self.error: SostradesError | None = None

    def flags(self) -> Flags:
        """Return the values of the shared options parsed so far."""
        return Flags(**self.option_values)

    def aliases(self) -> dict[str, int]:
        """Return the aliases of the profile in use, which must exist."""
        from sostrades_cli.local.aliases import aliases_of

        config = read_config(Folders(self.runtime.environ))
        profile = profile_name(self.flags(), self.runtime.environ)
        profile_table(config, profile, required=True)
        return aliases_of(config, profile)

    def other_server(self) -> str | None:
        """Return the server of the aliases, ``None`` if it is the one in use or is not known."""
        from sostrades_cli.local.aliases import other_server

        config = read_config(Folders(self.runtime.environ))
        profile = profile_name(self.flags(), self.runtime.environ)
        return other_server(config, profile, self._host_in_use(config))

    def name_alias(self, error: SostradesError) -> None:
        """Add the alias in the command line to the error for a study that does not exist."""
        if not isinstance(error, NoStudy):
            return
        aliases = [name for name, study in self.aliases().items() if study == error.study]
        alias = next((name for name in aliases if name in self.arguments), None)
        if alias is not None:
            error.add_detail(f"{alias} is an alias of study {error.study}", first=True)
            error.hint = f"correct the alias with `sostrades alias set {alias} NUMBER`"

    def named_studies(self) -> dict[str, list[int]]:
        """Return the cached studies of the server in use, as numbers by name."""
        from sostrades_cli.local.cache import StudyCache

        folders = Folders(self.runtime.environ)
        host = self._host_in_use(read_config(folders))
        return StudyCache(folders, host).named_studies() if host is not None else {}

    def other_profile(self, link: str) -> str | None:
        """Return the profile whose server has the host of a link, ``None`` if the server in use has it or none does."""
        from urllib.parse import urlsplit

        config = read_config(Folders(self.runtime.environ))
        host = self._host_in_use(config)
        linked = urlsplit(link).hostname
        if host is None or linked == urlsplit(host).hostname:
            return None
        profiles = config.get("profiles", {})
        hosts = {name: table.get("host") for name, table in profiles.items()} if isinstance(profiles, dict) else {}
        return next((name for name, other in hosts.items() if urlsplit(str(other)).hostname == linked), None)

    def _host_in_use(self, config: Mapping[str, object]) -> str | None:
        """Return the server in use; the command itself reports invalid settings."""
        try:
            return resolve(self.flags(), self.runtime.environ, config).host
        except UsageError:
            return None


def build_app(runtime: Runtime, flags: Flags, *, lenient: bool = False, new_profile: bool = False) -> App:
    """Build the App from settings and runtime. A lenient command works with invalid settings.

    A command with ``new_profile`` accepts a profile that config.toml does not have.
    """
    from sostrades_cli.app import App

    try:
        settings = resolve(flags, runtime.environ, read_config(Folders(runtime.environ)), new_profile=new_profile)
    except UsageError as error:
        if not lenient:
            raise
        # Keep the profile's name, because the command may repair its settings.
        profile = {"SOSTRADES_PROFILE": profile_name(flags, runtime.environ)}
        settings = resolve(Flags(allow_http=flags.allow_http), profile, {}, new_profile=True)._replace(fault=error)
    # Invalid settings have no format, but a script asked for one all the same.
    form = settings.format or flags.format or runtime.environ.get("SOSTRADES_FORMAT")
    return App(runtime, flags, settings, notes_for(runtime, flags, form))


def format_before_parsing(invocation: Invocation) -> str | None:
    """Return the format in an unparsable command line, because a script expects an error object in its format."""
    words = " ".join(invocation.arguments)
    formats = re.findall(r"(?:^|\s)(?:-F|--format)[\s=]?(\w+)", words)
    return formats[-1] if formats else invocation.runtime.environ.get("SOSTRADES_FORMAT")


def notes_for(runtime: Runtime, flags: Flags, form: str | None) -> Messages:
    """Return the messages for stderr with the verbosity of the flags."""
    from sostrades_cli.output.messages import Messages

    as_json = form in JSON_FORMATS or (flags.query is not None and flags.format is None and not flags.raw)
    notes_enabled = not flags.quiet and (not as_json or flags.verbose)
    # Redact the key from the start: errors can occur before there is a session.
    secrets = set(forms_of(runtime.environ.get("SOSTRADES_API_KEY", "").strip()))
    columns = window(runtime)[0] if runtime.stderr.isatty() else None
    colored = wants_color(runtime, flags, runtime.stderr)
    spinner = None if flags.quiet else _spinner(runtime)
    ci = None
    if runtime.environ.get("GITHUB_ACTIONS") or runtime.environ.get("GITLAB_CI"):
        from sostrades_cli.output.ci_log import ci_log

        ci = ci_log(runtime.environ)
    redraws = notes_enabled and not flags.verbose and runtime.stderr.isatty() and not is_dumb(runtime)
    return Messages(
        runtime.stderr,
        notes_enabled=notes_enabled,
        verbose=flags.verbose,
        color=colored,
        as_json=as_json,
        secrets=secrets,
        columns=columns,
        spinner=spinner,
        ci=ci,
        redraws=redraws,
        quiet=flags.quiet,
    )


def _spinner(runtime: Runtime) -> Spinner | None:
    """Return the spinner, which needs a terminal that can erase a line."""
    if runtime.repeat is None or is_dumb(runtime) or not runtime.stderr.isatty():
        return None
    from sostrades_cli.output.spinner import Spinner

    # A wait can last for minutes, in which the user may change the size of the window.
    return Spinner(runtime.stderr, runtime.clock.monotonic, runtime.repeat, lambda: window(runtime)[0])


def render_options(app: App, *, takes_file: bool = True) -> RenderOptions:
    """Return the options for rendering the result of a command; ``takes_file`` says whether -o applies to it."""
    from sostrades_cli.output.render import RenderOptions

    flags, runtime = app.flags, app.runtime
    output = flags.output if takes_file else None
    return RenderOptions(
        app.format_for(output),
        runtime.stdout,
        app.notes,
        output,
        flags.query,
        color=wants_color(runtime, flags, runtime.stdout),
        quiet=flags.quiet,
        size=window(runtime),
        safe_csv=flags.safe_csv,
        redraws=not is_dumb(runtime),
        monotonic=runtime.clock.monotonic,
        raw=flags.raw,
        asked=flags.format is not None or flags.query is not None or output is not None,
        pager=_pager(app),
    )


def _pager(app: App) -> Pager | None:
    """Return the pager, ``None`` without a person at a terminal that a pager can use."""
    runtime = app.runtime
    if runtime.page is None or is_dumb(runtime) or not (runtime.stdin.isatty() and runtime.stdout.isatty()):
        return None
    from sostrades_cli.output.pager import Pager, pager_words

    words = pager_words(app.settings.pager)
    return Pager(words, window(runtime), runtime.page) if words else None


def wants_color(runtime: Runtime, flags: Flags, stream: TextIO) -> bool:
    """Return whether to colour a stream, by flag, NO_COLOR, FORCE_COLOR or terminal, in this order."""
    if flags.color is False or runtime.environ.get("NO_COLOR"):
        return False
    if runtime.environ.get("FORCE_COLOR"):
        return True
    return not is_dumb(runtime) and bool(stream.isatty())


def help_color(invocation: Invocation) -> bool:
    """Return whether help is coloured. Click shows help before it reads --no-color, so look for the word itself."""
    runtime = invocation.runtime
    return "--no-color" not in invocation.arguments and wants_color(runtime, invocation.flags(), runtime.stdout)


def is_dumb(runtime: Runtime) -> bool:
    """Return whether the terminal lacks control codes for colours and cursor movement."""
    return runtime.environ.get("TERM", "").lower() in DUMB_TERMINALS


def window(runtime: Runtime) -> tuple[int, int]:
    """Return columns and lines of the window, from COLUMNS and LINES, the terminal, or 80 by 24, in this order.

    A terminal without a size, such as in ``script`` or in a container, reports 0 by 0.
    """
    terminal_size = os.terminal_size(USUAL_SIZE)
    # With standard output in a pipe, messages still go to the terminal. The size of standard output is preferred, so
    # it is the last: each stream with a size replaces the one before.
    for stream in (runtime.stderr, runtime.stdout):
        with contextlib.suppress(OSError):
            terminal_size = os.get_terminal_size(stream.fileno())
    variables = [runtime.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (
        (int(word) if word.isdecimal() else 0) or size or usual
        for word, size, usual in zip(variables, terminal_size, USUAL_SIZE, strict=True)
    )
    return columns, lines
