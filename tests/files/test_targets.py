"""Test the check of a target before any request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import FileConflict, UsageError
from sostrades_cli.files.targets import check_target

if TYPE_CHECKING:
    from pathlib import Path


def test_new_name_is_accepted(tmp_path: Path) -> None:
    """The check creates no file."""
    check_target(tmp_path / "out.csv", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_rejected_without_overwrite(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(FileConflict) as caught:
        check_target(tmp_path / "out.csv", overwrite=False)
    assert "--overwrite" in str(caught.value.hint)
    check_target(tmp_path / "out.csv", overwrite=True)
    assert (tmp_path / "out.csv").read_text() == "mine"


def test_link_that_is_replaced_may_lead_nowhere(tmp_path: Path) -> None:
    """Only a file that the user named is written where its link leads."""
    link = tmp_path / "out.csv"
    link.symlink_to(tmp_path / "missing" / "out.csv")
    check_target(link, overwrite=False)
    with pytest.raises(UsageError):
        check_target(link, overwrite=False, named=True)


def test_error_of_a_long_path_is_short(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check_target(tmp_path / ("x" * 50_000), overwrite=False)
    assert len(caught.value.message) < 1000


@pytest.mark.parametrize("target", ["", "missing/out.csv", "file/out.csv", "x" * 300])
@pytest.mark.parametrize("overwrite", [True, False])
def test_impossible_target_is_a_usage_error(tmp_path: Path, target: str, overwrite: bool) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        check_target(tmp_path / target, overwrite=overwrite)
