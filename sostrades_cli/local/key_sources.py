"""The sources of the API key of one profile and server, and the source in effect. Everything about keys begins here.

``key_files``, ``key_command`` and ``keyring_store`` are the sources, and ``keyring_entry`` names a stored key.
``credential`` is a key that can be sent. ``key_origin`` describes its source in the error of a rejected key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import KeyMissing, KeyringError
from sostrades_cli.local import key_command
from sostrades_cli.local.credential import VARIABLE, Credential, checked, checked_of, from_variable
from sostrades_cli.local.key_files import KEYS, content_of
from sostrades_cli.local.keyring_entry import KeyringEntry
from sostrades_cli.local.keyring_store import keep
from sostrades_cli.local.settings import DEFAULT_PROFILE, KEY_FILE
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.local.key_command import KeyCommand
    from sostrades_cli.local.key_files import StoredKeys
    from sostrades_cli.local.keyring_store import KeyStore
    from sostrades_cli.local.settings_sources import SettingSource

COMMAND: Final = "key_command"
KEYRING: Final = "keyring"
HAS_KEY: Final = "has the key"
NOT_OPENED: Final = "not opened"
EMPTY: Final = ", and SOSTRADES_API_KEY is empty"
WHY_EMPTY: Final = "put the key into SOSTRADES_API_KEY. In CI, check that this branch or job may read the variable"


@dataclass(frozen=True, repr=False)  # a repr would contain the key
class KeySources:
    """The sources of a key, the strongest first: variable, file, command, keyring, keys.json.

    ``api_key`` is the value of SOSTRADES_API_KEY: ``None`` if it is not set, empty if it is set but empty. ``file`` is
    keys.json. ``environ`` are the variables of the command.
    """

    entry: KeyringEntry
    keyring: KeyStore
    file: StoredKeys
    environ: Mapping[str, str]
    api_key: str | None = None
    key_file: str | None = None
    command: KeyCommand | None = None

    def of_profile(self, profile: str, host: str, table: Mapping[str, object]) -> KeySources:
        """Return the sources of a profile that is not in use; the variables are not for it."""
        command = key_command.key_command_of(table)
        return replace(self, entry=KeyringEntry(profile, host), api_key=None, key_file=None, command=command)

    @property
    def configured(self) -> str | None:
        """Return the source that takes precedence over stored keys, ``None`` if there is none."""
        if self.api_key:
            return VARIABLE
        if self.key_file is not None:
            return KEY_FILE
        return COMMAND if self._command_line is not None else None

    def find(self) -> Credential:
        """Return the key from the strongest source. A source that fails is an error, not skipped.

        Only a keyring that cannot be read is passed over, if keys.json has the key.

        Raises
        ------
        KeyMissing
            No source has a key.
        KeySourceError
            The source cannot be used, or its key has characters that an HTTP header cannot contain.
        KeyringError
            The keyring cannot be read.
        UsageError
            The key in the keyring has characters that an HTTP header cannot contain.

        """
        source = self.configured
        if source == VARIABLE:
            return from_variable(self.api_key or "")
        if source is not None:
            return checked_of(source, self._text_of(source))
        if (token := self.stored_in_keyring[0]) is not None:
            return Credential(checked(token), KEYRING)
        if (token := self.file.get(self.entry)) is not None:
            return checked_of(KEYS, token)
        raise self._missing()

    @cached_property
    def stored_in_keyring(self) -> tuple[str | None, KeyringError | None]:
        """Return the token in the keyring, or why the keyring cannot be read."""
        # Asked once: a locked keyring takes seconds to give no answer.
        try:
            return self.keyring.get(self.entry), None
        except KeyringError as error:
            return None, error

    def check_store(self, *, insecure: bool) -> None:
        """Read the store of ``keep``, so that an unusable one is reported before a key is typed.

        Raises
        ------
        KeyringError
            The keyring cannot be used.
        KeySourceError
            keys.json exists and cannot be used.

        """
        if insecure:
            self.file.get(self.entry)
        elif (error := self.stored_in_keyring[1]) is not None:
            raise error

    def keep(self, token: str, *, insecure: bool) -> None:
        """Store a token in the keyring, or with ``insecure`` in keys.json, and remove it from the other.

        Raises
        ------
        KeyringError
            The keyring cannot be used, or does not keep the token.
        KeySourceError
            keys.json exists and cannot be used.
        UsageError
            keys.json cannot be written.

        """
        if not insecure:
            keep(self.entry, token, self.keyring)
            self.file.forget(self.entry)
            return
        self.file.put(self.entry, token)
        try:
            # It takes precedence over the file.
            self.keyring.forget(self.entry)
        except KeyringError:
            return  # often the reason to use the file

    def explain(self) -> list[SettingSource]:
        """Return all sources, the strongest first, as for a setting. No value is a key.

        Raises
        ------
        KeySourceError
            keys.json would be in effect, and cannot be used.

        """
        from sostrades_cli.local.settings_sources import KEY, SettingSource

        winner = self.configured
        in_keyring = in_file = NOT_OPENED if winner else None
        if winner is None:
            token, failure = self.stored_in_keyring
            in_keyring = f"cannot be used: {failure.message}" if failure else None
            if token is not None:
                winner, in_keyring, in_file = KEYRING, HAS_KEY, NOT_OPENED
        if winner is None:
            in_file = HAS_KEY if self.file.get(self.entry) is not None else None
            winner = KEYS if in_file else None
        values = (
            (VARIABLE, VARIABLE, "set" if self.api_key else None),
            (KEY_FILE, KEY_FILE, self.key_file),
            (COMMAND, f"{COMMAND} of profile {self.entry.profile}", self._command_line),
            (KEYRING, KEYRING, in_keyring),
            (KEYS, str(self.file.path), in_file),
        )
        return [SettingSource(KEY, source, value, holds=name == winner) for name, source, value in values]

    @property
    def _command_line(self) -> str | None:
        # The key is for the server of the profile, and --host may name another one.
        if self.command is None or self.command.host not in {None, self.entry.host}:
            return None
        return self.command.line

    def _text_of(self, source: str) -> str:
        if source == KEY_FILE:
            return content_of(self.key_file or "")
        return key_command.output_of(self._command_line or "", self.environ)

    def _missing(self) -> SostradesError:
        # A command that is for this server would be in effect.
        other = self.command and f"the key_command of profile {self.entry.profile} is only for {self.command.host}"
        error = self.stored_in_keyring[1]
        if error is None:
            return missing_key(self.entry, self.api_key, other)
        if self.api_key is None:
            return error.reworded(f"cannot read the API key: {error.message}", detail=other)
        return error.reworded(f"cannot read the API key: {error.message}{EMPTY}", detail=other, hint=WHY_EMPTY)


def missing_key(entry: KeyringEntry, api_key: str | None, detail: str | None = None) -> KeyMissing:
    """Return the error for a server without a key; ``api_key`` is empty if SOSTRADES_API_KEY is set to nothing."""
    where, login = _in_profile(entry.profile), login_command(entry)
    return KeyMissing(
        f"there is no API key for {entry.host}{where}{'' if api_key is None else EMPTY}",
        detail=detail,
        hint=f"`{login}`, or set SOSTRADES_API_KEY" if api_key is None else f"{WHY_EMPTY}, or run `{login}`",
    )


def login_command(entry: KeyringEntry, *, insecure: bool = False) -> str:
    """Return the command that stores a key for a profile and its server."""
    profile = "" if entry.profile == DEFAULT_PROFILE else f" --profile {shell_quoted(entry.profile)}"
    return f"sostrades auth login --host {entry.host}{profile}{' --insecure-storage' * insecure}"


def _in_profile(profile: str) -> str:
    return "" if profile == DEFAULT_PROFILE else f" in profile {profile}"
