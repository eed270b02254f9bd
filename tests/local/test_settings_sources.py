"""The table of settings: the source that `config explain` names is the one that commands use."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from sostrades_cli.errors import InvalidSetting
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.settings import FILES, SETTINGS, STORED, Flags, resolve
from sostrades_cli.local.settings_sources import checked_value, explain, holding

if TYPE_CHECKING:
    from pathlib import Path

# Values of each source of a setting: flag, variable, config.toml. Some say nothing, and some say no.
VALUES: dict[str, tuple[tuple[Any, ...], tuple[str, ...], tuple[Any, ...]]] = {
    "host": ((None, "https://flag.example"), ("", " ", "https://environ.example"), (None, "", "https://file.example")),
    "profile": ((None, "default"), ("", " ", "other"), (None,)),
    "format": ((None, "json"), ("", " ", "csv"), (None, "", "ndjson")),
    "ca_bundle": ((None,), ("", " ", "/environ.pem"), (None, "", "/file.pem")),
    "client_cert": ((None,), ("", " ", "/environ.pem"), (None, "", "/file.pem")),
    "client_key": ((None,), ("", " ", "/environ.pem"), (None, "", "/file.pem")),
    "allow_http": ((False, True), ("", " ", "0", "YES", "off"), (None, True, False, "no", "on")),
    "key_command": ((None,), ("",), (None, "", "pass show sostrades")),
    "pager": ((None, "cat"), ("", " ", "more"), (None, "", "less -S")),
    "read_timeout": ((None, 0.5, 5.0), ("",), (None,)),
}


def test_every_setting_is_tested() -> None:
    assert list(VALUES) == list(SETTINGS)


@pytest.mark.parametrize("key", VALUES)
def test_explained_source_is_in_effect(key: str, tmp_path: Path) -> None:
    """For every combination of sources."""
    setting = SETTINGS[key]
    folders = Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path)})
    for given, variable, stored in itertools.product(*VALUES[key]):
        flags = Flags(**{setting.field: given}) if setting.flag else Flags()
        environ = {setting.variable: variable} if setting.variable else {}
        table = {} if stored is None else {key: stored}
        config = {"profiles": {"default": table, "other": table}}
        source = holding(explain(key, flags, environ, config, folders))
        used = getattr(resolve(flags, environ, config), setting.field or key)
        if source is None or source.name == "default":
            assert used in (None, False, "default")
            assert given in (None, False)
        elif key == "read_timeout":
            assert str(used) == source.value
        elif key == "key_command":
            assert used.line == source.value
        else:
            assert used == setting.parse(source.value, source.name)


def test_explicit_false_in_the_file_is_explained_as_set_there(tmp_path: Path) -> None:
    """It is not the default, although both are false."""
    (tmp_path / "config.toml").write_text("[profiles.default]\nallow_http = false\n")
    folders = Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path)})
    source = holding(explain("allow_http", Flags(), {}, read_config(folders), folders))
    assert source is not None
    assert (source.value, source.name) == ("false", f"profile default of {tmp_path / 'config.toml'}, line 2")


@pytest.mark.parametrize("value", ["perhaps", 1, 0.0, []])
def test_switch_in_the_file_must_be_a_boolean(value: object) -> None:
    """Other values are errors and not silently false."""
    with pytest.raises(InvalidSetting):
        resolve(Flags(), {}, {"profiles": {"default": {"allow_http": value}}})


@pytest.mark.parametrize(("word", "expected"), [("yes", True), ("ON", True), ("1", True), ("no", False), ("0", False)])
def test_switch_accepts_the_same_words_in_each_source(word: str, expected: bool) -> None:
    """`config set`, config.toml and the variable."""
    assert checked_value("allow_http", word, allow_http=False) is expected
    assert resolve(Flags(), {"SOSTRADES_ALLOW_HTTP": word}, {}).allow_http is expected
    assert resolve(Flags(), {}, {"profiles": {"default": {"allow_http": word}}}).allow_http is expected


@pytest.mark.parametrize("key", STORED)
def test_setting_that_is_written_can_be_read(key: str, tmp_path: Path) -> None:
    """A blank value cannot be written."""
    value = "true" if key == "allow_http" else '"x"'
    (tmp_path / "config.toml").write_text(f"[profiles.default]\n{key} = {value}\n")
    assert read_config(Folders({"SOSTRADES_CONFIG_DIR": str(tmp_path)}))
    with pytest.raises(InvalidSetting):
        checked_value(key, " ", allow_http=False)


def test_settings_with_paths_are_complete() -> None:
    assert FILES == ("ca_bundle", "client_cert", "client_key")
