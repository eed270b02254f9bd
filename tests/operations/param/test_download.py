"""Test results of downloads without a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sostrades_cli import errors
from sostrades_cli.api.models import Parameter
from sostrades_cli.operations.param import download, download_keys
from sostrades_cli.operations.param.download import DownloadRequest, DownloadResult

HELD = "0" * 64


def requested(key: str = "dice.Macro.population") -> DownloadRequest:
    """Return a requested parameter."""
    return DownloadRequest(key, Path("tables") / f"{key}.csv", "dataframe", "Mp")


def parameter(name: str, kind: str) -> Parameter:
    """Return a parameter of a type."""
    return Parameter(name, kind, "kg", name.rpartition(".")[2], None)


def test_saved_file_has_size_and_hash_in_the_manifest() -> None:
    saved = DownloadResult(requested(), bytes=12, sha256=HELD)
    assert saved.state == "saved"
    assert saved.entry() == {
        "key": "dice.Macro.population",
        "type": "dataframe",
        "unit": "Mp",
        "state": "saved",
        "file": "dice.Macro.population.csv",
        "bytes": 12,
        "sha256": HELD,
    }


def test_empty_file_is_saved() -> None:
    assert DownloadResult(requested(), bytes=0, sha256=HELD).state == "saved"


def test_missing_value_is_not_a_failure() -> None:
    nothing = DownloadResult(requested())
    assert nothing.state == "no value"
    assert set(nothing.entry()) == {"key", "type", "unit", "state"}
    assert download.failure([nothing, DownloadResult(requested(), 1, HELD)], 21) is None


def test_failed_download_is_listed_with_its_reason() -> None:
    failed = DownloadResult(requested(), error=errors.Refused("the server cannot give it"))
    assert failed.state == "failed"
    assert failed.entry()["reason"] == "the server cannot give it"
    assert "file" not in failed.entry()


def test_some_failures_are_a_server_fault() -> None:
    results = [
        DownloadResult(requested("dice.a"), 1, HELD),
        DownloadResult(requested("dice.b"), error=errors.Unreachable("gone")),
        DownloadResult(requested("dice.c"), error=errors.Refused("no")),
    ]
    failure = download.failure(results, 21)
    assert isinstance(failure, errors.ServerFault)
    assert failure.message.startswith("2 of 3 parameters of study 21")
    assert failure.detail == "dice.b: gone\ndice.c: no"


def test_unknown_name_among_failures_is_exit_5() -> None:
    results = [
        DownloadResult(requested("dice.b"), error=errors.Unreachable("gone")),
        DownloadResult(requested("dice.c"), error=errors.NotFound("no such parameter", detail="did you mean dice.b?")),
    ]
    failure = download.failure(results, 21)
    assert isinstance(failure, errors.NotFound)
    assert failure.detail == "dice.b: gone\ndice.c: no such parameter: did you mean dice.b?"


def test_only_connection_failures_are_exit_6() -> None:
    failure = download.failure([DownloadResult(requested(), error=errors.Unreachable("gone"))], 21)
    assert isinstance(failure, errors.Unreachable)


def test_first_ten_failures_are_shown() -> None:
    results = [DownloadResult(requested(f"dice.p{number}"), error=errors.ServerFault("no")) for number in range(50)]
    failure = download.failure(results, 21)
    assert failure is not None
    assert len(str(failure.detail).splitlines()) == 10
    assert download.MANIFEST in str(failure.hint)


def test_all_selects_parameters_with_several_values() -> None:
    """Dataframes, arrays, lists and dicts, including their older type names."""
    several = ["dataframe", "array", "list", "dict", "string_list", "float_list", "df_dict"]
    kinds = [*several, "float", "int", "bool", "string", "proc_builder_modal"]
    known = {f"dice.{kind}": parameter(f"dice.{kind}", kind) for kind in kinds}
    assert download_keys.tables(known) == [f"dice.{kind}" for kind in several]


def test_every_key_gets_a_distinct_file_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tables"
    keys = ["dice.Macro.population", "../../etc/passwd", "a/b", "a\\b", "a:b", "a b", "CON", ".hidden", "x" * 300]
    result = download.requested_files(keys, folder, {}, overwrite=False)
    assert folder.is_dir()
    assert [w.key for w in result] == keys
    assert {w.path.parent for w in result} == {folder}
    assert len({w.path.name.lower() for w in result}) == len(keys)
    assert result[0].path.name == "dice.Macro.population.csv"
    for item in result:
        item.path.touch()


def test_type_and_unit_are_kept_for_the_manifest(tmp_path: Path) -> None:
    known = {"dice.a": parameter("dice.a", "array")}
    [item, other] = download.requested_files(["dice.a", "dice.b"], tmp_path, known, overwrite=False)
    assert (item.type, item.unit) == ("array", "kg")
    assert (other.type, other.unit) == (None, None)


@pytest.mark.parametrize("present", ["dice.a.csv", download.MANIFEST])
def test_existing_file_is_rejected_without_overwrite(tmp_path: Path, present: str) -> None:
    (tmp_path / present).write_text("mine")
    with pytest.raises(errors.FileConflict, match=present):
        download.requested_files(["dice.a"], tmp_path, {}, overwrite=False)
    assert download.requested_files(["dice.a"], tmp_path, {}, overwrite=True)


def test_file_in_place_of_the_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("a file")
    with pytest.raises(errors.UsageError, match=re.escape(str(tmp_path / "tables"))):
        download.requested_files(["dice.a"], tmp_path / "tables", {}, overwrite=True)
