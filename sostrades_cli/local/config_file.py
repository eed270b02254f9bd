"""The tool's own folders and its config.toml."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.errors import InvalidSetting, UsageError
from sostrades_cli.files.atomic import at_home, atomic, beforehand
from sostrades_cli.local.settings import STORED
from sostrades_cli.safe_parsers import from_toml
from sostrades_cli.study_reference import ALIAS_RULE, is_alias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME: Final = "sostrades"
VERSION: Final = 1
TOP_LEVEL: Final = ("version", "profiles")
ALIASES: Final = "aliases"
# The environment variables that move folders of the tool, which errors about these folders name.
CONFIG_VARIABLE: Final = "SOSTRADES_CONFIG_DIR"
CACHE_VARIABLE: Final = "SOSTRADES_CACHE_DIR"
STATE_VARIABLE: Final = "SOSTRADES_STATE_DIR"
# Usual home of accounts without one, such as a random user id in a container. Only root can create it.
NO_HOME: Final = Path("/nonexistent")


class Folders(NamedTuple):
    """The folders of the tool; environment variables can move them."""

    environ: Mapping[str, str]

    @property
    def config(self) -> Path:
        """The folder of config.toml and keys.json (``SOSTRADES_CONFIG_DIR``)."""
        return self._folder(CONFIG_VARIABLE, "config")

    @property
    def cache(self) -> Path:
        """The folder of cached names and types (``SOSTRADES_CACHE_DIR``)."""
        return self._folder(CACHE_VARIABLE, "cache")

    @property
    def state(self) -> Path:
        """The folder of locks and journals (``SOSTRADES_STATE_DIR``)."""
        return self._folder(STATE_VARIABLE, "state")

    def _folder(self, variable: str, kind: str) -> Path:
        if chosen := self.environ.get(variable):
            return at_home(chosen)
        import platformdirs

        try:
            # Windows has a folder per author above that of the program, unless there is none.
            path = Path(getattr(platformdirs, f"user_{kind}_path")(NAME, appauthor=False))
        except RuntimeError:
            path = NO_HOME / NAME / kind
        # Without HOME and without an entry in the user database, older versions of platformdirs return `~/...`.
        return NO_HOME / NAME / kind if path.parts[0] == "~" else path


def name_of_host(host: str) -> str:
    """Return the name of the folders and files of a server."""
    from hashlib import sha256

    return sha256(host.encode()).hexdigest()[:16]


def journal_file(state: Path, host: str, study: int) -> Path:
    """Return the file of the journal of a study."""
    return state / "journal" / name_of_host(host) / f"{study}.jsonl"


def read_config(folders: Folders) -> dict[str, object]:
    """Return the content of config.toml; empty if the file does not exist.

    Raises
    ------
    InvalidSetting
        The file is not TOML, cannot be read, or has an unknown setting or an invalid alias. The message has the line.

    """
    path = folders.config / "config.toml"
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        if is_hidden(path):
            return {}
        raise InvalidSetting(
            f"cannot read {path}: {error.strerror}", hint="check the permissions of the file"
        ) from error
    return parsed_config(content, path)


def parsed_config(content: bytes, path: Path) -> dict[str, object]:
    """Return the settings in the content of a file; ``path`` names it in errors.

    Raises
    ------
    InvalidSetting
        The content is not TOML, or has an unknown setting or an invalid alias. The message has the line.

    """
    try:
        # Editors on Windows may write a byte order mark.
        text = content.decode("utf-8-sig")
        config = from_toml(text)
    except ValueError as error:
        raise _broken(path, error) from error
    _check_version(config, path)
    _check_names(config, path, text)
    _check_aliases(config, path, text)
    return config


def is_hidden(path: Path) -> bool:
    """Return whether this user cannot look into the folder of a file, as in a container with the home of another."""
    return not os.access(path.parent, os.X_OK)


def _broken(path: Path, error: ValueError) -> InvalidSetting:
    return InvalidSetting(f"cannot read {path}: {error}", hint="correct the line, or move the file away")


def _check_version(config: Mapping[str, object], path: Path) -> None:
    # A newer program may have given a setting another meaning.
    version = config.get("version", VERSION)
    if version != VERSION:
        raise InvalidSetting(
            f"{path} has version {version!r}, but this program reads version {VERSION}",
            hint="update sostrades, or set SOSTRADES_CONFIG_DIR to another folder",
        )


def _check_names(config: Mapping[str, object], path: Path, text: str) -> None:
    """Refuse unknown settings, because a misspelt one would be ignored silently."""
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict):
        raise InvalidSetting(
            f"{path}, line {_line_of('profiles', text)}: profiles is not a table",
            hint="write the settings below the line [profiles.default]",
        )
    names = [(name, (*STORED, ALIASES)) for table in profiles.values() if isinstance(table, dict) for name in table]
    for name, known in [*((name, TOP_LEVEL) for name in config), *names]:
        if name not in known:
            from sostrades_cli.suggestions import closest

            close = closest(name, known)
            raise InvalidSetting(
                f"{path}, line {_line_of(name, text)}: there is no setting {name!r}",
                detail=f"available settings: {', '.join(known)}",
                hint=f"correct it to {close[0]}, or remove the line" if close else "remove the line",
            )


def _check_aliases(config: Mapping[str, Any], path: Path, text: str) -> None:
    """Refuse aliases that a command line would parse as something else, such as a number."""
    tables = [table.get(ALIASES) for table in config.get("profiles", {}).values() if isinstance(table, dict)]
    for name in (name for aliases in tables if isinstance(aliases, dict) for name in aliases):
        if not is_alias(name):
            raise InvalidSetting(
                f"{path}, line {_line_of(name, text)}: {name!r} cannot be an alias",
                hint=f"remove it, or use {ALIAS_RULE}",
            )


def _line_of(name: str, text: str) -> int:
    """Return the line that sets a name or begins a table of that name; the first line if there is none."""
    set_here = re.compile(rf"""\s*(?:\[.*)?["']?{re.escape(name)}["']?\s*(?:=|\.|\])""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if set_here.match(line)), 1)


def line_of_setting(folders: Folders, profile: str, key: str) -> int | None:
    """Return the line of config.toml with a profile's setting; ``None`` if there is none."""
    path = folders.config / "config.toml"
    return line_in(path.read_text(encoding="utf-8-sig"), profile, key) if os.access(path, os.R_OK) else None


def line_in(text: str, profile: str, key: str) -> int | None:
    """Return the line of a text with a profile's setting; ``None`` if there is none."""
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            table = _path_of(line)
        # The TOML parser gives no line numbers, so the line is searched.
        elif table == ["profiles", profile] and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
            return number
    return None


def _path_of(header: str) -> list[str]:
    """Return the parts of a table's header."""
    # The parser itself reads quoted and dotted names: a header alone is valid TOML.
    try:
        table: object = from_toml(header)
    except ValueError:
        return []
    names = []
    while isinstance(table, dict) and table:
        name, table = next(iter(table.items()))
        names.append(name)
    return names


def store(folders: Folders, profile: str, key: str, value: str | bool | None) -> Path:
    """Write a profile's setting into config.toml, or remove it; everything else is kept, comments included."""
    return _store(folders, ("profiles", profile), key, value)


def store_alias(folders: Folders, profile: str, name: str, study: int | None) -> Path:
    """Write a profile's alias for a study into config.toml, or remove it."""
    return _store(folders, ("profiles", profile, ALIASES), name, study)


@contextlib.contextmanager
def writing(folders: Folders) -> Iterator[None]:
    """Lock the folder of config.toml and keys.json for a change.

    Raises
    ------
    UsageError
        Nothing can be written there.

    """
    from sostrades_cli.files.locks import locked

    with locked(folders.config / ".config.lock", CONFIG_VARIABLE):
        # The file of the lock may be an old one in a folder that is read-only now.
        if not os.access(folders.config, os.W_OK | os.X_OK):
            raise UsageError(
                f"cannot write into {folders.config}",
                hint=f"check its permissions, or set {CONFIG_VARIABLE} to another folder",
            )
        yield


def check_writable(folders: Folders) -> None:
    """Refuse a folder of config.toml and keys.json that cannot be written, before the user types anything.

    Raises
    ------
    UsageError
        Nothing can be written there.

    """
    with writing(folders):
        pass


def _store(folders: Folders, tables: tuple[str, ...], key: str, value: str | bool | int | None) -> Path:
    import tomlkit

    path = folders.config / "config.toml"
    # tomlkit keeps comments and layout. Another process may write at the same time, and its change must not be lost.
    with writing(folders):
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
        table: Any = document
        for depth, name in enumerate(tables):
            table = table.setdefault(name, tomlkit.table(is_super_table=depth == 0))
            if not isinstance(table, dict):
                table_name = ".".join(tables[: depth + 1])
                raise InvalidSetting(
                    f"{path}: {table_name} is not a table",
                    hint=f"write its settings below the line [{table_name}], or remove the line",
                )
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
        with beforehand(), atomic(path, private=True, named=True) as file:
            file.write(tomlkit.dumps(document).encode())
    return path
