"""Exports, copies, links, comparisons and downloads in a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from conftest import slow

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.world import Right
from sostrades_cli.errors import (
    Conflict,
    FileConflict,
    NotFound,
    Refused,
    ServerFault,
    Unreachable,
    UsageError,
)

if TYPE_CHECKING:
    from conftest import User


@pytest.mark.parametrize("anyone", ["documented", slow("5.3")], indirect=True)
def test_export_equals_that_of_the_command_line(anyone: User) -> None:
    study = anyone.client().study(21)
    ours, typed = anyone.folder / "ours", anyone.folder / "typed"
    assert study.export(ours) == ours
    anyone.types("study", "export", "21", str(typed))
    files = [path.relative_to(typed) for path in sorted(typed.rglob("*")) if path.is_file()]
    assert len(files) > 5
    for file in files:
        if file.name != "manifest.json":
            assert (ours / file).read_bytes() == (typed / file).read_bytes()
    with pytest.raises(FileConflict):
        study.export(ours)
    study.export(str(ours), outputs=True, overwrite=True)
    assert (ours / "outputs.toml").is_file()


def test_incomplete_export_is_an_error(user: User) -> None:
    """The other parameters are in the folder."""
    user.world.faults.arm(Fault("status", count=500, path="parameter/download", status=500))
    with pytest.raises((ServerFault, Unreachable)):
        user.client().study(21).export(user.folder / "dice")
    assert (user.folder / "dice" / "parameters.toml").is_file()


@pytest.mark.parametrize("anyone", ["documented", slow("5.3")], indirect=True)
def test_edited_folder_is_applied(anyone: User) -> None:
    study = anyone.client().study(21)
    folder = study.export(anyone.folder / "dice")
    assert len(study.apply(folder, dry_run=True)) == 0
    file = folder / "parameters.toml"
    file.write_text(file.read_text().replace('"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.4 '))
    assert study.apply(folder)["new"].tolist() == [0.4]
    study.set({"Macro.gamma": 0.5})
    with pytest.raises(Conflict):
        study.apply(folder)
    with pytest.raises(UsageError):
        study.apply(folder, ours=True, theirs=True)
    assert study.apply(str(folder), ours=True)["old"].tolist() == [0.5]


@pytest.mark.parametrize("anyone", ["documented", slow("5.3")], indirect=True)
def test_difference_equals_that_of_the_command_line(anyone: User) -> None:
    client = anyone.client()
    study = client.study(21)
    folder = study.export(anyone.folder / "dice")
    study.set({"Macro.gamma": 0.5, "Macro.shares": {"coal": 0.5, "wind": 0.6}})
    result = client.diff(study, folder)
    expected = json.loads(anyone.types("study", "diff", "21", str(folder), "-F", "json").out)
    assert result[["key", "type", "a", "b"]].to_dict("records") == [
        {name: item[name] for name in ("key", "type", "a", "b")} for item in expected
    ]
    assert result["difference"].tolist() == ["", ".coal: 0.5 -> 0.4"]
    assert "not compared" in result.attrs["note"]
    assert len(client.diff("21", str(folder), match="gamma")) == 1
    assert len(client.diff(21, folder, rtol=0.5)) == 0


def test_outputs_that_were_not_compared_are_in_the_note(user: User) -> None:
    client = user.client()
    folder = client.study(21).export(user.folder / "dice")
    result = client.diff(21, folder, outputs=True)
    assert len(result) == 0
    assert "Carbon.emissions" in result.attrs["note"]


def test_two_folders_need_no_server(user: User) -> None:
    folder = user.client().study(21).export(user.folder / "dice")
    asked = len(user.requests)
    del user.environ["SOSTRADES_API_KEY"]
    assert len(user.client().diff(folder, Path(folder))) == 0
    assert len(user.requests) == asked


def test_empty_name_is_an_error(user: User) -> None:
    with pytest.raises(UsageError):
        user.client().diff(21, " ")


def test_copy_is_a_study(user: User) -> None:
    """An incomplete copy is an error with its number."""
    owner = user.world.users["owner@email.com"]
    model = Model("small", ("", "A"), (Parameter("A.f", "float", 1.5),), lambda _: {})
    user.world.add_study(40, "small", model, {owner: Right.OWNER})
    study = user.client().study(40)
    study.set({"A.f": 9.5})
    copied = study.copy("second")
    assert copied == user.client().study(41)
    assert copied.get("A.f") == 9.5
    with pytest.raises(UsageError):
        study.copy("dice 2")


def test_copy_needs_a_group_key(user: User) -> None:
    with pytest.raises(Refused):
        user.client(key=user.world.user_key).study(21).copy("second")


def test_link_stands_for_the_study(user: User) -> None:
    client = user.client()
    study = client.study(21)
    assert study.url() == user.types("study", "url", "21").out.strip()
    assert client.study(study.url()) == study


def test_parameters_are_a_dataframe(user: User) -> None:
    assert isinstance(user.client().study(21).parameters(), pd.DataFrame)


def test_downloads_equal_those_of_the_command_line(anyone: User) -> None:
    keys = ("dice.Macro.gamma", "Macro.population", "*.Damage.*")
    ours, typed = anyone.folder / "ours", anyone.folder / "typed"
    result = anyone.client().study(21).download(ours, pd.Index(keys))
    printed = json.loads(anyone.types("param", "download", "21", *keys, "-d", str(typed), "-F", "json").out)
    shown = result.reset_index().astype(object)
    assert shown.where(shown.notna(), None).to_dict("records") == [
        item | {"file": item["file"] and item["file"].replace("typed", "ours")} for item in printed
    ]
    assert {path.name for path in ours.iterdir()} == {path.name for path in typed.iterdir()}
    for file in result["file"].dropna():
        assert Path(file).read_bytes() == (typed / Path(file).name).read_bytes()


def test_all_or_matching_tables_are_downloaded(anyone: User) -> None:
    study, folder, typed = anyone.client().study(21), anyone.folder / "tables", anyone.folder / "typed"
    result = study.download(str(folder))
    assert anyone.types("param", "download", "21", "--all", "-d", str(typed)).code == 0
    expected = [item["key"] for item in json.loads((typed / "manifest.json").read_text())["parameters"]]
    assert result.index.tolist() == expected
    assert result.index[result["state"] == "unreadable"].tolist() == ["dice.Macro.matrix"]
    some = study.download(anyone.folder / "some", match="Damage")
    assert some.index.tolist() == [item for item in expected if "Damage" in item]
    with pytest.raises(FileConflict):
        study.download(folder, "Macro.population")
    assert study.download(folder, "Macro.population", overwrite=True)["state"].tolist() == ["saved"]


@pytest.mark.parametrize(
    ("keys", "options", "kind"),
    [
        ([], {}, "usage"),
        (None, {"jobs": 0}, "usage"),
        (None, {"jobs": -1}, "usage"),
        (None, {"match": "nowhere"}, "not_found"),
        ("*.nowhere", {}, "not_found"),
    ],
)
def test_invalid_download_writes_nothing(
    user: User, keys: list[str] | None, options: dict[str, int], kind: str
) -> None:
    with pytest.raises((UsageError, NotFound)) as caught:
        user.client().study(21).download(user.folder / "none", keys, **options)  # type: ignore[arg-type]
    assert (caught.value.kind, (user.folder / "none").exists()) == (kind, False)
    with pytest.raises(UsageError, match="9"):
        user.client().study(21).export(user.folder / "none", jobs=9)


def test_error_of_a_download_has_the_table(user: User) -> None:
    client = user.client()
    user.world.faults.arm(Fault("cut", count=4, path="parameter/download"))
    with pytest.raises(ServerFault, match="1 of 3") as caught:
        client.study(21).download(
            user.folder / "tables", ["Macro.population", "Macro.gamma", "Damage.total_damage"], jobs=1
        )
    result = caught.value.result
    assert result["state"].tolist() == ["failed", "saved", "saved"]
    assert result.loc[result["state"] == "saved", "file"].map(Path).map(Path.is_file).all()
    assert "result" in caught.value.__notes__[-1]
