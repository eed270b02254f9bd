"""The tool's own folders and its config.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.files import atomic, private_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "sostrades"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the tool keeps its files; the environment can move each."""

    environ: Mapping[str, str]

    @property
    def config(self) -> Path:
        """The folder of config.toml (``SOSTRADES_CONFIG_DIR``)."""
        return self._folder("SOSTRADES_CONFIG_DIR", "user_config_path")

    @property
    def cache(self) -> Path:
        """The folder of names and types seen before (``SOSTRADES_CACHE_DIR``)."""
        return self._folder("SOSTRADES_CACHE_DIR", "user_cache_path")

    @property
    def state(self) -> Path:
        """The folder of locks and journals (``SOSTRADES_STATE_DIR``)."""
        return self._folder("SOSTRADES_STATE_DIR", "user_state_path")

    def _folder(self, variable: str, method: str) -> Path:
        if named := self.environ.get(variable):
            return Path(named).expanduser()
        import platformdirs  # noqa: PLC0415 - start-up: most commands in CI name no folder

        return Path(getattr(platformdirs, method)(NAME))


def read_config(folders: Folders) -> dict[str, object]:
    """Read config.toml, empty where there is none.

    Raises
    ------
    UsageError
        It is not TOML, or cannot be read; the message has line and column.

    """
    path = folders.config / "config.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="mend the line, or move the file away") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="look at its permissions") from error


def store_host(folders: Folders, profile: str, host: str) -> Path:
    """Write a profile's server address into config.toml, keeping all else, comments included."""
    import tomlkit  # noqa: PLC0415 - start-up: only login writes settings

    path = folders.config / "config.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    profiles = document.setdefault("profiles", tomlkit.table(is_super_table=True))
    profiles.setdefault(profile, tomlkit.table())["host"] = host
    private_folder(folders.config)
    with atomic(path, private=True) as file:
        file.write(tomlkit.dumps(document).encode())
    return path
