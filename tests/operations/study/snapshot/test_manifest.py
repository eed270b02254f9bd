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


def test_manifest_is_read_back_exactly(tmp_path: Path) -> None:
    WHOLE.write(tmp_path)
    assert read_manifest(tmp_path) == WHOLE
    item = read_manifest(tmp_path).entries["Macro.gamma"].value
    assert (item, type(item)) == (0.3, float)


def test_manifest_is_sorted_with_a_line_per_field(tmp_path: Path) -> None:
    WHOLE.write(tmp_path)
    text = (tmp_path / MANIFEST).read_text(encoding="utf-8")
    assert [parameter["key"] for parameter in json.loads(text)["parameters"]] == sorted(WHOLE.entries)
    assert '\n   "unit": "-",\n' in text


def test_new_base_replaces_single_entries(tmp_path: Path) -> None:
    changed = WHOLE.with_base({"Macro.gamma": replace(GAMMA, value=0.4), "new": replace(GAMMA, key="new")})
    changed.write(tmp_path)
    again = read_manifest(tmp_path)
    assert (again.entries["Macro.gamma"].value, again.entries["Macro.events"]) == (0.4, EVENTS)
    assert again.entries.keys() == {*WHOLE.entries, "new"}
    assert WHOLE.entries["Macro.gamma"].value == 0.3


def test_failed_write_keeps_the_older_manifest(tmp_path: Path) -> None:
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
def test_manifest_of_another_format_is_rejected(tmp_path: Path, change: dict[str, object]) -> None:
    WHOLE.write(tmp_path)
    document = json.loads((tmp_path / MANIFEST).read_text()) | change
    (tmp_path / MANIFEST).write_text(json.dumps(document))
    with pytest.raises(InvalidFile, match=MANIFEST) as caught:
        read_manifest(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("missing", ["format", "server", "study", "name", "time", "parameters"])
def test_manifest_without_a_field_is_rejected(tmp_path: Path, missing: str) -> None:
    WHOLE.write(tmp_path)
    document = json.loads((tmp_path / MANIFEST).read_text())
    del document[missing]
    (tmp_path / MANIFEST).write_text(json.dumps(document))
    with pytest.raises(InvalidFile, match=MANIFEST):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'"x"'])
def test_manifest_that_is_not_an_object_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(InvalidFile, match=MANIFEST) as caught:
        read_manifest(tmp_path)
    assert "--overwrite" in str(caught.value.hint)


def advice(folder: Path) -> str:
    """Return the advice for a folder without a manifest."""
    with pytest.raises(InvalidFile) as caught:
        read_manifest(folder)
    return str(caught.value.hint)


def test_exported_folders_nearby_are_suggested(tmp_path: Path) -> None:
    for name in ("dice", "witness"):
        (tmp_path / name).mkdir()
        WHOLE.write(tmp_path / name)
    for folder in (tmp_path, tmp_path / "missing"):
        assert all(str(tmp_path / name) in advice(folder) for name in ("dice", "witness"))
        assert "study export" not in advice(folder)


def test_export_is_not_suggested_for_a_folder_with_other_files(tmp_path: Path) -> None:
    assert advice(tmp_path) == f"sostrades study export STUDY {tmp_path}"
    (tmp_path / "thesis.tex").touch()
    assert advice(tmp_path) == f"sostrades study export STUDY {tmp_path / 'study-STUDY'}"
