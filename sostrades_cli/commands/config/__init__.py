"""``sostrades config``."""

from sostrades_cli.cli import framework

command = framework.group(
    "config",
    "Settings: what holds, and where it comes from. The key is no setting: see `sostrades auth`.",
    __name__,
    {
        "list": "List the settings that hold.",
        "get": "Print the setting that holds.",
        "set": "Write a setting into config.toml.",
        "explain": "Show every source of a setting.",
        "path": "Print where config.toml is.",
    },
)
