"""Files of the plotly package: the browser library and the templates."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sostrades_cli.errors import SostradesError

LIBRARY: Final = "plotly.min.js"
TEMPLATE: Final = "templates/plotly_white.json"


def library() -> str:
    """Return the library, escaped for a script element."""
    return _read(LIBRARY).replace("</script", "<\\/script")


def template() -> str:
    """Return the JSON of the template for charts."""
    return _read(TEMPLATE)


def _read(name: str) -> str:
    # Find the package without its import, which would take longer than the rest of the command.
    spec = find_spec("plotly")
    try:
        return (Path(str(spec and spec.origin)).parent / "package_data" / name).read_text(encoding="utf-8")
    except OSError as error:
        raise SostradesError(
            f"cannot read {name} of plotly: {error.strerror}",
            hint="reinstall plotly: `pip install --force-reinstall plotly`",
        ) from error
