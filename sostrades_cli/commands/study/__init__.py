"""``sostrades study``."""

from sostrades_cli.cli import framework

command = framework.group(
    "study",
    "Show, explain, export, compare and copy studies.",
    __name__,
    {
        "load": "Show the parameters of a study.",
        "show": "Show an overview of a study on one screen.",
        "tree": "Show the disciplines of a study as a tree.",
        "graph": "Show which discipline computes what for which other.",
        "order": "Show the order in which a run executes the disciplines.",
        "docs": "Show the documentation of the process and disciplines.",
        "list": "List the studies used on this computer.",
        "url": "Print the link to the web page of a study.",
        "open": "Open the web page of a study in the browser.",
        "logs": "Print the log of the last run.",
        "copy": "Copy a study and verify the copy.",
        "export": "Export the inputs of a study as files.",
        "diff": "Compare two studies or exported folders.",
        "apply": "Apply exported files to a study.",
    },
    related={"info": "show"},
    for_study="show",
)
