"""The folders of the tool."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest import mock

import platformdirs
import pytest

from sostrades_cli.local.config_file import Folders

KINDS = ("config", "cache", "state")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
@pytest.mark.parametrize("base", ["", "/elsewhere", "relative"])
def test_folders_are_those_of_platformdirs(base: str) -> None:
    environ = {f"XDG_{kind.upper()}_HOME": base for kind in KINDS}
    with mock.patch.dict(os.environ, environ):
        expected = [Path(getattr(platformdirs, f"user_{kind}_path")("sostrades")) for kind in KINDS]
    folders = Folders(environ)
    assert [folders.config, folders.cache, folders.state] == expected


def test_variables_of_the_tool_win() -> None:
    environ = {"SOSTRADES_CACHE_DIR": "~/here", "XDG_CACHE_HOME": "/elsewhere"}
    assert Folders(environ).cache == Path.home() / "here"
