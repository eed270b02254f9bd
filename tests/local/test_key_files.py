"""Keys in files: SOSTRADES_API_KEY_FILE, and the file of `auth login --insecure-storage`."""

from __future__ import annotations

import json
import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import KeySourceError, UsageError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.key_files import StoredKeys, content_of
from sostrades_cli.local.keyring_entry import KeyringEntry

if TYPE_CHECKING:
    from pathlib import Path

KEY = "0123456789abcdef0123456789abcdef"
ENTRY = KeyringEntry("default", "https://corp.example")
OTHER = KeyringEntry("team", "https://corp.example")


@pytest.mark.parametrize(
    "content",
    [
        KEY.encode(),
        f"{KEY}\n".encode(),
        f"  {KEY}\r\n\r\n".encode(),
        f"\ufeff{KEY}\r\n".encode(),
        f"{KEY}\r\n".encode("utf-16"),
        b"\xfe\xff" + f"{KEY}\n".encode("utf-16-be"),
    ],
)
def test_key_file_of_any_editor_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert content_of(str(tmp_path / "key")) == KEY


def test_key_file_may_be_readable_by_others(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o444)
    assert content_of(str(tmp_path / "key")) == KEY


def test_key_file_may_be_a_pipe(tmp_path: Path) -> None:
    """The shell turns `SOSTRADES_API_KEY_FILE=<(pass show sostrades)` into a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(f"{KEY}\n",))
    writer.start()
    assert content_of(str(pipe)) == KEY
    writer.join()


@pytest.mark.parametrize("case", ["missing", "folder", "empty", "blank", "large", "endless", "in a file", "no user"])
def test_unusable_key_file_is_exit_4_and_named(tmp_path: Path, case: str) -> None:
    path = tmp_path / "key"
    path.write_bytes({"blank": b" \r\n", "large": KEY.encode() * 3000}.get(case, b""))
    name = {
        "missing": str(tmp_path / "none"),
        "folder": str(tmp_path),
        "endless": "/dev/zero",
        "in a file": str(path / "key"),
        "no user": "~no-such-user/key",
    }.get(case, str(path))
    with pytest.raises(KeySourceError) as caught:
        content_of(name)
    assert exit_code_of(caught.value) is ExitCode.ACCESS
    assert name in caught.value.message
    assert "SOSTRADES_API_KEY_FILE" in caught.value.message
    assert KEY not in caught.value.message


@pytest.fixture
def keys(tmp_path: Path) -> StoredKeys:
    """Return the keys in a folder that does not exist yet."""
    return StoredKeys(Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path / "config")}))


def test_stored_key_is_read_and_removed(keys: StoredKeys) -> None:
    assert keys.get(ENTRY) is None
    assert keys.forget(ENTRY) is False
    assert not keys.path.parent.exists()
    keys.put(ENTRY, KEY)
    keys.put(OTHER, KEY[::-1])
    assert (keys.get(ENTRY), keys.get(OTHER)) == (KEY, KEY[::-1])
    assert keys.get(KeyringEntry("default", "https://other.example")) is None
    assert keys.forget(ENTRY) is True
    assert (keys.get(ENTRY), keys.get(OTHER)) == (None, KEY[::-1])
    assert keys.forget(OTHER) is True
    assert not keys.path.exists()


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_stored_keys_are_readable_by_their_owner_only(keys: StoredKeys, umask: int) -> None:
    before = os.umask(umask)
    try:
        keys.put(ENTRY, KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o644])
def test_stored_keys_readable_by_others_are_rejected_and_can_be_removed(keys: StoredKeys, mode: int) -> None:
    keys.put(ENTRY, KEY)
    keys.path.chmod(mode)
    for use in (lambda: keys.get(ENTRY), lambda: keys.put(OTHER, KEY)):
        with pytest.raises(KeySourceError) as caught:
            use()
        assert caught.value.hint == f"chmod 600 {keys.path}"
    assert keys.forget(ENTRY) is True


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', '{"a": null}', "\x00"])
def test_damaged_key_file_is_an_error_and_is_kept(keys: StoredKeys, content: str) -> None:
    keys.put(ENTRY, KEY)
    keys.path.write_text(content)
    for use in (lambda: keys.get(ENTRY), lambda: keys.put(OTHER, KEY), lambda: keys.forget(ENTRY)):
        with pytest.raises(KeySourceError, match=str(keys.path)):
            use()
    assert keys.path.read_text() == content


def test_link_in_place_of_the_key_file_is_replaced(keys: StoredKeys, tmp_path: Path) -> None:
    keys.put(ENTRY, KEY)
    victim = tmp_path / "victim"
    keys.path.rename(victim)
    keys.path.symlink_to(victim)
    keys.put(OTHER, KEY)
    assert list(json.loads(victim.read_text())) == [ENTRY.name]
    assert not keys.path.is_symlink()


def test_error_of_an_unwritable_folder_names_its_variable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keys = StoredKeys(Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path / "file" / "config")}))
    assert (keys.get(ENTRY), keys.forget(ENTRY)) == (None, False)
    with pytest.raises(UsageError) as caught:
        keys.put(ENTRY, KEY)
    assert "SOSTRADES_CONFIG_DIR" in str(caught.value.hint)
