"""``sostrades calc``."""

from sostrades_cli.cli import framework

command = framework.group(
    "calc",
    "The calculation of a study.",
    __name__,
    {
        "run": "Start a run and watch it to its end.",
        "status": "Show the state of calculations, once.",
        "watch": "Watch runs to their end.",
        "sweep": "Run a table of cases and collect outputs.",
    },
)
