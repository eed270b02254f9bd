"""Test the folder of an export: overwriting, resuming an interrupted export, and pictures."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from conftest import mostly_slow

from sostrades_cli.errors import FileConflict, SostradesError
from sostrades_cli.files.resumable_folder import MANIFEST
from sostrades_cli.operations.postproc import export as export_charts
from sostrades_cli.operations.postproc.export_folder import PROGRESS, ExportFolder
from sostrades_cli.operations.postproc.gather import GatheredCharts
from sostrades_cli.operations.postproc.merge import NumberedChart
from sostrades_cli.plotly_figures.chart import Chart
from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Outcome, User

    from sostrades_cli.operations.postproc.export import ChartExportReport

NAMES = ["a", "b", "c"]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def export(user: User, form: str = "csv", study: str = "21", *options: str, **environ: str) -> Outcome:
    """Export the charts of a study into the folder `out`."""
    return user.types("postproc", "export", study, "-d", str(user.folder / "out"), "--as", form, *options, **environ)


def listing(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, including hidden ones."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def saved(folder: ExportFolder, *names: str, source: str = "1") -> list[bool]:
    """Save files that contain their names, and return whether each was kept."""
    return [folder.save(name, source, name.encode).kept for name in names]


def folder_of(path: Path, names: Sequence[str], *, overwrite: bool) -> ExportFolder:
    """Return the folder of an export with these files."""
    folder = ExportFolder(path, overwrite=overwrite)
    folder.reserve(names)
    return folder


def interrupted(path: Path, *names: str) -> Path:
    """Leave a folder as an export does that was interrupted after some files."""
    saved(folder_of(path, NAMES, overwrite=False), *names)
    return path


def finish(path: Path, files: Any, *names: str, overwrite: bool = True) -> None:
    """Write the manifest of an export with these files over an older one."""
    folder = folder_of(path, names, overwrite=overwrite)
    saved(folder, *names)
    folder.finish({"charts": files})


# Replacing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "taken"),
    mostly_slow(
        [*itertools.product(["csv", "html"], [MANIFEST, "002-Output_per_year.{}"]), ("html", "plotly.min.js")], 2
    ),
)
def test_existing_files_are_not_replaced(user: User, form: str, taken: str) -> None:
    (user.folder / "out").mkdir()
    (user.folder / "out" / taken.format(form)).write_text("mine")
    before = listing(user.folder / "out")
    assert (export(user, form).code, listing(user.folder / "out")) == (2, before)
    assert export(user, form, "21", "--overwrite").code == 0
    assert "mine" not in (user.folder / "out" / taken.format(form)).read_text().splitlines()


@pytest.mark.parametrize("taken", ["out", "out/manifest.json"])
def test_unusable_folder_is_rejected_before_a_request(user: User, taken: str) -> None:
    if "/" in taken:
        (user.folder / "out").mkdir()
    (user.folder / taken).write_text("mine")
    assert (export(user).code, user.requests) == (2, [])


def test_other_files_of_the_folder_are_kept(user: User) -> None:
    (user.folder / "out" / "sub").mkdir(parents=True)
    others = {"notes.txt": b"mine", "002-mine.csv": b"mine", "sub/x": b"mine"}
    for name, content in others.items():
        (user.folder / "out" / name).write_bytes(content)
    assert export(user).code == 0
    assert export(user, "json", "21", "--overwrite").code == 0
    assert others.items() <= listing(user.folder / "out").items()


@pytest.mark.parametrize(("old", "new"), [("csv", "json"), ("html", "csv")])
def test_overwrite_removes_files_of_the_older_export(user: User, old: str, new: str) -> None:
    assert export(user, old).code == 0
    assert export(user, new, "21", "--match", "Emissions", "--overwrite").code == 0
    names = [f"005-Emissions.{new}", f"006-Emissions_and_price.{new}", MANIFEST]
    assert sorted(listing(user.folder / "out")) == names


@pytest.mark.parametrize("name", ["../mine", "sub/mine", "/etc/passwd", "..", ".", "sub", "", "\x00", "x" * 5000, None])
def test_manifest_cannot_remove_files_outside_the_folder(tmp_path: Path, name: str | None) -> None:
    path = tmp_path / "out"
    (path / "sub").mkdir(parents=True)
    for mine in (tmp_path / "mine", path / "sub" / "mine"):
        mine.write_text("mine")
    (path / MANIFEST).write_text(json.dumps({"charts": [{"file": name}]}))
    finish(path, [], "a")
    assert sorted(listing(tmp_path)) == ["mine", "out/a", f"out/{MANIFEST}", "out/sub/mine"]


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b"\xff", b'{"charts": 5}', b'{"charts": ["a"]}', b"[" * 9999]
)
def test_invalid_manifest_removes_nothing(tmp_path: Path, text: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(text)
    finish(tmp_path, [], "a")
    assert json.loads((tmp_path / MANIFEST).read_text()) == {"charts": []}


# Going on ------------------------------------------------------------------------------------------


def test_interrupted_export_is_resumed(tmp_path: Path) -> None:
    interrupted(tmp_path, "a", "b")
    again = folder_of(tmp_path, NAMES, overwrite=False)
    assert again.save("a", "1", lambda: pytest.fail("it is there")).kept
    assert saved(again, "b", "c") == [True, False]
    again.finish({"charts": []})
    assert sorted(listing(tmp_path)) == ["a", "b", "c", MANIFEST]
    with pytest.raises(FileConflict):
        folder_of(tmp_path, NAMES, overwrite=False)


@pytest.mark.parametrize("change", ["source", "content", "gone"])
def test_outdated_files_are_made_again(tmp_path: Path, change: str) -> None:
    interrupted(tmp_path, "a", "b")
    if change == "content":
        (tmp_path / "a").write_bytes(b"A")
    elif change == "gone":
        (tmp_path / "a").unlink()
    again = folder_of(tmp_path, NAMES, overwrite=False)
    assert saved(again, "a", source="2" if change == "source" else "1") == [False]
    assert (saved(again, "b"), (tmp_path / "a").read_bytes()) == ([True], b"a")


@pytest.mark.parametrize("left", [0, 1, 30])
def test_truncated_last_line_is_ignored(tmp_path: Path, left: int) -> None:
    first, second = (interrupted(tmp_path, "a", "b") / PROGRESS).read_text().splitlines(keepends=True)
    (tmp_path / PROGRESS).write_text(first + second[:left])
    (tmp_path / "b").unlink()  # a file is noted before it is there
    assert saved(folder_of(tmp_path, NAMES, overwrite=False), "a", "b") == [True, False]
    assert saved(folder_of(tmp_path, NAMES, overwrite=False), "a", "b", "c") == [True, True, False]


def test_line_after_a_truncated_one_is_read(tmp_path: Path) -> None:
    first, second = (interrupted(tmp_path, "a", "b") / PROGRESS).read_text().splitlines(keepends=True)
    (tmp_path / PROGRESS).write_text(first + second[:30])
    (tmp_path / "b").unlink()
    assert saved(folder_of(tmp_path, NAMES, overwrite=False), "a", "b") == [True, False]
    assert saved(folder_of(tmp_path, NAMES, overwrite=False), "a", "b", "c") == [True, True, False]


@pytest.mark.parametrize("text", ['{"name": "a"}', "[]", "null", "5", '{"name": ["a"]}', '{"x": 1}', "\ud800", "{"])
def test_invalid_progress_lines_are_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / PROGRESS).write_bytes(f"{text}\n".encode("utf-8", "surrogatepass"))
    assert saved(folder_of(tmp_path, NAMES, overwrite=False), *NAMES) == [False] * 3


def test_failed_file_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    folder = folder_of(tmp_path, NAMES, overwrite=True)
    for name in NAMES:
        with pytest.raises(ZeroDivisionError):
            folder.save(name, "1", lambda: bytes(1 // 0))
    assert listing(tmp_path) == {"a": b"old"}


# Pictures ------------------------------------------------------------------------------------------


def chart(number: int, title: str) -> NumberedChart:
    """Return a chart."""
    trace = {"type": "scatter", "name": "s", "x": [1], "y": [2]}
    return NumberedChart(number, Chart("D", Figure([trace], {"title": {"text": title}}), "", is_key=False), "page")


def pictures(path: Path, draw: Any, *titles: str) -> ChartExportReport:
    """Export charts as pictures with a fake drawing function."""
    charts = [chart(number, title) for number, title in enumerate(titles, 1)]
    gathered = GatheredCharts("h", 21, "dice", "FINISHED", "current", None, datetime(2026, 1, 2, tzinfo=UTC), charts)
    target = folder_of(path, [item.file_name("png") for item in charts], overwrite=False)
    done = export_charts.export(gathered, charts, target, "png", draw, lambda: None)
    return export_charts.report(gathered, charts, done, path)


def painted(figure: Figure) -> bytes:
    """Draw a picture. It fails for one chart and is interrupted at another."""
    if figure.title == "bad":
        raise SostradesError("it cannot be drawn: too large")
    if figure.title == "slow":
        raise KeyboardInterrupt
    return SIGNATURE + figure.title.encode()


def test_pictures_have_the_drawn_bytes(tmp_path: Path) -> None:
    report = pictures(tmp_path, painted, "one", "two")
    assert (tmp_path / "002-two.png").read_bytes() == SIGNATURE + b"two"
    assert ([item.state for item in report.charts], report.failure) == (["saved", "saved"], None)


def test_failed_picture_does_not_stop_the_others(tmp_path: Path) -> None:
    report = pictures(tmp_path, painted, "one", "bad", "three")
    assert sorted(listing(tmp_path)) == ["001-one.png", "003-three.png", MANIFEST]
    bad = json.loads((tmp_path / MANIFEST).read_text())["charts"][1]
    assert (bad["file"], bad["reason"]) == (None, "it cannot be drawn: too large")
    assert (report.charts[1].state, report.charts[1].file) == ("failed", None)
    assert report.failure is not None
    assert report.failure.message == "1 of 3 charts of study 21 could not be exported"
    assert report.failure.detail == "D/bad: it cannot be drawn: too large"


def test_finished_pictures_are_not_drawn_again(tmp_path: Path) -> None:
    drawn: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        pictures(tmp_path, painted, "one", "slow", "three")
    assert sorted(listing(tmp_path)) == [PROGRESS, "001-one.png"]
    report = pictures(tmp_path, lambda figure: drawn.append(figure.title) or b"x", "one", "slow", "three")
    assert (drawn, [item.state for item in report.charts]) == (["slow", "three"], ["kept", "saved", "saved"])
    assert sorted(listing(tmp_path)) == ["001-one.png", "002-slow.png", "003-three.png", MANIFEST]


@pytest.mark.slow  # it starts Chromium
@pytest.mark.parametrize("form", ["png", "svg"])
def test_real_picture_is_valid(user: User, form: str) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("there is no chromium on this machine, which draws the pictures")
    done = export(user, form, "21", "--match", "Emissions and price", PATH=os.environ["PATH"])
    assert done.code == 0, done.err
    content = (user.folder / "out" / f"006-Emissions_and_price.{form}").read_bytes()
    if form == "png":
        assert content.startswith(SIGNATURE)
        return
    root = ET.fromstring(content)  # noqa: S314 - our own picture
    assert root.tag.endswith("svg")
    assert "Emissions and price" in "".join(root.itertext())


def test_interrupted_export_of_other_charts_is_kept_without_overwrite(tmp_path: Path) -> None:
    interrupted(tmp_path, "a", "b")
    with pytest.raises(FileConflict):
        folder_of(tmp_path, ["a", "x"], overwrite=False)
    folder = folder_of(tmp_path, ["x"], overwrite=True)
    saved(folder, "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [PROGRESS, "a", "b", "x"]
    folder.finish({"charts": []})
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, "x"]


def test_partial_files_of_a_killed_export_are_removed(tmp_path: Path) -> None:
    interrupted(tmp_path, "a", "b")
    (tmp_path / ".b.0123456789abcdef.part").write_text("half")
    (tmp_path / ".mine.0123456789abcdef.part").write_text("mine")
    saved(folder_of(tmp_path, NAMES, overwrite=False), "a")
    assert sorted(path.name for path in tmp_path.glob("*.part")) == [".mine.0123456789abcdef.part"]
