"""Test `-o FILE` with links, devices and pipes, and links inside the folder of `-d`."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import HOST, slow

if TYPE_CHECKING:
    from conftest import User

GET = ("param", "get", "21", "Macro.gamma")
DOWNLOAD = ("param", "download", "21", "Macro.population")


@pytest.mark.parametrize("line", [GET, DOWNLOAD, slow(("postproc", "html", "21")), slow(("study", "load", "21"))])
def test_link_target_is_written_and_the_link_is_kept(user: User, line: tuple[str, ...]) -> None:
    real, link, plain = (user.folder / name for name in ("real", "link", "plain"))
    link.symlink_to("real")
    assert user.types(*line, "-o", str(plain)).code == 0
    assert user.types(*line, "-o", str(link)).code == 0
    assert (link.is_symlink(), real.read_bytes()) == (True, plain.read_bytes())
    assert user.types(*line, "-o", str(link)).code == 2
    real.write_text("old")
    assert user.types(*line, "-o", str(link), "--overwrite").code == 0
    assert (link.is_symlink(), real.read_bytes()) == (True, plain.read_bytes())


@pytest.mark.parametrize("line", [GET, DOWNLOAD, ("postproc", "html", "21"), ("study", "load", "21", "-F", "json")])
def test_fifo_is_written_without_overwrite(user: User, line: tuple[str, ...]) -> None:
    pipe = user.folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    done = user.types(*line, "-o", str(pipe))
    reader.join(60)
    assert (done.code, done.out, pipe.is_fifo()) == (0, "", True)
    assert read == [user.types(*line, "-o", "-").out]


def test_dev_null_is_written_and_kept(user: User) -> None:
    for line in (GET, DOWNLOAD, ("study", "load", "21")):
        done = user.types(*line, "-o", os.devnull)
        assert (done.code, done.out) == (0, "")
    assert Path(os.devnull).is_char_device()


def test_config_behind_a_link_is_written_to_its_target(user: User) -> None:
    (user.folder / "config").mkdir()
    (user.folder / "dotfiles").mkdir()
    real, link = user.folder / "dotfiles" / "sostrades.toml", user.folder / "config" / "config.toml"
    real.write_text("# mine\n")
    link.symlink_to(real)
    assert user.types("config", "set", "host", HOST).code == 0
    assert user.types("alias", "set", "dice", "21").code == 0
    assert link.is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert "dice = 21" in real.read_text()
    assert json.loads(user.types("config", "path", "-F", "json").out)["path"] == str(link)


def test_link_in_a_download_folder_is_replaced(user: User) -> None:
    """The server chooses the names: a link must not redirect them."""
    folder, runtime = user.folder / "tables", user.folder / "outside.csv"
    folder.mkdir()
    runtime.write_text("mine")
    (folder / "dice.Macro.population.csv").symlink_to(runtime)
    (folder / "manifest.json").symlink_to(runtime)
    line = (*DOWNLOAD, "-d", str(folder))
    assert user.types(*line).code == 2
    assert user.types(*line, "--overwrite").code == 0
    assert runtime.read_text() == "mine"
    assert not any(item.is_symlink() for item in folder.iterdir())


@pytest.mark.parametrize("line", [GET, DOWNLOAD, ("postproc", "html", "21"), ("study", "load", "21", "-F", "json")])
def test_unwritable_output_after_a_request_is_exit_1(user: User, line: tuple[str, ...]) -> None:
    """Exit code 2 would mean that nothing was sent."""
    done = user.types(*line, "-o", "/dev/full")
    assert (done.code, done.kind) == (1, "write_failed"), done.err
    before = len(user.requests)
    assert user.types(*line, "-o", str(user.folder / "missing" / "out")).code == 2
    assert len(user.requests) == before


@pytest.mark.parametrize(
    "line",
    [
        ("param", "set", "21", "Macro.gamma=0.4"),
        ("calc", "run", "21", "--detach"),
        slow(("study", "copy", "21", "new")),
    ],
)
def test_output_that_cannot_be_written_does_not_hide_the_change(user: User, line: tuple[str, ...]) -> None:
    done = user.types(*line, "-o", "/dev/full")
    assert (done.code, done.kind) == (1, "write_failed"), done.err
    assert done.error is not None
    assert "is complete" in str(done.error.detail)
    assert "21" in str(done.error.hint)


def test_unwritable_local_file_before_a_request_is_exit_2(user: User) -> None:
    (user.folder / "state" / "journal").mkdir(parents=True)
    assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    [journal] = user.folder.rglob("21.jsonl")
    journal.unlink()
    journal.mkdir()
    done = user.types("param", "set", "21", "Macro.gamma=0.5")
    assert (done.code, str(journal) in done.err) == (2, True)
    assert sum("/parameters" in asked for asked in user.requests) == 1
