"""The API key, from the environment or the OS keyring. The only importer of keyring."""

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
ONLY_KEY: Final = "paste only the key: 32 digits and letters, or its base64 form"
USE_VARIABLE: Final = "put the key into the environment variable SOSTRADES_API_KEY"


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
                f"the keyring did not answer within {self.limit_s:g} s, it may be locked", hint=USE_VARIABLE
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
        raise KeyringError("the keyring did not store the key", hint=USE_VARIABLE)


def find(entry: KeyringEntry, api_key: str | None, keyring: KeyStore) -> Credential:
    """Return the key for a server, from the environment or else from the keyring entry of this profile.

    ``api_key`` is the value of SOSTRADES_API_KEY: ``None`` if it is not set, empty if it is set but empty.

    Raises
    ------
    KeyMissing
        Neither has a key.
    KeyringError
        The keyring cannot be read.
    UsageError
        The key has characters that an HTTP header cannot contain.

    """
    if api_key:
        return Credential(checked(api_key), "SOSTRADES_API_KEY")
    token = stored(entry, api_key, keyring)
    if token is None:
        where, option = _of_profile(entry.profile)
        login = f"sostrades auth login --host {entry.host}{option}"
        raise KeyMissing(
            f"there is no API key for {entry.host}{where}{'' if api_key is None else EMPTY}",
            hint=f"`{login}`, or set SOSTRADES_API_KEY" if api_key is None else f"{WHY_EMPTY}, or run `{login}`",
        )
    return Credential(checked(token), "keyring")


def stored(entry: KeyringEntry, api_key: str | None, keyring: KeyStore) -> str | None:
    """Return the token in the keyring; ``api_key``, as for ``find``, only adds a hint to an error.

    Raises
    ------
    KeyringError
        The keyring cannot be read.

    """
    try:
        return keyring.get(entry)
    except KeyringError as error:
        if api_key != "":
            raise error.reworded(f"cannot read the API key: {error.message}") from error
        raise error.reworded(f"cannot read the API key: {error.message}{EMPTY}", hint=WHY_EMPTY) from error


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
    if not token:
        raise UsageError("the API key is empty", hint=ONLY_KEY)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("the API key has blanks or characters that no key has", hint=ONLY_KEY)
    return token


def _backend() -> KeyringBackend:
    """Return the keyring of the machine, or raise an error if it is only a placeholder."""
    import keyring  # noqa: PLC0415 - start-up: a key from the environment needs no keyring
    from keyring.backends import fail, null  # noqa: PLC0415

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring):
        raise KeyringError("this computer has no keyring", hint=USE_VARIABLE)
    if isinstance(backend, null.Keyring):
        raise KeyringError("the chosen keyring (null) stores nothing", hint=USE_VARIABLE)
    return backend


def _explained(error: Exception) -> KeyringError:
    from keyring import errors as theirs  # noqa: PLC0415 - start-up: only after a failure

    if isinstance(error, KeyringError):
        return error
    if isinstance(error, theirs.NoKeyringError | theirs.InitError):
        return KeyringError("this computer has no keyring", hint=USE_VARIABLE)
    if isinstance(error, theirs.KeyringLocked):
        return KeyringLocked("the keyring is locked", hint=f"unlock the keyring, or {USE_VARIABLE}")
    return KeyringError(f"the keyring failed: {type(error).__name__}", hint=USE_VARIABLE)
