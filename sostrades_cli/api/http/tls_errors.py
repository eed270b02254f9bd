"""Errors of certificates that are not trusted, with advice for each cause."""

from __future__ import annotations

import re
from typing import Final

from sostrades_cli.errors import Unreachable

# OpenSSL puts its reason between the error code and the position in its source.
_REASON: Final = re.compile(r"certificate verify failed: (.*?)(?: \(_ssl\.c:[0-9]+\))?$")
_ADVICE: Final = (
    (re.compile("mismatch|not valid for"), "check the address: the certificate is for another name"),
    (
        re.compile("expired"),
        "check the clock of this computer, or ask the administrator to renew the certificate",
    ),
    (re.compile("not yet valid"), "check the clock of this computer"),
)
UNKNOWN_SIGNER: Final = "set SOSTRADES_CA_BUNDLE=FILE.pem to the certificate of the authority that signed it"


def untrusted(host: str, text: str, study: int | None = None) -> Unreachable:
    """Return the error for a certificate that is not trusted; ``text`` is OpenSSL's message."""
    match = _REASON.search(text)
    reason = match.group(1) if match else text
    advice = next((advice for pattern, advice in _ADVICE if pattern.search(reason)), UNKNOWN_SIGNER)
    return Unreachable(f"the certificate of {host} is not trusted", detail=reason, hint=advice, study=study)
