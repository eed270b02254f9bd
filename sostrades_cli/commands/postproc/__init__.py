"""``sostrades postproc``."""

from sostrades_cli.cli import framework

command = framework.group(
    "postproc",
    "Show, export and compare charts.",
    __name__,
    {
        "list": "List the charts of a study.",
        "show": "Draw a chart in the terminal.",
        "open": "Open the charts in the browser.",
        "export": "Export charts as files.",
        "diff": "Compare the charts of two studies.",
        "load": "Print the charts as the server's JSON.",
        "html": "Save the charts as a web page.",
    },
    for_study="list",
)
