"""The manifest of an exported study."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import InvalidFile
from sostrades_cli.files.resumable_folder import MANIFEST
from sostrades_cli.operations.study.snapshot.manifest import Manifest, ManifestEntry, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

GAMMA = ManifestEntry(
    "Macro.gamma", "float", "-", output=False, state="value", file="parameters.toml", sha256="0", value=0.3
)
EVENTS = ManifestEntry("Macro.events", "dataframe", None, output=False, state="table", file="data/e.csv", sha256="1")
MATRIX = ManifestEntry("☃.\ud800", "array", "kg", output=True, state="unavailable", reason="no layout")
WHOLE = Manifest("https://h.example/p", 21, "dice", "2026-01-02T03:04:05Z", {e.key: e for e in (GAMMA, EVENTS, MATRIX)})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Everything comes back, values with their types and names that no encoding holds."""
    WHOLE.write(tmp_path)
    assert read_manifest(tmp_path) == WHOLE
    one = read_manifest(tmp_path).entries["Macro.gamma"].value
    assert (one, type(one)) == (0.3, float)


def test_it_is_sorted_and_for_people_to_read(tmp_path: Path) -> None:
    """The parameters are in the order of their names, one field on a line."""
    WHOLE.write(tmp_path)
    text = (tmp_path / MANIFEST).read_text(encoding="utf-8")
    assert [one["key"] for one in json.loads(text)["parameters"]] == sorted(WHOLE.entries)
    assert '\n   "unit": "-",\n' in text


def test_a_new_base_replaces_single_entries(tmp_path: Path) -> None:
    """Other states of some parameters leave the rest as it is, in memory and on disk."""
    changed = WHOLE.with_base({"Macro.gamma": replace(GAMMA, value=0.4), "new": replace(GAMMA, key="new")})
    changed.write(tmp_path)
    again = read_manifest(tmp_path)
    assert (again.entries["Macro.gamma"].value, again.entries["Macro.events"]) == (0.4, EVENTS)
    assert again.entries.keys() == {*WHOLE.entries, "new"}
    assert WHOLE.entries["Macro.gamma"].value == 0.3


def test_a_manifest_that_cannot_be_written_leaves_the_older_one(tmp_path: Path) -> None:
    """A value that JSON cannot say is an error, and the manifest on disk is whole."""
    WHOLE.write(tmp_path)
    with pytest.raises(TypeError):
        WHOLE.with_base({"Macro.gamma": replace(GAMMA, value=object())}).write(tmp_path)
    assert read_manifest(tmp_path) == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": None},
        {"study": "x"},
        {"parameters": None},
        {"parameters": [1]},
        {"parameters": [{"key": "a"}]},
        {"parameters": [{"key": "a", "type": None, "unit": None, "output": False, "state": "value", "more": 1}]},
    ],
)
def test_one_that_is_none_is_wrong_usage(tmp_path: Path, change: dict[str, object]) -> None:
    """A manifest of another version or shape is refused, with its path and a way out."""
    WHOLE.write(tmp_path)
    document = json.loads((tmp_path / MANIFEST).read_text()) | change
    (tmp_path / MANIFEST).write_text(json.dumps(document))
    with pytest.raises(InvalidFile, match=MANIFEST) as caught:
        read_manifest(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("missing", ["format", "server", "study", "name", "time", "parameters"])
def test_one_that_lacks_something_is_wrong_usage(tmp_path: Path, missing: str) -> None:
    """Every field is needed."""
    WHOLE.write(tmp_path)
    document = json.loads((tmp_path / MANIFEST).read_text())
    del document[missing]
    (tmp_path / MANIFEST).write_text(json.dumps(document))
    with pytest.raises(InvalidFile, match="damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'"x"'])
def test_one_that_is_no_json_object_is_damaged(tmp_path: Path, content: bytes) -> None:
    """Anything but a JSON object is a damaged manifest, and --overwrite is the way out."""
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(InvalidFile, match="damaged") as caught:
        read_manifest(tmp_path)
    assert "--overwrite" in str(caught.value.hint)
