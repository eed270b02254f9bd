"""Build hook: put plotly's browser library and chart template into the package.

Pages of charts contain these two files. The rest of plotly, 40 MB of Python code, is not needed to make them.
"""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "sostrades_cli/operations/postproc/assets/plotly"
LIBRARY = "plotly/package_data/plotly.min.js"
TEMPLATE = "plotly/package_data/templates/plotly_white.json"


class PlotlyFiles(BuildHookInterface):  # type: ignore[type-arg] # it has no configuration of its own
    """Copy the files out of the plotly package that the build requires."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - of hatchling
        """Write the files, their versions and their licence into the source tree."""
        # In the source tree, because an editable install reads them there.
        target = Path(self.root, TARGET)
        target.mkdir(parents=True, exist_ok=True)
        package = distribution("plotly")
        library, template = (Path(str(package.locate_file(name))).read_bytes() for name in (LIBRARY, TEMPLATE))
        [licence] = [file for file in package.files or () if re.search(r"dist-info/(licenses/)?LICENSE", str(file))]
        [of_library] = re.findall(rb"^\* plotly\.js v(\S+)$", library[:1000], re.MULTILINE)
        contents = {
            # 1.4 MB instead of 4.8 on every computer; without a time, so that equal sources give equal wheels.
            "plotly.min.js.gz": gzip.compress(library, mtime=0),
            "plotly_white.json": template,
            "LICENSE.txt": licence.read_binary(),
            "versions.json": json.dumps({"plotly.js": of_library.decode(), "plotly": package.version}).encode(),
        }
        for name, content in contents.items():
            _write(target / name, content)
            build_data["artifacts"].append(f"/{TARGET}/{name}")


def _write(path: Path, content: bytes) -> None:
    # Renamed into place, because another build of the same tree may be reading the file.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
