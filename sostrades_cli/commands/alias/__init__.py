"""``sostrades alias``."""

from sostrades_cli.cli import framework

command = framework.group(
    "alias",
    "Manage short names for studies.\n\nAliases are stored in config.toml, separately for each profile. Every "
    "command accepts an alias as STUDY.",
    __name__,
    {
        "list": "List the aliases of the profile in use.",
        "set": "Create or change an alias.",
        "remove": "Remove an alias.",
    },
)
