"""``sostrades param``."""

from sostrades_cli.cli import framework

command = framework.group(
    "param",
    "Parameters of a study. KEY is a full name, one without the study's own in front, or an end that fits only one.",
    __name__,
    {
        "list": "List names, types and units.",
        "show": "Show all that is known of one parameter.",
        "get": "Print the bare value of one parameter.",
        "download": "Download parameters as CSV files.",
        "set": "Set parameters: typed, sent once, verified.",
        "reset": "Reset parameters to their declared defaults.",
        "undo": "Undo the last change made from here.",
        "history": "List the changes made from here.",
    },
)
