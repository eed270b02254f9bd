"""HTTP and the server's JSON."""

import sys

# `import httpx` also loads its command line, with rich and pygments: a third of the start-up time.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None makes the import fail
