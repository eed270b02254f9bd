"""The API key and the OS keyring. The only importer of keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from sostrades_cli.errors import KeyMissing, KeyringError, KeyringLocked, UsageError
from sostrades_cli.local.settings import DEFAULT_PROFILE
from sostrades_cli.safe_parsers import BYTE_ORDER_MARK
from sostrades_cli.system import in_slices, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend

Result = TypeVar("Result")
SERVICE: Final = "sostrades"
# A locked keyring may wait for a dialog that nobody can see, as over SSH.
KEYRING_LIMIT_S: Final = 3.0
EMPTY: Final = ", and SOSTRADES_API_KEY is empty"
WHY_EMPTY: Final = "put the key into SOSTRADES_API_KEY. In CI, check that this branch or job may read the variable"
QUOTES: Final = frozenset({"'", '"'})
# The sources that need no keyring.
OTHER_SOURCES: Final = (
    "set SOSTRADES_API_KEY or SOSTRADES_API_KEY_FILE, run `sostrades config set key_command COMMAND`, "
    "or run `sostrades auth login --insecure-storage`"
)


class Credential(NamedTuple):
    """A token for one server and its source; the repr does not contain the token."""

    token: str
    source: str

    def __repr__(self) -> str:
        return f"Credential(source={self.source!r})"

    def forms(self) -> tuple[str, ...]:
        """Return the forms to try in order: the plain key (5.3.3 and later), then base64 (every version)."""
        import base64  # noqa: PLC0415 - start-up: only requests need it

        # A group's key with the e-mail of a member, KEY:E-MAIL, is accepted as base64 only.
        encoded = base64.b64encode(self.token.encode()).decode()
        return (encoded,) if ":" in self.token else (self.token, encoded)


class KeyringEntry(NamedTuple):
    """The entry of a token in a keyring; each pair of profile and server has its own."""

    profile: str
    host: str

    @property
    def name(self) -> str:
        """The name in the keyring, such as ``team@https://corp.example``; it is unique."""
        # Quoted, so that a profile `a@b` and a host cannot give the same name.
        return f"{quote(self.profile, safe=' ')}@{self.host}"


class KeyStore(Protocol):
    """The operations of a keyring that the tool needs."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Return the stored token."""

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Store a token."""

    def forget(self, entry: KeyringEntry) -> bool:
        """Remove a token, and return whether one was stored."""


class SystemKeyring:
    """The OS keyring. Each call ends within ``limit_s``, because the keyring library has no time limit."""

    def __init__(self, limit_s: float = KEYRING_LIMIT_S) -> None:
        self.limit_s = limit_s

    def get(self, entry: KeyringEntry) -> str | None:
        """Return the stored token.

        Raises
        ------
        KeyringError
            The keyring is missing, locked, or does not answer.

        """
        return self._in_time(lambda ring: ring.get_password(SERVICE, entry.name))

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Store a token."""
        self._in_time(lambda ring: ring.set_password(SERVICE, entry.name, token))

    def forget(self, entry: KeyringEntry) -> bool:
        """Remove a token, and return whether one was stored."""
        if self.get(entry) is None:
            return False
        self._in_time(lambda ring: ring.delete_password(SERVICE, entry.name))
        return True

    def _in_time(self, call: Callable[[KeyringBackend], Result]) -> Result:
        """Call the keyring in a thread, with a time limit."""
        import threading  # noqa: PLC0415 - start-up: only the keyring needs it

        answers: list[Result] = []
        failures: list[Exception] = []

        def work() -> None:
            try:
                answers.append(call(_backend()))
            except Exception as error:  # noqa: BLE001 - handed to the waiting thread, which explains it
                failures.append(error)

        # A hanging call cannot be stopped; a daemon thread does not keep the process alive.
        thread = threading.Thread(target=work, name="keyring", daemon=True)
        thread.start()
        for slice_s in in_slices(self.limit_s):
            thread.join(slice_s)
            if not thread.is_alive():
                break
        if answers:
            return answers[0]
        if not failures:
            raise KeyringLocked(
                f"the keyring did not answer within {self.limit_s:g} s, it may be locked", hint=OTHER_SOURCES
            )
        raise _explained(failures[0]) from failures[0]


def keep(entry: KeyringEntry, token: str, keyring: KeyStore) -> None:
    """Store a token and read it back.

    Raises
    ------
    KeyringError
        The keyring cannot be used, or returns another token than the stored one.

    """
    keyring.put(entry, token)
    # Some keyrings accept a token without storing it.
    if keyring.get(entry) != token:
        raise KeyringError("the keyring did not store the key", hint=OTHER_SOURCES)


def missing_key(entry: KeyringEntry, api_key: str | None, detail: str | None = None) -> KeyMissing:
    """Return the error for a server without a key; ``api_key`` is empty if SOSTRADES_API_KEY is set to nothing."""
    where, option = _of_profile(entry.profile)
    login = f"sostrades auth login --host {entry.host}{option}"
    return KeyMissing(
        f"there is no API key for {entry.host}{where}{'' if api_key is None else EMPTY}",
        detail=detail,
        hint=f"`{login}`, or set SOSTRADES_API_KEY" if api_key is None else f"{WHY_EMPTY}, or run `{login}`",
    )


def _of_profile(profile: str) -> tuple[str, str]:
    """Return the profile as part of a message and as an option; both are empty for the default profile."""
    if profile == DEFAULT_PROFILE:
        return "", ""
    return f" in profile {profile}", f" --profile {quoted(profile)}"


def is_email(text: str) -> bool:
    """Return whether a text can be the e-mail in a group's key, ``KEY:E-MAIL``."""
    name, sign, domain = text.partition("@")
    whole = bool(name and sign and domain) and text.isascii() and text.isprintable()
    return whole and not {" ", ":"} & set(text)


def checked(token: str) -> str:
    """Return a key without surrounding blanks and without a byte order mark.

    Raises
    ------
    UsageError
        The key is empty, quoted, or has blanks or characters beyond ASCII. The message does not contain it.

    """
    # Files written by Windows editors begin with a byte order mark and end with a line break.
    token = token.strip().removeprefix(BYTE_ORDER_MARK)
    if token[:1] in QUOTES or token[-1:] in QUOTES:
        raise UsageError(
            "the API key has quotes around it",
            hint="remove the quotes. In a file for `docker --env-file`, quotes are part of the value",
        )
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            "the API key is empty or has invalid characters",
            hint="paste only the key: 32 digits and letters, or its base64 form",
        )
    return token


def _backend() -> KeyringBackend:
    """Return the keyring of the machine, or raise an error if it is only a placeholder."""
    import keyring  # noqa: PLC0415 - start-up: a key from the environment needs no keyring
    from keyring.backends import fail, null  # noqa: PLC0415

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring):
        raise KeyringError("this computer has no keyring", hint=OTHER_SOURCES)
    if isinstance(backend, null.Keyring):
        raise KeyringError("the chosen keyring (null) stores nothing", hint=OTHER_SOURCES)
    return backend


def _explained(error: Exception) -> KeyringError:
    from keyring import errors as theirs  # noqa: PLC0415 - start-up: only after a failure

    if isinstance(error, KeyringError):
        return error
    if isinstance(error, theirs.NoKeyringError | theirs.InitError):
        return KeyringError("this computer has no keyring", hint=OTHER_SOURCES)
    if isinstance(error, theirs.KeyringLocked):
        return KeyringLocked("the keyring is locked", hint=f"unlock the keyring, or {OTHER_SOURCES}")
    return KeyringError(f"the keyring failed: {type(error).__name__}", hint=OTHER_SOURCES)
