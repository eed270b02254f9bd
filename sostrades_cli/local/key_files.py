"""Keys in files: the file that SOSTRADES_API_KEY_FILE names, and keys.json of ``auth login --insecure-storage``."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import KeySourceError, UsageError
from sostrades_cli.files.atomic import at_home, atomic, beforehand
from sostrades_cli.local.config_file import is_hidden, writing
from sostrades_cli.local.key_command import MOST_BYTES, text_of
from sostrades_cli.local.settings import KEY_FILE
from sostrades_cli.safe_parsers import from_json
from sostrades_cli.system import WINDOWS, shell_quoted

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders
    from sostrades_cli.local.keyring_entry import KeyringEntry

KEYS: Final = "keys.json"


def content_of(name: str) -> str:
    """Return the text of the file of SOSTRADES_API_KEY_FILE.

    Its permissions are not checked: a secret that is mounted into a container is often readable by all.

    Raises
    ------
    KeySourceError
        The file is missing, a folder, empty, too large, or cannot be read.

    """
    hint = f"correct {KEY_FILE}: the name of a file with nothing but the key"
    try:
        path = at_home(name)
        reason = "it is a folder" if path.is_dir() else None
        content = b"" if reason else _beginning(path)
    except UsageError as error:
        raise KeySourceError(f"cannot read the API key: {KEY_FILE} is {error.message}", hint=hint) from error
    except OSError as error:
        reason, content = error.strerror or str(error), b""
    text = text_of(content).strip()
    if len(content) > MOST_BYTES:
        reason = "it is too large for a key"
    elif not text and reason is None:
        reason = "it is empty"
    if reason is not None:
        raise KeySourceError(f"cannot read the API key from {name} ({KEY_FILE}): {reason}", hint=hint)
    return text


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


class StoredKeys(NamedTuple):
    """Keys in ``keys.json`` beside ``config.toml``: an unencrypted file that only its owner can read."""

    folders: Folders

    @property
    def path(self) -> Path:
        """Return the path of the file."""
        return self.folders.config / KEYS

    def get(self, entry: KeyringEntry) -> str | None:
        """Return the stored token.

        Raises
        ------
        KeySourceError
            The file is damaged, or group or others can read it.

        """
        return self._read().get(entry.name)

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Store a token.

        Raises
        ------
        KeySourceError
            The file exists and cannot be used.
        UsageError
            The file cannot be written.

        """
        with writing(self.folders):
            self._write({**self._read(), entry.name: token})

    def forget(self, entry: KeyringEntry) -> bool:
        """Remove a token, and return whether one was stored."""
        # Without the lock, so that this works where nothing can be written.
        if entry.name not in self._read(exposed=True):
            return False
        with writing(self.folders):
            keys = self._read(exposed=True)
            was_stored = keys.pop(entry.name, None) is not None
            if keys:
                self._write(keys)
            else:
                self._remove()
        return was_stored

    def _read(self, *, exposed: bool = False) -> dict[str, str]:
        """Return all keys by the names of their entries; ``exposed`` allows a file that other users can read."""
        try:
            with self.path.open("rb") as file:
                mode, content = stat.S_IMODE(os.fstat(file.fileno()).st_mode), file.read()
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            if is_hidden(self.path):
                return {}
            raise self._unusable(error.strerror or str(error)) from error
        # On Windows, access lists protect the file, and these bits mean nothing.
        if not WINDOWS and mode & 0o077 and not exposed:
            raise self._unusable("other users can read it", f"chmod 600 {shell_quoted(str(self.path))}")
        try:
            keys = from_json(content)
        except ValueError as error:
            raise self._unusable("it is not JSON") from error
        if not isinstance(keys, dict) or not all(isinstance(token, str) for token in keys.values()):
            raise self._unusable("it is not an object of texts")
        return keys

    def _unusable(self, reason: str, hint: str | None = None) -> KeySourceError:
        return KeySourceError(
            f"cannot use the API key in {self.path}: {reason}",
            hint=hint or "remove the file, and run `sostrades auth login --insecure-storage` again",
        )

    def _write(self, keys: dict[str, str]) -> None:
        with beforehand(), atomic(self.path, private=True) as file:
            file.write(json.dumps(keys, indent=1).encode())

    def _remove(self) -> None:
        try:
            self.path.unlink()
        except OSError as error:
            raise UsageError(
                f"cannot remove {self.path}: {error.strerror}", hint="check the permissions of its folder"
            ) from error
