"""Measure memory and processor time for the structure of studies of the size of WITNESS, in separate processes."""

from __future__ import annotations

from pathlib import Path

import pytest
from end_to_end.costs import measured

MOST_MB = 250
MOST_CPU_S = 2.0
# A study like WITNESS, with a read-only file of 11 MB, and one with all its charts, 26 MB.
WITNESS, WHOLE = "33", "32"


@pytest.mark.slow
@pytest.mark.parametrize("study", [WITNESS, WHOLE])
@pytest.mark.parametrize("state", ["first", "cached"])
def test_commands_take_little_time_and_memory(
    large_studies: dict[str, str], tmp_path: Path, study: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = {
        "study tree": ("study", "tree", study, "--params"),
        "study graph": ("study", "graph", study, "-o", str(tmp_path / "page.html")),
        "study order": ("study", "order", study),
        "param trace": ("param", "trace", study, "year_start" if study == WITNESS else "Energy.float 1 %&"),
    }
    measured(large_studies, "study", "order", study)
    for name, command in commands.items():
        if state == "first":
            cached = Path(large_studies["SOSTRADES_CACHE_DIR"]) / "structures"
            for file in cached.rglob("*.json"):
                file.unlink()
        took = measured(large_studies, *command)
        with capsys.disabled():
            costs = f"{took['kb'] / 1000:.0f} MB, {took['cpu_s']:.2f} s of cpu"
            print(f"\n{name} {study} ({state}): {costs}", end="")  # noqa: T201 - the figures
        assert took["code"] == 0
        assert took["kb"] < MOST_MB * 1000
        assert took["cpu_s"] < MOST_CPU_S
