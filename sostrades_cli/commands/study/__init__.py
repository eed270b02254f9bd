"""``sostrades study``."""

from sostrades_cli.cli import framework

command = framework.group(
    "study",
    "A study: its parameters, its address, its log, a copy of it.",
    __name__,
    {
        "load": "Show the parameters of a study.",
        "list": "List the studies seen from here.",
        "url": "Print the link to a study's page.",
        "logs": "Print the log of the last run.",
        "copy": "Copy a study on the server, verified.",
        "export": "Export the inputs of a study as files.",
        "diff": "Compare two studies, or files of them.",
        "apply": "Apply exported files to a study.",
    },
)
