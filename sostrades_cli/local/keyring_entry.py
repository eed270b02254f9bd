"""The name under which a key is stored, in the keyring or in keys.json."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote


class KeyringEntry(NamedTuple):
    """The entry of a token in a keyring; each pair of profile and server has its own."""

    profile: str
    host: str

    @property
    def name(self) -> str:
        """The name in the keyring, such as ``team@https://corp.example``; it is unique."""
        # Quoted, so that a profile `a@b` and a host cannot give the same name.
        return f"{quote(self.profile, safe=' ')}@{self.host}"
