"""What is remembered of a study."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.config import Folders
from sostrades_cli.memory import Memory, Seen

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
GAMMA = {"dice.Macro.gamma": Seen("float", "-", "in", coupling=False)}


def memory(tmp_path: Path, host: str = HOST) -> Memory:
    """Return the memory of a server in a folder that need not be there."""
    return Memory(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path / "cache")}), host)


def file_of(tmp_path: Path) -> Path:
    """Return the one file of the memory."""
    [file] = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    return file


def test_what_was_seen_is_recalled(tmp_path: Path) -> None:
    """Type, unit and direction of a parameter come back, from another process too."""
    memory(tmp_path).remember(21, GAMMA)
    assert memory(tmp_path).recall(21) == GAMMA


def test_nothing_is_recalled_of_what_was_not_seen(tmp_path: Path) -> None:
    """Another study, and the same number on another server, are not known; looking makes no file."""
    memory(tmp_path).remember(21, GAMMA)
    assert memory(tmp_path).recall(22) == {}
    assert memory(tmp_path, "https://other.example").recall(21) == {}
    assert file_of(tmp_path).name == "21.json"


def test_two_servers_do_not_mix(tmp_path: Path) -> None:
    """Each server has its own memory of a study."""
    other = {"dice.Macro.gamma": Seen("int")}
    memory(tmp_path).remember(21, GAMMA)
    memory(tmp_path, "https://corp.example/sostrades").remember(21, other)
    assert memory(tmp_path).recall(21) == GAMMA
    assert memory(tmp_path, "https://corp.example/sostrades").recall(21) == other


def test_answers_add_up(tmp_path: Path) -> None:
    """A later answer adds names and directions; one that tells less erases nothing."""
    one = memory(tmp_path)
    one.remember(21, {"a": Seen("float", "kg"), "b": Seen("int")})
    one.remember(21, {"a": Seen("float", "kg", "in", coupling=True), "y": Seen("float", None, "out")})
    one.remember(21, {"a": Seen("float", "kg")})
    assert one.recall(21) == {
        "a": Seen("float", "kg", "in", coupling=True),
        "b": Seen("int"),
        "y": Seen("float", None, "out"),
    }


def test_a_changed_type_is_believed(tmp_path: Path) -> None:
    """What an answer says of type and unit replaces what an older one said."""
    one = memory(tmp_path)
    one.remember(21, GAMMA)
    one.remember(21, {"dice.Macro.gamma": Seen("int", "kg")})
    assert one.recall(21)["dice.Macro.gamma"] == Seen("int", "kg", "in", coupling=False)


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """What is known already, and an answer without parameters, leave the file as it is."""
    memory(tmp_path).remember(21, {})
    assert not (tmp_path / "cache").exists()
    memory(tmp_path).remember(21, GAMMA)
    before = file_of(tmp_path).stat()
    memory(tmp_path).remember(21, GAMMA)
    memory(tmp_path).remember(21, {})
    after = file_of(tmp_path).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_file_is_private_and_names_its_server(tmp_path: Path) -> None:
    """The file can be read by its owner only."""
    memory(tmp_path).remember(21, GAMMA)
    file = file_of(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(file.read_text())["host"] == HOST


@pytest.mark.parametrize("name", ["dice.Gas [CO2] & more.share %", "é\u202e\x1b[1m", "\ud800", ""])
def test_any_name_is_remembered(tmp_path: Path, name: str) -> None:
    """Odd names, half of a surrogate pair included, are remembered as they are."""
    memory(tmp_path).remember(21, {name: Seen("float")})
    assert memory(tmp_path).recall(21) == {name: Seen("float")}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{}",
        b'{"version": 99, "host": "https://corp.example", "parameters": {"a": {"type": "float"}}}',
        b'{"version": 1, "host": "https://other.example", "parameters": {"a": {"type": "float"}}}',
        b'{"version": 1, "host": "https://corp.example"}',
        b'{"version": 1, "host": "https://corp.example", "parameters": []}',
        b'{"version": 1, "host": "https://corp.example", "parameters": {"a": 1}}',
        b'{"version": 1, "host": "https://corp.example", "parameters": {"a": {"unit": "kg"}}}',
        b'{"version": 1, "host": "https://corp.example", "parameters": {"a": {"type": "float", "more": 1}}}',
    ],
)
def test_a_damaged_file_is_the_same_as_none(tmp_path: Path, damage: bytes) -> None:
    """Of a file that is damaged, of another version or another server nothing is recalled; it is replaced."""
    one = memory(tmp_path)
    one.remember(21, GAMMA)
    file_of(tmp_path).write_bytes(damage)
    assert one.recall(21) == {}
    one.remember(21, GAMMA)
    assert one.recall(21) == GAMMA


def test_a_place_that_cannot_be_written_costs_no_error(tmp_path: Path) -> None:
    """A file in place of the folder, or a folder in place of the file, means that nothing is remembered."""
    (tmp_path / "cache").write_text("a file")
    memory(tmp_path).remember(21, GAMMA)
    assert memory(tmp_path).recall(21) == {}
    (tmp_path / "cache").unlink()
    memory(tmp_path).remember(21, GAMMA)
    file = file_of(tmp_path)
    file.unlink()
    file.mkdir()
    memory(tmp_path).remember(21, GAMMA)
    assert memory(tmp_path).recall(21) == {}
