"""``sostrades auth``."""

from sostrades_cli.cli import framework

command = framework.group(
    "auth",
    "Store, check and remove the API key.\n\nThe key is stored in the keyring of your operating system, one key "
    "per profile. SOSTRADES_API_KEY, SOSTRADES_API_KEY_FILE and key_command take precedence over a stored key.",
    __name__,
    {
        "login": "Check an API key and store it.",
        "logout": "Remove the stored key of a profile.",
        "status": "Show where the key comes from, and check it.",
    },
)
