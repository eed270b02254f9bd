"""``sostrades calc``."""

from sostrades_cli.cli import framework

command = framework.group(
    "calc",
    "Start and watch runs, sweeps and searches.",
    __name__,
    {
        "run": "Start runs and watch them to the end.",
        "status": "Show the current state of runs.",
        "watch": "Watch runs to the end.",
        "history": "List the runs of a study on this computer.",
        "stop": "Show where to stop a run: in the web page.",
        "design": "Create a table of cases for calc sweep.",
        "sweep": "Run a table of cases and collect the outputs.",
        "optimize": "Find the inputs that minimize or maximize an output.",
    },
    for_study="status",
)
