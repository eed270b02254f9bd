"""Settings: one table says where each comes from, and drives ``resolve``, ``config explain`` and ``config set``.

A flag beats an environment variable, which beats the profile in config.toml, which beats the variables of other tools.
"""

# Without `from __future__ import annotations`: NamedTuple compiles each annotation that is a text, at every start.

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.errors import InvalidSetting, UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.local.server_address import checked_host
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from sostrades_cli.local.key_command import KeyCommand

FORMATS: Final = ("table", "tsv", "csv", "json", "ndjson", "md")
DEFAULT_PROFILE: Final = "default"
# As in git, this program stands for no pager.
NO_PAGER: Final = "cat"
KEY_FILE: Final = "SOSTRADES_API_KEY_FILE"
CA_VARIABLE: Final = "SOSTRADES_CA_BUNDLE"
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


class Flags(NamedTuple):
    """The values of the shared options of a command line; ``None`` for an option that is not given."""

    host: str | None = None
    profile: str | None = None
    format: str | None = None
    query: str | None = None
    output: Path | None = None
    overwrite: bool = False
    read_timeout_s: float | None = None
    allow_http: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    color: bool | None = None
    safe_csv: bool = False
    raw: bool = False
    pager: str | None = None

    @property
    def file(self) -> Path | None:
        """The file of -o, ``None`` for standard output."""
        return file_of(self.output)


def file_of(output: Path | None) -> Path | None:
    """Return the file that a value of -o names: none without a value or for "-", which is standard output."""
    return None if output is None or str(output) == "-" else output


def _text(value: object, source: str) -> str:
    if isinstance(value, str):
        return value
    raise InvalidSetting(
        f"{source} must be a text, got {value!r}", hint=f'put it in quotes: {source.partition(" ")[0]} = "..."'
    )


def _format(value: object, source: str) -> str:
    name = _text(value, source)
    if name not in FORMATS:
        raise InvalidSetting(f"{source}: unknown output format {name!r}", hint=f"choose one of {', '.join(FORMATS)}")
    return name


def _file(value: object, source: str) -> Path:
    return at_home(_text(value, source))


def _yes_or_no(value: object, source: str) -> bool:
    word = str(value).strip().lower()
    if not isinstance(value, bool | str) or word not in _YES | _NO:
        raise InvalidSetting(
            f"{source} must be yes or no, got {word!r}", hint="correct the value, or remove the setting"
        )
    return word in _YES


def _command_line(value: object, source: str) -> str:
    from sostrades_cli.local.key_command import checked_line

    return checked_line(value, source)


def _as_given(value: object, _source: str) -> object:
    return value


class Setting(NamedTuple):
    """A setting: its flag with the field of ``Flags``, its variable, and whether config.toml may hold it.

    ``parse`` turns a value into its type; it also gets the source, for its error. ``default`` is the text that is shown
    if no source has a value. ``fallbacks`` are variables of other tools, which are weaker than config.toml, and
    ``choices`` the values that a shell can complete.
    """

    key: str
    parse: Callable[[object, str], Any]
    variable: str | None = None
    flag: str | None = None
    field: str = ""
    stored: bool = True
    default: str = ""
    fallbacks: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


_TABLE: Final = (
    Setting("host", _text, "SOSTRADES_HOST", "--host", "host"),
    Setting("profile", _text, "SOSTRADES_PROFILE", "--profile", "profile", stored=False, default=DEFAULT_PROFILE),
    Setting(
        "format",
        _format,
        "SOSTRADES_FORMAT",
        "--format",
        "format",
        default="table on a terminal, else tsv",
        choices=FORMATS,
    ),
    Setting(
        "ca_bundle",
        _file,
        CA_VARIABLE,
        default="system certificates",
        fallbacks=("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    ),
    Setting("client_cert", _file, "SOSTRADES_CLIENT_CERT"),
    Setting("client_key", _file, "SOSTRADES_CLIENT_KEY"),
    Setting(
        "allow_http",
        _yes_or_no,
        "SOSTRADES_ALLOW_HTTP",
        "--allow-http",
        "allow_http",
        default="false",
        choices=("yes", "no"),
    ),
    Setting("key_command", _command_line),
    Setting("pager", _text, "SOSTRADES_PAGER", "--no-pager", "pager", default="less -FRX", fallbacks=("PAGER",)),
    Setting(
        "read_timeout",
        _as_given,
        flag="--read-timeout",
        field="read_timeout_s",
        stored=False,
        default="depends on the request",
    ),
)
SETTINGS: Final = {setting.key: setting for setting in _TABLE}
STORED: Final = tuple(setting.key for setting in SETTINGS.values() if setting.stored)
FILES: Final = tuple(setting.key for setting in SETTINGS.values() if setting.parse is _file)


class Source(NamedTuple):
    """A source of a setting, and its value as it is there, ``None`` without one."""

    name: str
    value: object


def sources_of(
    setting: Setting, flags: Flags, environ: Mapping[str, str], stored: Mapping[str, object], file: str = "config.toml"
) -> list[Source]:
    """Return the sources of a setting, the strongest first; the first with a value is in effect.

    ``stored`` is the table of a profile, and ``file`` names its source.
    """
    sources = []
    if setting.flag:
        given = getattr(flags, setting.field)
        # A flag of false is one that was not given. An empty text would hide all weaker sources.
        sources.append(Source(setting.flag, None if given is False or given == "" else given))
    variables = [setting.variable] if setting.variable else []
    sources += [Source(variable, _variable(environ, variable)) for variable in variables]
    if setting.stored:
        value = stored.get(setting.key)
        sources.append(Source(file, None if value == "" else value))
    return [*sources, *(Source(variable, _variable(environ, variable)) for variable in setting.fallbacks)]


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    """Return the value of a variable; blanks alone are none."""
    value = environ.get(name, "")
    return value if value.strip() else None


class Settings(NamedTuple):
    """The settings in effect for one command; durations are in seconds.

    ``api_key`` is empty if its variable is set to nothing, which an error mentions if there is no other key.
    ``key_file`` is the value of SOSTRADES_API_KEY_FILE.
    ``ca_source`` is the source of ``ca_bundle``, ``key_log`` the file of SSLKEYLOGFILE. ``fault`` is the reason why
    there is no address, or why a command that works without valid settings has the defaults only.
    """

    host: str | None
    profile: str
    format: str | None
    api_key: str | None
    ca_bundle: Path | None
    ca_source: str | None
    client_cert: Path | None
    client_key: Path | None
    allow_http: bool
    read_timeout_s: float | None
    key_file: str | None = None
    key_command: "KeyCommand | None" = None
    key_log: Path | None = None
    pager: str | None = None
    fault: UsageError | None = None

    def __repr__(self) -> str:
        """Show all but the key."""
        return (
            f"Settings({', '.join(f'{name}={value!r}' for name, value in self._asdict().items() if name != 'api_key')})"
        )

    def require_host(self) -> str:
        """Return the server's address.

        Raises
        ------
        InvalidSetting
            No source names one, or two of them contradict each other.

        """
        if self.fault is not None:
            raise self.fault
        if self.host is None:
            raise InvalidSetting(
                "the address of the server is not set",
                hint="store it once with `sostrades auth login --host URL`, add --host URL, or set SOSTRADES_HOST",
            )
        return self.host


def resolve(
    flags: Flags, environ: Mapping[str, str], config: Mapping[str, object], *, new_profile: bool = False
) -> Settings:
    """Return the settings in effect, each from its strongest source.

    ``config`` is the parsed ``config.toml``: ``[profiles.NAME]`` tables with the settings of ``STORED``. With
    ``new_profile`` it need not have the one that is asked for.

    Raises
    ------
    InvalidSetting
        A value cannot be used; the message names the value and its source. Or there is no such profile.

    """
    profile = profile_name(flags, environ)
    stored = profile_table(config, profile, required=not new_profile)
    _reject_empty_host(flags)
    conflict = conflict_of_hosts(flags, environ, stored)
    in_effect = {key: _in_effect(setting, flags, environ, stored) for key, setting in SETTINGS.items()}
    values = {key: value for key, (value, _) in in_effect.items()}
    # With two servers named, neither may get the key.
    host, allow_http = None if conflict else values["host"], bool(values["allow_http"])
    return Settings(
        host=_host(host, in_effect["host"][1], allow_http=allow_http) if host else None,
        profile=profile,
        format=values["format"],
        api_key=environ["SOSTRADES_API_KEY"].strip() if "SOSTRADES_API_KEY" in environ else None,
        ca_bundle=values["ca_bundle"],
        ca_source=in_effect["ca_bundle"][1],
        client_cert=values["client_cert"],
        client_key=values["client_key"],
        allow_http=allow_http,
        read_timeout_s=values["read_timeout"],
        key_file=_variable(environ, KEY_FILE),
        key_command=_key_command(stored),
        key_log=at_home(environ["SSLKEYLOGFILE"]) if environ.get("SSLKEYLOGFILE") else None,
        pager=values["pager"],
        fault=conflict,
    )


def _key_command(stored: Mapping[str, object]) -> "KeyCommand | None":
    if "key_command" not in stored:
        return None
    from sostrades_cli.local.key_command import key_command_of

    return key_command_of(stored)


def _host(text: str, source: str | None, *, allow_http: bool) -> str:
    """Return the canonical address of the server; an error names the source of the text."""
    try:
        return checked_host(text, allow_http=allow_http)
    except InvalidSetting as error:
        raise error.reworded(error.message, detail=f"from {source}") from error


def _in_effect(
    setting: Setting, flags: Flags, environ: Mapping[str, str], stored: Mapping[str, object]
) -> tuple[Any, str | None]:
    """Return the value of a setting and the source that names it."""
    for source in sources_of(setting, flags, environ, stored, f"{setting.key} in config.toml"):
        if source.value is not None:
            return setting.parse(source.value, source.name), source.name
    return None, None


def conflict_of_hosts(flags: Flags, environ: Mapping[str, str], stored: Mapping[str, object]) -> InvalidSetting | None:
    """Return the error where ``--profile`` and SOSTRADES_HOST name two servers, and ``--host`` does not settle it.

    The variable may have been set long ago, so the program chooses neither.
    """
    variable, file = sources_of(SETTINGS["host"], flags, environ, stored)[1:]
    if flags.host or not (flags.profile and variable.value and file.value):
        return None
    said, own = (
        checked_host(_text(host, "host in config.toml"), allow_http=True) for host in (variable.value, file.value)
    )
    if said == own:
        return None
    return InvalidSetting(
        f"profile {flags.profile} and SOSTRADES_HOST are two different servers",
        detail=f"profile {flags.profile} of config.toml: {own}\nSOSTRADES_HOST: {said}",
        hint=f"unset SOSTRADES_HOST, or add --host {own}",
    )


def profile_name(flags: Flags, environ: Mapping[str, str]) -> str:
    """Return the name of the profile in use."""
    names = [source.value for source in sources_of(SETTINGS["profile"], flags, environ, {}) if source.value is not None]
    return str(names[0]) if names else DEFAULT_PROFILE


def _reject_empty_host(flags: Flags) -> None:
    # `--host "$HOST"` with an unset variable must not fall back to another server.
    if flags.host is not None and not flags.host.strip():
        raise InvalidSetting(
            "--host is empty",
            hint="give an address: `--host https://your.server`. If it comes from a variable, set the variable",
        )


def profile_table(config: Mapping[str, object], profile: str, *, required: bool) -> Mapping[str, object]:
    """Return the table of a profile, empty where there is none yet.

    Raises
    ------
    InvalidSetting
        It is ``required``, by whatever source, and config.toml does not have it.

    """
    tables = config.get("profiles", {})
    profiles = tables if isinstance(tables, dict) else {}
    table = profiles.get(profile)
    # A misspelt profile would otherwise be an empty one, and the key would go to the server of a weaker source.
    if table is None and required and profile != DEFAULT_PROFILE:
        from sostrades_cli.suggestions import closest

        close = closest(profile, profiles)
        raise InvalidSetting(
            f"there is no profile {profile!r} in config.toml",
            detail=f"profiles: {', '.join(profiles)}" if profiles else None,
            hint=f"use the profile {close[0]}: `--profile {shell_quoted(close[0])}`"
            if close
            else f"sostrades auth login --profile {shell_quoted(profile)} --host URL",
        )
    if table is not None and not isinstance(table, dict):
        raise InvalidSetting(
            f"profiles.{profile} in config.toml is not a table", hint=f"write its settings below [profiles.{profile}]"
        )
    return table or {}
