"""Test a Sobol' study of 1,024 runs on eight copies: killed half way, resumed, and compared with analytic values."""

from __future__ import annotations

import json
import math
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from conftest import Shell

pytestmark = pytest.mark.slow
SPACE: Final = "".join(f'"Ishigami.x{number}" = {{}}\n' for number in (1, 2, 3))
A, B = 7.0, 0.1
# The parts of the variance: of x1 and x2 alone, and of x1 with x3.
OF_1, OF_2 = 0.5 * (1 + B * math.pi**4 / 5) ** 2, A**2 / 8
OF_1_AND_3 = B**2 * math.pi**8 * 8 / 225
TOTAL = OF_1 + OF_2 + OF_1_AND_3
ALONE: Final = {"Ishigami.x1": OF_1 / TOTAL, "Ishigami.x2": OF_2 / TOTAL, "Ishigami.x3": 0.0}
FULL: Final = {
    "Ishigami.x1": (OF_1 + OF_1_AND_3) / TOTAL,
    "Ishigami.x2": OF_2 / TOTAL,
    "Ishigami.x3": OF_1_AND_3 / TOTAL,
}
RUNS: Final = 1024
SWEEP: Final = ("calc", "sweep", "11", "cases.csv", "--collect", "Ishigami.y", "-o", "results.csv", "--analyze")
PATIENCE_S: Final = 300.0


def finished(shell: Shell) -> int:
    """Return the number of cases that ended."""
    file = shell.folder / "results.d" / "sweep.jsonl"
    return file.read_text(encoding="utf-8").count('"FINISHED"') if file.exists() else 0


def kill_half_way(shell: Shell, *arguments: str) -> None:
    """Start a sweep, and kill it after a part of its cases."""
    process = shell.starts(*arguments)
    end = time.monotonic() + PATIENCE_S
    while finished(shell) < RUNS // 3:
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_indices_of_a_killed_and_resumed_study_are_the_analytic_ones(shell: Shell) -> None:
    world = build_world("demo", speed=50.0)
    with running(world) as url:
        here = replace(shell, environ={**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key})
        copies = [here.runs(f"sostrades study copy 11 copy{number} -q").stdout.strip() for number in range(8)]
        (here.folder / "space.toml").write_text(SPACE, encoding="utf-8")
        made = here.runs("sostrades calc design 11 space.toml --method saltelli -n 128 --seed 1 -o cases.csv")
        assert made.returncode == 0, made.stderr
        words = [
            "calc",
            "sweep",
            "11",
            "cases.csv",
            "--collect",
            "Ishigami.y",
            "-o",
            "results.csv",
            "--analyze",
            "--studies",
        ]
        kill_half_way(here, *words, ",".join(copies))
        assert finished(here) < RUNS
        process = here.starts(*words, ",".join(copies), "--resume")
        _, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, err
        compared = [here.runs(f"sostrades study diff 11 {copy} --exit-code").returncode for copy in copies]
        assert compared == [0] * 8
    analysis = json.loads((here.folder / "results.d" / "analysis.json").read_text(encoding="utf-8"))
    assert (analysis["cases"]["total"], analysis["cases"]["failed"]) == (RUNS, 0)
    [output] = analysis["outputs"]
    assert output["statistics"]["mean"] == pytest.approx(A / 2, abs=0.15)
    for item in output["indices"]["inputs"]:
        assert abs(item["S1"] - ALONE[item["key"]]) <= item["S1_conf"]
        assert abs(item["ST"] - FULL[item["key"]]) <= item["ST_conf"]
        assert max(item["S1_conf"], item["ST_conf"]) < 0.25
    pairs = {tuple(pair["keys"]): pair for pair in output["indices"]["pairs"]}
    pair = pairs["Ishigami.x1", "Ishigami.x3"]
    assert abs(pair["S2"] - OF_1_AND_3 / TOTAL) <= pair["S2_conf"]
