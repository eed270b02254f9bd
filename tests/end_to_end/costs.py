"""The memory and the processor time of a command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).parent / "sostrades")
# Runs a command and writes its costs: peak memory in kB, processor time in seconds.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump({"code": done.returncode, "kb": used.ru_maxrss, "cpu_s": used.ru_utime + used.ru_stime}, sys.stdout)
"""


def measured(environ: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run the program and return its costs."""
    command = [sys.executable, "-c", MEASURE, PROGRAM, *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=True)
    costs: dict[str, Any] = json.loads(done.stdout)
    return costs
