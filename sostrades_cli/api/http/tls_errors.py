"""Why a certificate is not trusted, and what to do about it."""

from __future__ import annotations

import re
from typing import Final

from sostrades_cli.errors import Unreachable

# OpenSSL's own words stand between its error code and the place in its source.
_REASON: Final = re.compile(r"certificate verify failed: (.*?)(?: \(_ssl\.c:[0-9]+\))?$")
_ADVICE: Final = (
    (re.compile("mismatch|not valid for"), "it is for another name: is the address right?"),
    (re.compile("expired"), "whoever runs the server has to renew it; is the clock of this machine right?"),
    (re.compile("not yet valid"), "is the clock of this machine right?"),
)
UNKNOWN_SIGNER: Final = "SOSTRADES_CA_BUNDLE=FILE.pem names the authority that signed it"


def untrusted(host: str, text: str, study: int | None = None) -> Unreachable:
    """Return the error of a certificate that is not trusted; ``text`` is what OpenSSL says."""
    found = _REASON.search(text)
    reason = found.group(1) if found else text
    advice = next((advice for pattern, advice in _ADVICE if pattern.search(reason)), UNKNOWN_SIGNER)
    return Unreachable(f"the certificate of {host} is not trusted", detail=reason, hint=advice, study=study)
