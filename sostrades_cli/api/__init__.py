"""HTTP and the server's JSON."""

import sys

# `import httpx` loads its own command line as well where it can, and rich and pygments with it: a third of a start.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None is how an import is refused
