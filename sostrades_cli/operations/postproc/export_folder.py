"""A folder of chart files: what is in it, what an interrupted export left, and its manifest.

Each file takes its name only when it is whole. Before that it is noted, with its checksum and the digest of what it was
made of, so that an export that is given again makes only what is not there or was made of something else.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, digest_of
from sostrades_cli.files.safe_folders import require_no_link, write_line
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MANIFEST: Final = "manifest.json"
PROGRESS: Final = ".unfinished.jsonl"


@dataclass(frozen=True, slots=True)
class SavedChart:
    """A file of a chart: its size in bytes and its sha-256; ``kept`` says that it was there already."""

    name: str
    bytes: int
    sha256: str
    kept: bool


class ExportFolder:
    """The folder of an export; ``names`` are the files that it will have.

    Raises
    ------
    FileConflict
        It holds one of them, or an export, and ``overwrite`` is not set.
    UsageError
        It is no folder.

    """

    def __init__(self, path: Path, names: Iterable[str], *, overwrite: bool) -> None:
        self.path = path
        self._names = set(names)
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is no folder", hint="choose another name")
        require_no_link(path / PROGRESS)
        self._noted = self._read_progress()
        if self._noted.keys() - self._names and not overwrite:
            raise FileConflict(
                f"{path} holds an export of other charts that was interrupted",
                hint="finish it by giving its command again, add --overwrite to remove it, or choose another folder",
            )
        present = sorted(name for name in {MANIFEST, *self._names} - self._noted.keys() if (path / name).exists())
        if present and not overwrite:
            raise FileConflict(
                f"{path} holds {present[0]} already", hint="add --overwrite to replace it, or choose another folder"
            )
        self._begun = False

    def _begin(self) -> None:
        """Make the folder, and put in order what an interrupted export left."""
        if self._begun:
            return
        self._begun = True
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name in {MANIFEST, PROGRESS, *self._noted} if self._noted else ():
                for part in self.path.glob(f".{escape(name[:40])}.*.part"):
                    part.unlink()
        except OSError as error:
            raise WriteFailed(
                f"cannot write into {self.path}: {error.strerror}", hint="choose another place"
            ) from error
        if self._noted:
            # Written anew: the last line may have been cut, and the next one must not follow it.
            with atomic(self.path / PROGRESS) as file:
                file.write("".join(f"{json.dumps(line)}\n" for line in self._noted.values()).encode())

    def save(self, name: str, source: str, write: Callable[[], bytes]) -> SavedChart:
        """Write a file, unless it is there and was made of the same ``source``, a digest."""
        self._begin()
        target = self.path / name
        noted = self._noted.get(name)
        if noted and noted["source"] == source and target.is_file() and digest_of(target) == noted["sha256"]:
            return SavedChart(name, target.stat().st_size, noted["sha256"], kept=True)
        content = write()
        digest = sha256(content).hexdigest()
        self._note({"name": name, "source": source, "sha256": digest})
        with atomic(target) as file:
            file.write(content)
        return SavedChart(name, len(content), digest, kept=False)

    def finish(self, manifest: dict[str, Any]) -> None:
        """Remove what an older or an interrupted export has more than this one, and write the manifest last."""
        self._begin()
        for name in {*self._older(), *self._noted} - self._names:
            # Whatever a manifest says: only a file of this folder, by a name that a file can have.
            with contextlib.suppress(OSError, ValueError):
                if name == Path(name).name and (self.path / name).is_file():
                    (self.path / name).unlink()
        with atomic(self.path / MANIFEST) as file:
            file.write(json.dumps(manifest, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        (self.path / PROGRESS).unlink(missing_ok=True)

    def _older(self) -> set[str]:
        """Return the files of the export that is replaced, as its manifest has them."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            manifest = from_json((self.path / MANIFEST).read_text(encoding="utf-8-sig"))
            names = [manifest.get("library"), *(chart["file"] for chart in manifest["charts"])]
            return {name for name in names if isinstance(name, str)}
        return set()

    def _read_progress(self) -> dict[str, dict[str, str]]:
        found = {}
        with contextlib.suppress(OSError, ValueError):
            for text in (self.path / PROGRESS).read_text(encoding="utf-8").splitlines(keepends=True):
                line = _note_of(text) if text.endswith("\n") else None
                if line is not None:
                    found[line["name"]] = line
        return found

    def _note(self, line: dict[str, str]) -> None:
        write_line(self.path / PROGRESS, json.dumps(line))


def _note_of(text: str) -> dict[str, str] | None:
    """Return a line of the record, ``None`` where it says nothing."""
    with contextlib.suppress(ValueError):
        line = from_json(text)
        if isinstance(line, dict) and all(isinstance(line.get(name), str) for name in ("name", "source", "sha256")):
            return line
    return None
