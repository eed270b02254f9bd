"""An API key that can be sent, and the source that it comes from."""

from __future__ import annotations

from typing import Final, NamedTuple

from sostrades_cli.errors import KeySourceError, UsageError
from sostrades_cli.safe_parsers import BYTE_ORDER_MARK

# Sources: the variable, a key typed into `auth login`, and an argument of the library.
VARIABLE: Final = "SOSTRADES_API_KEY"
TYPED: Final = "typed"
ARGUMENT: Final = "argument"
QUOTES: Final = frozenset({"'", '"'})
ONLY_KEY: Final = "paste only the key: 32 digits and letters, or its base64 form"


class Credential(NamedTuple):
    """A token for one server and its source; the repr does not contain the token."""

    token: str
    source: str

    def __repr__(self) -> str:
        return f"Credential(source={self.source!r})"

    def forms(self) -> tuple[str, ...]:
        """Return the forms to try in order: the plain key (5.3.3 and later), then base64 (every version)."""
        import base64

        # A group's key with the e-mail of a member, KEY:E-MAIL, is accepted as base64 only.
        encoded = base64.b64encode(self.token.encode()).decode()
        return (encoded,) if ":" in self.token else (self.token, encoded)


def from_variable(api_key: str) -> Credential:
    """Return the key in SOSTRADES_API_KEY.

    Raises
    ------
    KeySourceError
        The key has characters that an HTTP header cannot contain.

    """
    return checked_of(VARIABLE, api_key)


def checked_of(source: str, token: str) -> Credential:
    """Return the key of a source. The error of an invalid key names the source.

    Raises
    ------
    KeySourceError
        The key has characters that an HTTP header cannot contain.

    """
    try:
        return Credential(checked(token), source)
    except UsageError as error:
        raise KeySourceError(f"cannot use the API key from {source}: {error.message}", hint=error.hint) from error


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
