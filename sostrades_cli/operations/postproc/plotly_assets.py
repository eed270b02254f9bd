"""What plotly's distribution brings along: its library for browsers, and its templates of how charts look."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sostrades_cli.errors import SostradesError

LIBRARY: Final = "plotly.min.js"
TEMPLATE: Final = "templates/plotly_white.json"


def library() -> str:
    """Return the library, fit to stand in a script of a page."""
    return _read(LIBRARY).replace("</script", "<\\/script")


def template() -> str:
    """Return the JSON of the template that charts are drawn with."""
    return _read(TEMPLATE)


def _read(name: str) -> str:
    # Plotly itself is not imported, which would take longer than all the rest.
    found = find_spec("plotly")
    try:
        return (Path(str(found and found.origin)).parent / "package_data" / name).read_text(encoding="utf-8")
    except OSError as error:
        raise SostradesError(
            f"plotly's {name} cannot be read: {error.strerror}", hint="pip install --force-reinstall plotly"
        ) from error
