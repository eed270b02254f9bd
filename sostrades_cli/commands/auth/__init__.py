"""``sostrades auth``."""

from sostrades_cli.cli import framework

command = framework.group(
    "auth",
    "The API key: kept in the OS keyring, one for each profile, pinned to its server. SOSTRADES_API_KEY beats it.",
    __name__,
    {
        "login": "Check a key against the server and store it.",
        "logout": "Forget the key of a profile.",
        "status": "Show the key's source and whether the server accepts it.",
    },
)
