"""Test the folders of the tool."""

from __future__ import annotations

from pathlib import Path

from sostrades_cli.local.config_file import Folders


def test_variables_of_the_tool_have_priority() -> None:
    environ = {"SOSTRADES_CACHE_DIR": "~/here", "XDG_CACHE_HOME": "/elsewhere"}
    assert Folders(environ).cache == Path.home() / "here"
