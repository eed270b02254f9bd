"""Share fixtures of the tests on real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme
from security.machine import Machine

from server_stub.worlds import build_world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine."""
    authority = trustme.CA(organization_name="Corp CA")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return Machine(build_world("demo", speed=20.0), tmp_path, authority)
