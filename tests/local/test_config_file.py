"""Test the folders of the tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.local.config_file import Folders, check_writable, line_of_setting, read_config, store


def test_variables_of_the_tool_have_priority() -> None:
    environ = {"SOSTRADES_CACHE_DIR": "~/here", "XDG_CACHE_HOME": "/elsewhere"}
    assert Folders(environ).cache == Path.home() / "here"


def test_folder_below_a_file_has_no_settings_and_cannot_be_written(tmp_path: Path) -> None:
    """Accounts of services have a home such as /dev/null."""
    (tmp_path / "file").touch()
    folders = Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path / "file" / "config")})
    assert read_config(folders) == {}
    assert line_of_setting(folders, "default", "host") is None
    for write in (lambda: store(folders, "default", "format", "json"), lambda: check_writable(folders)):
        with pytest.raises(UsageError) as caught:
            write()
        assert "SOSTRADES_CONFIG_DIR" in str(caught.value.hint)
