"""``sostrades postproc``."""

from sostrades_cli.cli import framework

command = framework.group(
    "postproc",
    "The charts of a study.",
    __name__,
    {
        "list": "List the charts of a study.",
        "show": "Draw a chart in the terminal.",
        "export": "Export charts as files, one each.",
        "diff": "Compare the charts of two studies.",
        "load": "Print the charts as the server's JSON.",
        "html": "Save the server's page of charts.",
    },
)
