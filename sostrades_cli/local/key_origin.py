"""The origin of a key, for the error of a key that the server rejects: its name, and how to correct it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.local.credential import ARGUMENT, TYPED, VARIABLE
from sostrades_cli.local.key_files import KEYS
from sostrades_cli.local.key_sources import COMMAND, KEYRING, login_command
from sostrades_cli.local.settings import KEY_FILE

if TYPE_CHECKING:
    from sostrades_cli.local.keyring_entry import KeyringEntry

WHO_MAKES_KEYS: Final = "Keys come from the server's administrator"
_MEMBER: Final = "a member of the key's group, or of the user of the key"


class KeyOrigin(NamedTuple):
    """The origin of a key: its ``name``, and the advice for a wrong key and for the key of another user."""

    name: str
    replace: str
    other_user: str


def origin_of(source: str, entry: KeyringEntry, key_file: str | None) -> KeyOrigin:
    """Return the origin of a key of this source, for the profile and server of an entry.

    ``key_file`` is the value of SOSTRADES_API_KEY_FILE.
    """
    if source == TYPED:
        return KeyOrigin(
            "you entered",
            f"enter the whole key, and one for {entry.host}. {WHO_MAKES_KEYS}",
            f"give the e-mail of {_MEMBER} with --as-user",
        )
    if source in {KEYRING, KEYS}:
        login = login_command(entry, insecure=source == KEYS)
        return KeyOrigin(
            f"from the {KEYRING}" if source == KEYRING else f"from {KEYS}",
            f"store a valid key with `{login}`. {WHO_MAKES_KEYS}",
            f"log in with the e-mail of {_MEMBER}: `{login} --as-user EMAIL`",
        )
    name, correct = {
        VARIABLE: (VARIABLE, f"set {VARIABLE} to a valid key, or unset it to use the key of `sostrades auth login`"),
        KEY_FILE: (f"{key_file} ({KEY_FILE})", f"put a valid key into {key_file}, or unset {KEY_FILE}"),
        COMMAND: (
            f"{COMMAND} of profile {entry.profile}",
            f"correct the command, which `sostrades config get {COMMAND}` shows, or the key that it prints",
        ),
        ARGUMENT: ("the argument `key`", "pass a valid key, or leave out the argument"),
    }[source]
    return KeyOrigin(
        f"from {name}",
        f"{correct}. {WHO_MAKES_KEYS}",
        f"write the key as KEY:EMAIL there, with the e-mail of {_MEMBER}",
    )
