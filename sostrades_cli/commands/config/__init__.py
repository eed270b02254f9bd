"""``sostrades config``."""

from sostrades_cli.cli import framework

command = framework.group(
    "config",
    "Show and change settings.\n\nThe API key is not a setting: see `sostrades auth`.",
    __name__,
    {
        "list": "Show the settings in effect.",
        "get": "Print the value of a setting.",
        "set": "Write a setting to config.toml.",
        "edit": "Edit config.toml in your editor.",
        "explain": "Show all sources of a setting.",
        "path": "Print the path of config.toml.",
    },
)
