"""``sostrades param``."""

from sostrades_cli.cli import framework

command = framework.group(
    "param",
    "Show, trace and change the parameters of a study.\n\nChanges are validated, sent once, and verified. `sostrades "
    "param undo` reverts them.",
    __name__,
    {
        "list": "List the parameters of a study.",
        "show": "Show the details of a parameter.",
        "trace": "Show where a value comes from, and what it feeds.",
        "get": "Print the values of parameters.",
        "download": "Download parameters as CSV files.",
        "set": "Set parameters and verify the result.",
        "edit": "Edit parameters in your editor.",
        "reset": "Reset parameters to their default values.",
        "undo": "Revert the last change made from this computer.",
        "history": "List the changes made from this computer.",
    },
    related={"redo": "undo", "info": "show"},
    for_study="list",
)
