"""Test the completion of study names, and of parameters of studies whose names contain dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from completion.shells import offered
from completion.test_candidates import HOST

from sostrades_cli.local.cache import CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment with four studies in the cache. Two of them have the same name."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(f'[profiles.default]\nhost = "{HOST}"\n')
    cache = StudyCache(Folders(folders), HOST)
    cache.store_name(30, "dice.v2")
    cache.store(
        30, {"dice.v2.gamma": CachedParameter("float"), "dice.v2.Macro.rate": CachedParameter("float", None, "in")}
    )
    cache.store_name(28, "sellar")
    start = CachedParameter("array", None, "in", coupling=True, optional=True)
    result = CachedParameter("array", None, "out")
    cache.store(28, {"sellar.Loop.y_1": start, "sellar.Loop.obj": result})
    cache.store_name(31, "twice")
    cache.store_name(32, "twice")
    return folders


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sostrades study load s", ["sellar"]),
        ("sostrades study load d", ["dice.v2"]),
        ("sostrades study load t", []),
        ("sostrades param get dice.v2 M", ["Macro.rate"]),
        ("sostrades param get 30 g", ["gamma"]),
        ("sostrades param get sellar Loop.o", ["Loop.obj"]),
        ("sostrades param set sellar Loop.", ["Loop.y_1="]),
    ],
)
def test_study_can_be_named(environ: dict[str, str], line: str, expected: list[str]) -> None:
    """A unique name is offered and accepted. Start values can be set, outputs cannot."""
    assert offered(environ, line) == expected
