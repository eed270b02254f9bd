"""Measure memory and processor time for the charts of a full study in a separate process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from end_to_end.costs import measured

if TYPE_CHECKING:
    from pathlib import Path

MOST_MB = 200


@pytest.mark.slow
@pytest.mark.parametrize("state", ["finished", "changed"])
def test_charts_of_a_full_study_fit_into_memory(
    large_studies: dict[str, str], tmp_path: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,407 charts, 18.9 MB of JSON, take less than 200 MB from any source."""
    if state == "changed":
        assert measured(large_studies, "param", "set", "32", "Energy.float 1 %&=5", "--yes")["code"] == 0
    commands = {
        "list": ("list", "32"),
        "show": ("show", "32", "5"),
        "html --offline": ("html", "32", "--offline", "-o", str(tmp_path / "page.html")),
        "export --as csv": ("export", "32", "-d", str(tmp_path / "charts"), "--as", "csv"),
    }
    for name, command in commands.items():
        took = measured(large_studies, "postproc", *command)
        with capsys.disabled():
            costs = f"{took['kb'] / 1000:.0f} MB, {took['cpu_s']:.1f} s of cpu"
            print(f"\npostproc {name}, 1407 charts of a {state} study: {costs}", end="")  # noqa: T201 - the figures
        assert took["code"] == 0
        assert took["kb"] < MOST_MB * 1000


@pytest.mark.slow
def test_list_takes_less_than_three_seconds_of_cpu_time(
    large_studies: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`postproc list 23` lists 344 charts."""
    took = measured(large_studies, "postproc", "list", "23")
    with capsys.disabled():
        print(f"\npostproc list 23: {took['cpu_s']:.2f} s of cpu, {took['kb'] / 1000:.0f} MB")  # noqa: T201 - the figures
    assert (took["code"], took["cpu_s"] < 3) == (0, True)
