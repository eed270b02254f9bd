"""``sostrades alias``."""

from sostrades_cli.cli import framework

command = framework.group(
    "alias",
    "Names of your own for studies, kept in config.toml, per profile. Any command takes one for STUDY.",
    __name__,
    {
        "list": "List the aliases.",
        "set": "Give a study a name.",
        "remove": "Forget a name.",
    },
)
