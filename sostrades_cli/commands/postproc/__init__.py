"""``sostrades postproc``."""

from sostrades_cli import framework

command = framework.group(
    "postproc",
    "The charts of a study.",
    __name__,
    {
        "load": "Print the charts as the server's JSON.",
        "html": "Save the server's page of charts.",
    },
)
