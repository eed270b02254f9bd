"""What becomes of downloads, as far as no server is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sostrades_cli import errors
from sostrades_cli.api.models import Parameter
from sostrades_cli.operations.param import download, download_keys
from sostrades_cli.operations.param.download import DownloadRequest, DownloadResult

HELD = "0" * 64


def wanted(key: str = "dice.Macro.population") -> DownloadRequest:
    """Return a parameter that is wanted as a file."""
    return DownloadRequest(key, Path("tables") / f"{key}.csv", "dataframe", "Mp")


def parameter(name: str, kind: str) -> Parameter:
    """Return a parameter of a type."""
    return Parameter(name, kind, "kg", name.rpartition(".")[2], None)


def test_what_came_has_its_size_and_digest_in_the_manifest() -> None:
    """A file that was saved is listed by its bare name, with size and sha-256."""
    saved = DownloadResult(wanted(), bytes=12, sha256=HELD)
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


def test_an_empty_file_is_saved() -> None:
    """A file of no bytes is a file that came."""
    assert DownloadResult(wanted(), bytes=0, sha256=HELD).state == "saved"


def test_what_has_no_value_is_no_failure() -> None:
    """A parameter without a value is listed without a file, and is no error."""
    nothing = DownloadResult(wanted())
    assert nothing.state == "no value"
    assert set(nothing.entry()) == {"key", "type", "unit", "state"}
    assert download.failure([nothing, DownloadResult(wanted(), 1, HELD)], 21) is None


def test_what_failed_is_listed_with_its_reason() -> None:
    """A parameter that could not be had is listed with the reason, without a file."""
    failed = DownloadResult(wanted(), error=errors.Refused("the server cannot give it"))
    assert failed.state == "failed"
    assert failed.entry()["reason"] == "the server cannot give it"
    assert "file" not in failed.entry()


def test_one_failure_among_several_is_the_servers() -> None:
    """If some failed the error is exit 7, names them, and says how many of how many."""
    results = [
        DownloadResult(wanted("dice.a"), 1, HELD),
        DownloadResult(wanted("dice.b"), error=errors.Unreachable("gone")),
        DownloadResult(wanted("dice.c"), error=errors.Refused("no")),
    ]
    failure = download.failure(results, 21)
    assert isinstance(failure, errors.ServerFault)
    assert failure.message.startswith("2 of 3 parameters of study 21")
    assert failure.detail == "dice.b: gone\ndice.c: no"


def test_if_the_server_was_gone_for_all_it_was_not_reached() -> None:
    """If every failure was an unreachable server the error is exit 6."""
    failure = download.failure([DownloadResult(wanted(), error=errors.Unreachable("gone"))], 21)
    assert isinstance(failure, errors.Unreachable)


def test_of_many_failures_ten_are_shown() -> None:
    """The error names ten; the manifest has all."""
    results = [DownloadResult(wanted(f"dice.p{number}"), error=errors.ServerFault("no")) for number in range(50)]
    failure = download.failure(results, 21)
    assert failure is not None
    assert len(str(failure.detail).splitlines()) == 10
    assert download.MANIFEST in str(failure.hint)


def test_all_means_what_holds_more_than_one_value() -> None:
    """Dataframes, arrays, lists and dicts, by their older names too, are tables; single values are not."""
    several = ["dataframe", "array", "list", "dict", "string_list", "float_list", "df_dict"]
    kinds = [*several, "float", "int", "bool", "string", "proc_builder_modal"]
    known = {f"dice.{kind}": parameter(f"dice.{kind}", kind) for kind in kinds}
    assert download_keys.tables(known) == [f"dice.{kind}" for kind in several]


def test_every_key_gets_a_file_of_its_own_in_the_folder(tmp_path: Path) -> None:
    """Names that would leave the folder, or be alike, become distinct files directly in it; it is made."""
    folder = tmp_path / "new" / "tables"
    keys = ["dice.Macro.population", "../../etc/passwd", "a/b", "a\\b", "a:b", "a b", "CON", ".hidden", "x" * 300]
    found = download.wanted_files(keys, folder, {}, overwrite=False)
    assert folder.is_dir()
    assert [w.key for w in found] == keys
    assert {w.path.parent for w in found} == {folder}
    assert len({w.path.name.lower() for w in found}) == len(keys)
    assert found[0].path.name == "dice.Macro.population.csv"
    for one in found:
        one.path.touch()


def test_type_and_unit_go_with_a_file_where_they_are_known(tmp_path: Path) -> None:
    """What is known of a parameter is kept for the manifest."""
    known = {"dice.a": parameter("dice.a", "array")}
    [one, other] = download.wanted_files(["dice.a", "dice.b"], tmp_path, known, overwrite=False)
    assert (one.type, one.unit) == ("array", "kg")
    assert (other.type, other.unit) == (None, None)


@pytest.mark.parametrize("present", ["dice.a.csv", download.MANIFEST])
def test_a_file_that_is_there_is_kept(tmp_path: Path, present: str) -> None:
    """A file of that name, the manifest's included, is exit 2 unless it is to be replaced."""
    (tmp_path / present).write_text("mine")
    with pytest.raises(errors.FileConflict, match=present):
        download.wanted_files(["dice.a"], tmp_path, {}, overwrite=False)
    assert download.wanted_files(["dice.a"], tmp_path, {}, overwrite=True)


def test_a_folder_that_cannot_be_made_is_wrong_usage(tmp_path: Path) -> None:
    """A file in the place of the folder is exit 2."""
    (tmp_path / "tables").write_text("a file")
    with pytest.raises(errors.UsageError, match=re.escape(str(tmp_path / "tables"))):
        download.wanted_files(["dice.a"], tmp_path / "tables", {}, overwrite=True)
