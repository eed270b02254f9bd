"""Where measuring is done: a folder, a canned server, and the environment that leads to it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
# Of no server: only its shape is a key's.
KEY: Final = "0123456789abcdef" * 2


@dataclass(frozen=True)
class Bench:
    """A place to measure in. ``small`` is a tenth of the big sizes, to see that all of it works."""

    folder: Path
    url: str
    rounds: int
    small: bool

    @property
    def studies(self) -> Path:
        """The folder of the canned server's studies."""
        return self.folder / "studies"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user whose key is in it, and who has a home of their own."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "SOSTRADES_HOST": self.url, "SOSTRADES_API_KEY": KEY}

    def counts(self) -> dict[str, Any]:
        """Return what the server has counted since it was last asked."""
        with urllib.request.urlopen(f"{self.url}/bench/counts") as answer:  # noqa: S310 - a server on loopback
            result: dict[str, Any] = json.load(answer)
        return result

    @contextlib.contextmanager
    def temp_folder(self, name: str) -> Iterator[Path]:
        """Lend a folder whose files are gone afterwards: they are big."""
        folder = self.folder / name
        folder.mkdir()
        try:
            yield folder
        finally:
            subprocess.run(["rm", "-rf", str(folder)], check=True)


@contextlib.contextmanager
def serving(folder: Path, *, rounds: int, small: bool) -> Iterator[Bench]:
    """Start a canned server over a folder, and end it."""
    studies = folder / "studies"
    studies.mkdir()
    command = [sys.executable, "-m", "tests.benchmarks.canned", str(studies)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            yield Bench(folder, url, rounds, small)
        finally:
            process.terminate()
