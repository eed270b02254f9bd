"""The order of the sources of a key."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from conftest import MemoryKeyring

from sostrades_cli.errors import KeyMissing, KeyringError, KeySourceError
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.credential import Credential
from sostrades_cli.local.key_command import KeyCommand
from sostrades_cli.local.key_files import StoredKeys
from sostrades_cli.local.key_sources import KeySources
from sostrades_cli.local.keyring_entry import KeyringEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HOST = "https://corp.example"
ENTRY = KeyringEntry("default", HOST)
# The strongest first.
ORDER = ("SOSTRADES_API_KEY", "SOSTRADES_API_KEY_FILE", "key_command", "keyring", "keys.json")
KEYS = {source: f"{number}" * 32 for number, source in enumerate(ORDER)}


class Broken(MemoryKeyring):
    """A keyring that is not there."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Say so."""
        raise KeyringError("this computer has no keyring", hint="set SOSTRADES_API_KEY")


@pytest.fixture
def with_keys(tmp_path: Path) -> Callable[..., KeySources]:
    """Make sources of which some have a key."""

    def make(sources: Mapping[str, str], keyring: MemoryKeyring | None = None) -> KeySources:
        file = StoredKeys(Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path / "config")}))
        file.forget(ENTRY)
        if key := sources.get("keys.json"):
            file.put(ENTRY, key)
        if key := sources.get("SOSTRADES_API_KEY_FILE"):
            (tmp_path / "key").write_text(key)
        command = sources.get("key_command")
        return KeySources(
            ENTRY,
            keyring or MemoryKeyring({ENTRY: sources["keyring"]} if "keyring" in sources else {}),
            file,
            {},
            sources.get("SOSTRADES_API_KEY"),
            str(tmp_path / "key") if "SOSTRADES_API_KEY_FILE" in sources else None,
            KeyCommand(f"printf '{command}'", None) if command is not None else None,
        )

    return make


def test_explained_source_is_the_strongest_one_which_is_used(with_keys: Callable[..., KeySources]) -> None:
    for has_key in itertools.product((True, False), repeat=len(ORDER)):
        names = [name for name, has in zip(ORDER, has_key, strict=True) if has]
        sources = with_keys({name: KEYS[name] for name in names})
        rows = sources.explain()
        assert len(rows) == len(ORDER)
        assert [number for number, row in enumerate(rows) if row.holds] == [ORDER.index(name) for name in names[:1]]
        assert not any(key in str(row.value) for row in rows for name, key in KEYS.items() if name != "key_command")
        if names:
            assert sources.find() == Credential(KEYS[names[0]], names[0])
        else:
            with pytest.raises(KeyMissing):
                sources.find()


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY_FILE", "key_command"])
@pytest.mark.parametrize("text", ["", "two words", '"0123"', "ключ"])
def test_unusable_source_is_an_error_and_not_skipped(
    with_keys: Callable[..., KeySources], source: str, text: str
) -> None:
    sources = with_keys({source: text, "keyring": KEYS["keyring"], "keys.json": KEYS["keys.json"]})
    with pytest.raises(KeySourceError, match=source) as caught:
        sources.find()
    assert not text or text not in caught.value.message


def test_invalid_key_in_the_variable_is_the_fault_of_its_source(with_keys: Callable[..., KeySources]) -> None:
    with pytest.raises(KeySourceError, match="SOSTRADES_API_KEY"):
        with_keys({"SOSTRADES_API_KEY": "two words", "keyring": KEYS["keyring"]}).find()


def test_empty_variable_is_skipped(with_keys: Callable[..., KeySources]) -> None:
    sources = with_keys({**KEYS, "SOSTRADES_API_KEY": ""})
    assert sources.find().source == "SOSTRADES_API_KEY_FILE"


def test_key_in_the_file_is_used_despite_a_broken_keyring(with_keys: Callable[..., KeySources]) -> None:
    sources = with_keys({"keys.json": KEYS["keys.json"]}, Broken())
    assert sources.find() == Credential(KEYS["keys.json"], "keys.json")
    assert [row.holds for row in sources.explain()] == [False, False, False, False, True]
    with pytest.raises(KeyringError):
        with_keys({}, Broken()).find()


@pytest.mark.parametrize("keyring", [MemoryKeyring(), Broken()])
def test_command_is_not_run_for_another_server(
    with_keys: Callable[..., KeySources], tmp_path: Path, keyring: MemoryKeyring
) -> None:
    """`--host` may name another server than the profile, which must not get its key."""
    sources = with_keys({}, keyring)
    ran = tmp_path / "ran"
    other = KeySources(ENTRY, keyring, sources.file, {}, command=KeyCommand(f"touch {ran}", "https://other.example"))
    with pytest.raises((KeyMissing, KeyringError)) as caught:
        other.find()
    assert "https://other.example" in str(caught.value.detail)
    assert other.configured is None
    assert not any(row.holds for row in other.explain())
    assert not ran.exists()


def test_variables_are_for_the_profile_in_use_only(with_keys: Callable[..., KeySources]) -> None:
    table = {"host": HOST, "key_command": f"printf {KEYS['key_command']}"}
    team = with_keys(KEYS).of_profile("team", HOST, table)
    assert team.find() == Credential(KEYS["key_command"], "key_command")
    with pytest.raises(KeyMissing, match="team"):
        with_keys(KEYS).of_profile("team", HOST, {"host": HOST}).find()


def test_repr_does_not_contain_the_key(with_keys: Callable[..., KeySources]) -> None:
    sources = with_keys({"SOSTRADES_API_KEY": KEYS["SOSTRADES_API_KEY"]})
    sources.find()
    assert KEYS["SOSTRADES_API_KEY"] not in repr(sources)
