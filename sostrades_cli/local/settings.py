"""Settings: flag > environment > profile in config.toml > default, one pure function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from sostrades_cli.errors import InvalidSetting, UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.host_names import is_loopback, is_usable, require_usable
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMATS: Final = ("table", "tsv", "csv", "json", "ndjson")
API_SUFFIX: Final = "/api/v0"
DEFAULT_PROFILE: Final = "default"
CA_VARIABLE: Final = "SOSTRADES_CA_BUNDLE"
# What other tools read; weaker than a profile, the strongest first.
CA_FALLBACKS: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_SCHEMES: Final = frozenset({"http", "https"})
# A scheme, or two of them, and slashes.
_BEFORE_NAME: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|https?:|/)*")
# What no name of a server holds; one with letters beyond ASCII is one.
_NOT_IN_NAMES: Final = re.compile(r"[\s\"'<>\\^`{|}]")
_NO_PATH: Final = re.compile(r"[\s\"'<>\\^`{|}?#]")
# What is advised is a name of the usual kind, and perhaps a port.
_NAME: Final = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")
_PORT: Final = re.compile(r":(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3})$")
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


class Flags(NamedTuple):
    """What the shared options of a command line say; ``None`` where nothing was said."""

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


class Settings(NamedTuple):
    """The settings that hold for one command; seconds where a name ends in ``_s``.

    ``api_key`` is empty where its variable is set and holds nothing, which is told where no other key is found.
    ``ca_source`` names what ``ca_bundle`` comes from, ``key_log`` is the file of SSLKEYLOGFILE. ``fault`` is why there
    is no address, and for a command that works without settings why there are none but defaults.
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
    key_log: Path | None = None
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
                "no server address is known",
                hint="set SOSTRADES_HOST=https://your.server, add --host URL, or store it once: "
                "sostrades auth login --host URL",
            )
        return self.host


def resolve(
    flags: Flags, environ: Mapping[str, str], config: Mapping[str, object], *, new_profile: bool = False
) -> Settings:
    """Join the sources of settings, the strongest first.

    ``config`` is the parsed ``config.toml``: ``[profiles.NAME]`` tables with ``host``, ``format``, ``ca_bundle``,
    ``client_cert``, ``client_key`` and ``allow_http``. With ``new_profile`` it need not have the one that is asked for.

    Raises
    ------
    InvalidSetting
        A value cannot be used; the message names the value and its source. Or there is no such profile.

    """
    profile = profile_name(flags, environ)
    stored = profile_table(config, profile, asked=not new_profile)
    if flags.host is not None and not flags.host.strip():
        raise InvalidSetting("--host is empty", hint="is the variable that it comes from set?")
    conflict = conflict_of_hosts(flags, environ, stored)
    host = None if conflict else flags.host or environ.get("SOSTRADES_HOST") or _text(stored, "host")
    bundle, ca_source = _ca_bundle(environ, stored)
    said = _flag(environ, "SOSTRADES_ALLOW_HTTP")
    allow_http = flags.allow_http or (stored.get("allow_http") is True if said is None else said)
    return Settings(
        host=checked_host(host, allow_http=allow_http) if host else None,
        profile=profile,
        format=_format(flags.format or environ.get("SOSTRADES_FORMAT") or _text(stored, "format")),
        api_key=environ["SOSTRADES_API_KEY"].strip() if "SOSTRADES_API_KEY" in environ else None,
        ca_bundle=bundle,
        ca_source=ca_source,
        client_cert=_file(environ.get("SOSTRADES_CLIENT_CERT") or _text(stored, "client_cert")),
        client_key=_file(environ.get("SOSTRADES_CLIENT_KEY") or _text(stored, "client_key")),
        allow_http=allow_http,
        read_timeout_s=flags.read_timeout_s,
        key_log=_file(environ.get("SSLKEYLOGFILE")),
        fault=conflict,
    )


def conflict_of_hosts(flags: Flags, environ: Mapping[str, str], stored: Mapping[str, object]) -> InvalidSetting | None:
    """Return the error where ``--profile`` and SOSTRADES_HOST name two servers, and ``--host`` does not settle it.

    Whoever names a profile means its server, and whoever set the variable long ago meant another: neither is guessed.
    """
    said, own = environ.get("SOSTRADES_HOST"), _text(stored, "host")
    if flags.host or not (flags.profile and said and own):
        return None
    said, own = (checked_host(host, allow_http=True) for host in (said, own))
    if said == own:
        return None
    return InvalidSetting(
        f"profile {flags.profile} and SOSTRADES_HOST name two servers",
        detail=f"profile {flags.profile} of config.toml: {own}\nSOSTRADES_HOST: {said}",
        hint=f"unset SOSTRADES_HOST, or add --host {own}",
    )


def profile_name(flags: Flags, environ: Mapping[str, str]) -> str:
    """Return the name of the profile in use."""
    return flags.profile or environ.get("SOSTRADES_PROFILE") or DEFAULT_PROFILE


def profile_table(config: Mapping[str, object], profile: str, *, asked: bool) -> Mapping[str, object]:
    """Return the table of a profile, empty where there is none yet.

    Raises
    ------
    InvalidSetting
        It is ``asked`` for, by whatever source, and config.toml does not have it.

    """
    found = config.get("profiles", {})
    profiles = found if isinstance(found, dict) else {}
    table = profiles.get(profile)
    if table is None and asked and profile != DEFAULT_PROFILE:
        close = closest(profile, profiles)
        raise InvalidSetting(
            f"no profile {profile!r} in config.toml",
            detail=f"there are: {', '.join(profiles)}" if profiles else None,
            hint=f"did you mean {close[0]}?" if close else f"sostrades auth login --profile {profile} --host URL",
        )
    if table is not None and not isinstance(table, dict):
        raise InvalidSetting(f"profiles.{profile} in config.toml is not a table", hint=f"write [profiles.{profile}]")
    return table or {}


def aliases_of(config: Mapping[str, object], profile: str) -> dict[str, int]:
    """Return a profile's names for studies.

    Raises
    ------
    InvalidSetting
        One stands for something else than the number of a study.

    """
    found = profile_table(config, profile, asked=False).get("aliases", {})
    if not isinstance(found, dict):
        raise InvalidSetting("the aliases in config.toml are no table", hint=f"write [profiles.{profile}.aliases]")
    for name, study in found.items():
        if not isinstance(study, int) or isinstance(study, bool) or study < 1:
            raise InvalidSetting(
                f"the alias {name!r} in config.toml is no number of a study: {study!r}", hint=f"{name} = 21"
            )
    return found


def checked_host(text: str, *, allow_http: bool) -> str:
    """Return a server address in its one spelling: scheme, host, port and path, no final slash.

    Raises
    ------
    InvalidSetting
        It is no http(s) address, carries a key or a query, or would send the key in clear beyond this machine.

    """
    shown = text if "@" not in text else text.rsplit("@", 1)[1]
    try:
        parts = urlsplit(text.strip())
        name, port = parts.hostname, parts.port
        if name:
            require_usable(name)
    except ValueError as error:  # idna's errors are such ones, too
        raise InvalidSetting(f"no usable server address: {shown!r:.300} ({error})", hint=_meant(shown)) from error
    other_brackets = "[" in parts.netloc and ":" not in (name or "")  # the RFC reserves them for versions after IPv6
    if parts.scheme not in _SCHEMES or not name or name in _SCHEMES or other_brackets:
        raise InvalidSetting(f"no usable server address: {shown!r}", hint=_meant(shown))
    if _NOT_IN_NAMES.search(parts.netloc):
        raise InvalidSetting(f"no usable server address: {shown!r}", hint=_meant(shown))
    if parts.username is not None or parts.password is not None:
        example = _meant(f"{parts.scheme}://{shown}").rpartition(" ")[2]
        raise InvalidSetting("a server address must not carry a user or a password", hint=f"without them: {example}")
    if parts.query or parts.fragment:
        raise InvalidSetting(
            f"a server address has no query and no fragment: {shown!r}", hint="end it before the ? or #"
        )
    if parts.scheme == "http" and not allow_http and not is_loopback(name):
        raise InvalidSetting(
            f"{shown} would send the key unencrypted",
            hint="use https://, or add --allow-http if the network between is trusted",
        )
    host = f"[{name}]" if ":" in name else name
    netloc = host if port is None else f"{host}:{port}"
    path = parts.path.rstrip("/").removesuffix(API_SUFFIX).rstrip("/")
    return urlunsplit((parts.scheme, netloc, path, "", ""))


def _meant(text: str) -> str:
    """Return an address that may be meant by a text, if what it has can be one; else an example."""
    rest = _BEFORE_NAME.sub("", text.strip(), count=1)
    name = rest.partition("/")[0]
    host = name.rpartition(":")[0] if _PORT.search(name) else name
    if not _NAME.fullmatch(host) or host.lower() in _SCHEMES or _NO_PATH.search(rest) or not is_usable(host):
        return "for example https://corp.example"
    scheme = "http" if is_loopback(host) and not text.lower().startswith("https:") else "https"
    return f"{'perhaps' if ':/' in text else 'with its scheme:'} {scheme}://{rest}"


def _text(table: Mapping[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is None or isinstance(value, str):
        return value or None
    raise InvalidSetting(f"{key} in config.toml is not text: {value!r}", hint=f'write {key} = "..."')


def _format(name: str | None) -> str | None:
    if name is not None and name not in FORMATS:
        raise InvalidSetting(f"no output format {name!r}", hint=f"choose one of {', '.join(FORMATS)}")
    return name


def _ca_bundle(environ: Mapping[str, str], stored: Mapping[str, object]) -> tuple[Path | None, str | None]:
    """Return the file of the authorities to trust, and what names it."""
    found = {CA_VARIABLE: environ.get(CA_VARIABLE), "ca_bundle in config.toml": _text(stored, "ca_bundle")}
    found |= {variable: environ.get(variable) for variable in CA_FALLBACKS}
    return next(((_file(name), source) for source, name in found.items() if name), (None, None))


def _file(name: str | None) -> Path | None:
    return at_home(name) if name else None


def _flag(environ: Mapping[str, str], name: str) -> bool | None:
    text = environ.get(name, "").strip().lower()
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise InvalidSetting(f"{name} is neither yes nor no: {text!r}", hint=f"{name}=1 or {name}=0")
