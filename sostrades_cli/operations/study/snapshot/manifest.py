"""The manifest of an exported study: its source, its time, and the value of each parameter at that time."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.files.resumable_folder import MANIFEST, STUDY, content_of, has_study, write_manifest
from sostrades_cli.operations.study.study_argument import number_of
from sostrades_cli.safe_parsers import from_json
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json

PARAMETERS: Final = "parameters.toml"
OUTPUTS: Final = "outputs.toml"
DATA: Final = "data"
WORKBOOK: Final = "study.xlsx"
FORMAT: Final = 1
MOST_FOLDERS: Final = 3


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """A parameter at the time of the export.

    ``file`` is its file in the folder, if any. ``sha256`` is the digest of the table as the server sent it, or of the
    value as sorted JSON. ``value`` is ``None`` for a table. For other fields see ``SnapshotEntry``.
    """

    key: str
    type: str | None
    unit: str | None
    output: bool
    state: str
    file: str | None = None
    sha256: str | None = None
    value: Json = None
    reason: str | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """The source and time of an export, and its parameters by name.

    ``inputs_of_outputs`` has the sha-256 of each input that the exported outputs were computed from. Unlike
    ``entries``, it does not change when edited inputs are applied.
    """

    server: str
    study: int
    name: str
    time: str
    entries: dict[str, ManifestEntry]
    inputs_of_outputs: dict[str, str] = field(default_factory=dict)

    def with_base(self, changes: dict[str, ManifestEntry]) -> Manifest:
        """Return the manifest with other entries for some parameters."""
        return replace(self, entries={**self.entries, **changes})

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object of the manifest."""
        # Only an export with outputs has this field.
        inputs = {"inputs_of_outputs": self.inputs_of_outputs} if self.inputs_of_outputs else {}
        return {
            "format": FORMAT,
            "server": self.server,
            "study": self.study,
            "name": self.name,
            "time": self.time,
            **inputs,
            # Sorted, so that a change is a small difference in version control.
            "parameters": [asdict(entry) for _, entry in sorted(self.entries.items())],
        }

    def write(self, folder: Path, earlier: Path | None = None) -> None:
        """Write the manifest into a folder atomically. If an ``earlier`` manifest is equal, its time is kept."""
        write_manifest(folder, self.document, earlier)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder.

    Raises
    ------
    InvalidFile
        The manifest is missing or cannot be read.

    """
    path = folder / MANIFEST
    try:
        # People edit and merge these files, and editors may add a byte order mark.
        document = from_json(path.read_text(encoding="utf-8-sig"))
        return _manifest(document, path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidFile(_no_manifest(folder), hint=_exported_nearby(folder) or _export_command(folder)) from error
    except OSError as error:
        raise InvalidFile(f"cannot read {path}: {error.strerror}", hint="check the permissions of the file") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidFile(f"{path} is damaged", hint=f"{_export_to(folder)} --overwrite") from error


def _no_manifest(folder: Path) -> str:
    name = shell_quoted(str(folder))
    if folder.is_dir():
        return f"{name} is not an exported study, because it has no {MANIFEST}"
    # A number can be a study, but a folder was needed.
    return f"there is no folder {name}" if number_of(str(folder)) is not None else f"{name} is not a study or folder"


def _export_to(folder: Path) -> str:
    return f"sostrades study export STUDY {shell_quoted(str(folder))}"


def _export_command(folder: Path) -> str:
    """Return the command for an export. It names a folder that has other files only as the parent of a new one."""
    with contextlib.suppress(OSError):
        if any(folder.iterdir()):
            return _export_to(folder / "study-STUDY")
    return _export_to(folder)


def _exported_nearby(folder: Path) -> str | None:
    """Return the advice to use an exported folder within this one, or beside one that does not exist."""
    parent = folder if folder.is_dir() else folder.parent
    folders: list[Path] = []
    # The search is only for an advice, so a folder that cannot be read has none.
    with contextlib.suppress(OSError):
        folders = sorted(path.parent for path in parent.glob(f"*/{MANIFEST}") if has_study(path.parent))
    if not folders:
        return None
    names = [shell_quoted(str(path)) for path in folders[:MOST_FOLDERS]]
    if len(folders) == 1:
        return f"give the folder of an export: {names[0]}"
    return f"give the folder of an export, such as {', '.join(names)}"


def _manifest(document: dict[str, Any], path: Path) -> Manifest:
    content = content_of(document)
    if content not in {None, STUDY}:
        folder = path.parent
        hint = _exported_nearby(folder) or _export_command(folder)
        raise InvalidFile(f"{shell_quoted(str(folder))} has {content}, not an exported study", hint=hint)
    if document["format"] != FORMAT:
        raise InvalidFile(f"{path} was written by another version of sostrades", hint="update sostrades")
    # An unknown or missing field is a TypeError, which the caller reports as damage.
    entries = [ManifestEntry(**fields) for fields in document["parameters"]]
    return Manifest(
        str(document["server"]),
        int(document["study"]),
        str(document["name"]),
        str(document["time"]),
        {entry.key: entry for entry in entries},
        {str(key): str(digest) for key, digest in document.get("inputs_of_outputs", {}).items()},
    )
