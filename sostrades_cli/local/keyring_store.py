"""The keyring of the operating system. The only importer of keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sostrades_cli.errors import KeyringError, KeyringLocked
from sostrades_cli.system import in_slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend

    from sostrades_cli.local.keyring_entry import KeyringEntry

    class KeyStore(Protocol):
        """The operations of a keyring that the tool needs."""

        def get(self, entry: KeyringEntry) -> str | None:
            """Return the stored token."""

        def put(self, entry: KeyringEntry, token: str) -> None:
            """Store a token."""

        def forget(self, entry: KeyringEntry) -> bool:
            """Remove a token, and return whether one was stored."""


Result = TypeVar("Result")
SERVICE: Final = "sostrades"
# A locked keyring may wait for a dialog that nobody can see, as over SSH.
KEYRING_LIMIT_S: Final = 3.0
# The sources that need no keyring.
OTHER_SOURCES: Final = (
    "set SOSTRADES_API_KEY or SOSTRADES_API_KEY_FILE, run `sostrades config set key_command COMMAND`, "
    "or run `sostrades auth login --insecure-storage`"
)


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
        import threading

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


def _backend() -> KeyringBackend:
    """Return the keyring of the machine, or raise an error if it is only a placeholder."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring):
        raise KeyringError("this computer has no keyring", hint=OTHER_SOURCES)
    if isinstance(backend, null.Keyring):
        raise KeyringError("the chosen keyring (null) stores nothing", hint=OTHER_SOURCES)
    return backend


def _explained(error: Exception) -> KeyringError:
    from keyring import errors as theirs

    if isinstance(error, KeyringError):
        return error
    if isinstance(error, theirs.NoKeyringError | theirs.InitError):
        return KeyringError("this computer has no keyring", hint=OTHER_SOURCES)
    if isinstance(error, theirs.KeyringLocked):
        return KeyringLocked("the keyring is locked", hint=f"unlock the keyring, or {OTHER_SOURCES}")
    return KeyringError(f"the keyring failed: {type(error).__name__}", hint=OTHER_SOURCES)
