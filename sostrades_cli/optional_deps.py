"""The installation of this program: optional dependencies, and the command that adds them."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sostrades_cli.errors import ExtraMissing

PACKAGE: Final = "sostrades"


def require(module: str, *, extra: str, purpose: str) -> None:
    """Raise an error if a module of an extra is not installed. ``purpose`` says what needs it.

    Raises
    ------
    ExtraMissing
        The module is missing; the hint is the command that installs it.

    """
    if find_spec(module) is None:
        raise ExtraMissing(
            f"{purpose} needs the extra {extra!r}, which is not installed",
            hint=install_command(extra, Path(sys.prefix), editable=editable_folder()),
        )


def install_command(extra: str, prefix: Path, *, editable: Path | None) -> str:
    """Return the command that adds an extra, for the tool that installed this program.

    ``prefix`` is the folder of the environment, ``editable`` the folder of an editable installation.
    """
    # Not by name from an index: nobody guarantees who owns the name there.
    source = f"-e '{editable}[{extra}]'" if editable else f"'{PACKAGE}[{extra}] @ git+{repository()}'"
    if (prefix / "uv-receipt.toml").exists():
        return f"uv tool install --force {source}"
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx install --force {source}"
    return f"pip install {source}"


def repository() -> str:
    """Return the address of this program's repository, from the metadata of the package."""
    from importlib.metadata import metadata

    lines: list[str] = metadata(PACKAGE).get_all("Project-URL", [])
    return dict(line.split(", ", 1) for line in lines)["Repository"]


def editable_folder() -> Path | None:
    """Return the folder of an editable installation, from the file that installers write for it (PEP 610)."""
    from importlib.metadata import distribution
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    origin = json.loads(distribution(PACKAGE).read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(origin["url"]).path))
