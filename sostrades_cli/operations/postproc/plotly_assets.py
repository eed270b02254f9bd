"""Read the files of plotly that a build adds to the package: the browser library and a chart template."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from typing import Final

from sostrades_cli.errors import ExtraMissing

LIBRARY: Final = "plotly.min.js"
_TEMPLATE: Final = "plotly_white.json"
_VERSIONS: Final = "versions.json"


def library() -> str:
    """Return the library, escaped for a script element."""
    return gzip.decompress(_read(f"{LIBRARY}.gz")).decode().replace("</script", "<\\/script")


def template() -> str:
    """Return the JSON of the template for charts."""
    return _read(_TEMPLATE).decode()


def versions() -> dict[str, str]:
    """Return the versions of the library (``plotly.js``) and of the Python package it came with (``plotly``)."""
    known: dict[str, str] = json.loads(_read(_VERSIONS))
    return known


def _read(name: str) -> bytes:
    try:
        return files("sostrades_cli.operations.postproc").joinpath("assets", "plotly", name).read_bytes()
    except FileNotFoundError as error:
        # The files are missing in a clone that was not installed, or was last installed before an update.
        raise ExtraMissing(
            f"this installation has no {name}, which belongs to plotly and is added when the program is built",
            hint="reinstall the program, in a clone with `pip install -e .`",
        ) from error
