"""The client: settings, key, names of studies and errors, like on the command line."""

from __future__ import annotations

import logging
import pickle
import re
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from conftest import HERE, HOST

import sostrades_cli
from server_stub.faults import Fault
from sostrades_cli import Client, Study, errors
from sostrades_cli.errors import (
    InvalidSetting,
    KeyMissing,
    KeyRejected,
    KeySourceError,
    NotFound,
    SostradesError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User


def config(user: User, text: str) -> None:
    """Write config.toml."""
    folder = user.folder / "config"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text)


def test_public_names_can_be_imported_and_have_docstrings() -> None:
    assert set(dir(sostrades_cli)) >= set(sostrades_cli.__all__)
    for name in sostrades_cli.__all__:
        assert getattr(sostrades_cli, name).__doc__
    kinds = {name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, SostradesError)}
    # The library raises `Interrupted` in their place, which is no error.
    assert kinds - {"UserInterrupt", "Terminated", "HungUp"} <= set(sostrades_cli.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Klient'"):
        _ = sostrades_cli.Klient


def test_settings_have_the_order_of_the_command_line(user: User) -> None:
    config(user, '[profiles.default]\nhost = "https://one.example"\n[profiles.two]\nhost = "https://two.example/x/"\n')
    assert user.client().host == HOST
    assert user.client(host="http://localhost:1/sub/").host == "http://localhost:1/sub"
    del user.environ["SOSTRADES_HOST"]
    assert user.client().host == "https://one.example"
    assert user.client(profile="two").host == "https://two.example/x"
    user.environ["SOSTRADES_PROFILE"] = "two"
    assert user.client().host == "https://two.example/x"


def test_unknown_profile_is_an_error(user: User) -> None:
    config(user, '[profiles.test]\nhost = "https://one.example"\n')
    for host in (None, HOST):
        with pytest.raises(InvalidSetting, match="tset") as caught:
            user.client(host=host, profile="tset")
        assert "test" in re.findall(r"\w+", str(caught.value.hint))
    user.environ["SOSTRADES_PROFILE"] = "tset"
    with pytest.raises(InvalidSetting, match="tset"):
        user.client()


def test_profile_and_environment_with_different_servers_are_an_error(user: User) -> None:
    config(user, '[profiles.test]\nhost = "https://one.example"\n')
    with pytest.raises(InvalidSetting, match="SOSTRADES_HOST"):
        user.client(profile="test")
    assert user.client(host=HOST, profile="test").host == HOST


def test_missing_address_is_an_error_of_the_constructor(user: User) -> None:
    del user.environ["SOSTRADES_HOST"]
    with pytest.raises(InvalidSetting):
        user.client()
    with pytest.raises(InvalidSetting):
        user.client(host="http://corp.example")


def test_argument_has_priority_for_the_key(user: User) -> None:
    good = user.environ.pop("SOSTRADES_API_KEY")
    with pytest.raises(KeyMissing):
        user.client().study(21).status()
    user.keyring.stored[HERE] = good
    assert user.client().study(21).status().status == "FINISHED"
    user.environ["SOSTRADES_API_KEY"] = "wrong"
    with pytest.raises(KeyRejected):
        user.client().study(21).status()
    assert user.client(key=good).study(21).status().status == "FINISHED"
    with pytest.raises(KeyRejected) as raised:
        user.client(key="wrong").study(21).status()
    assert "SOSTRADES_API_KEY" not in f"{raised.value.message} {raised.value.hint}"
    with pytest.raises(UsageError):
        user.client(key="").study(21).status()


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY_FILE", "key_command", "keys.json"])
def test_key_comes_from_the_same_sources_as_on_the_command_line(user: User, source: str) -> None:
    key = user.environ.pop("SOSTRADES_API_KEY")
    file = user.folder / "key"
    file.write_text(key)
    if source == "SOSTRADES_API_KEY_FILE":
        user.environ[source] = str(file)
    elif source == "key_command":
        config(user, f'[profiles.default]\nkey_command = "cat {file}"\n')
    else:
        user.types("auth", "login", "--insecure-storage", secret=key)
        file = user.folder / "config" / "keys.json"
    assert user.client().study(21).status().status == "FINISHED"
    file.write_text("")
    with pytest.raises(KeySourceError) as caught:
        user.client().study(21).status()
    assert key not in "".join(traceback.format_exception(caught.value))


def test_key_that_is_stored_later_is_found(user: User) -> None:
    key = user.environ.pop("SOSTRADES_API_KEY")
    study = user.client().study(21)
    with pytest.raises(KeyMissing):
        study.status()
    user.types("auth", "login", secret=key)
    assert study.status().status == "FINISHED"


def test_key_is_not_in_repr_or_logs(user: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sostrades")
    client = user.client(key=user.world.key)
    client.study(21).status()
    shown = f"{client!r} {client} {client.study(21)!r} {vars(client)!r} {caplog.text}"
    assert "/api/v0/calculation/status/21" in shown
    assert user.world.key not in shown
    assert f"<Client of {HOST}> " in shown
    assert f"<Study 21 of {HOST}>" in shown


def test_key_in_an_answer_is_redacted(user: User) -> None:
    client = user.client()
    fault = Fault("status", count=9, path="status/21", status=400, body=f'{{"description": "bad {user.world.key}"}}')
    user.world.faults.arm(fault)
    with pytest.raises(SostradesError) as caught:
        client.study(21).status()
    error = caught.value
    assert error.server is not None
    assert error.server.description.startswith("bad ")
    reported = "".join(traceback.format_exception(error))
    assert "bad [the key]" in reported
    shown = f"{reported} {error!r} {error.args} {error.detail} {error.server} {error.__notes__} {user.noted}"
    assert user.world.key not in shown


@pytest.mark.parametrize("written", [21, "21", " 21 ", "dice", "https://gui.example/study/21?x=1"])
def test_study_may_be_a_number_alias_or_link(user: User, written: int | str) -> None:
    """No request is sent."""
    config(user, "[profiles.default.aliases]\ndice = 21\n")
    study = user.client().study(written)
    assert (study.number, user.requests) == (21, [])
    assert study == user.client().study(21)
    assert len({study, user.client().study(21), user.client().study(22)}) == 2


@pytest.mark.parametrize("written", ["dise", "-1", "0", "", "1.5", "21 22"])
def test_unknown_study_has_the_error_of_the_command_line(user: User, written: str) -> None:
    config(user, "[profiles.default.aliases]\ndice = 21\n")
    with pytest.raises(UsageError) as caught:
        user.client().study(written)
    shown = user.types("calc", "status", "--", written).err
    assert caught.value.message.rstrip(".") in shown


def test_alias_of_another_server_is_not_a_study(user: User) -> None:
    config(user, '[profiles.default]\nhost = "https://one.example"\n[profiles.default.aliases]\ndice = 21\n')
    with pytest.raises(UsageError, match=r"https://one\.example"):
        user.client().study("dice")
    assert user.client(host="https://one.example").study("dice").number == 21
    assert len(user.client().studies()) == 0


@pytest.mark.parametrize("written", [True, 21.0, None])
def test_other_types_are_not_a_study(user: User, written: object) -> None:
    with pytest.raises(UsageError):
        user.client().study(written)  # type: ignore[arg-type]


def test_closed_client_is_an_error(user: User) -> None:
    """Its studies are closed, too."""
    with user.client() as client:
        study = client.study(21)
        study.status()
    client.close()
    with pytest.raises(UsageError):
        study.status()


def test_traceback_has_detail_server_text_and_hint_once(user: User) -> None:
    with pytest.raises(NotFound) as caught:
        user.client().study(21).get("Macro.gama\x1b[31m")
    notes = caught.value.__notes__
    assert ("Macro.gama\x1b[31m" in caught.value.message, caught.value.study) == (True, 21)
    assert "sostrades param list 21" in notes[-1]
    assert "dice.Macro.gamma" in notes[0]
    assert "\x1b" not in "".join(notes)
    with pytest.raises(NotFound) as caught:
        user.client().study(99).status()
    assert any(note.startswith("the server: ") for note in caught.value.__notes__)


@pytest.mark.parametrize("server", ["documented", "5.3"])
def test_error_class_matches_the_exit_code(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    for study in (25, 99):
        line = user.types("study", "load", str(study)).err
        with pytest.raises(SostradesError) as caught:
            user.client().study(study).parameters()
        assert f"error: {caught.value.message}\n" in line


def test_notes_go_to_a_logger(user53: User, caplog: pytest.LogCaptureFixture) -> None:
    """Each note on a server fault is a warning once, then an info. Later reads have a note of their own."""
    quiet = Client(runtime=user53.program)
    caplog.set_level(logging.INFO, "sostrades")
    for _ in range(3):
        quiet.study(21).get("Macro.gamma")
    assert {item.name for item in caplog.records} == {"sostrades"}
    assert [item.levelname for item in caplog.records] == ["WARNING", "WARNING", "INFO"]
    assert caplog.messages[0] != caplog.messages[1] == caplog.messages[2]
    assert "load" in caplog.messages[0]


def test_output_of_an_earlier_run_is_a_warning_at_each_read(user: User, caplog: pytest.LogCaptureFixture) -> None:
    study = Client(runtime=user.program).study(21)
    study.parameters()
    study.set({"Macro.gamma": 0.4})
    caplog.set_level(logging.WARNING, "sostrades")
    for _ in range(2):
        study.get("Damage.total_damage")
    study.export(user.folder / "dice", outputs=True)
    assert [item.levelname for item in caplog.records] == ["WARNING"] * 3
    assert study.describe("Damage.total_damage")["outdated"]


def test_temporary_files_are_removed_after_a_call(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client = user.client()
    client.study(21).set({"Macro.weights": [0.1, 0.4, 0.5]})
    assert list(tmp_path.glob("sostrades-*")) == []
    client.close()


def test_study_works_without_a_reference_to_its_client(user: User) -> None:
    assert user.client().study(21).status().status == "FINISHED"


def test_outcome_can_be_pickled(user: User) -> None:
    outcome = user.client().study(21).run()
    assert pickle.loads(pickle.dumps(outcome)) == outcome  # noqa: S301 - our own
    assert isinstance(user.client().study(21), Study)


def test_studies_of_a_program_are_in_the_cache(user: User) -> None:
    client = user.client()
    client.study(21).status()
    with pytest.raises(NotFound):
        client.study(99).status()
    listed = user.types("study", "list", "-F", "csv").out
    assert [line.split(",")[0] for line in listed.splitlines()][1:] == ["21"]


def test_missing_argument_names_the_class_of_the_user(user: User) -> None:
    study: Any = user.client().study(21)
    with pytest.raises(TypeError, match=r"^Study\.sweep\(\)"):
        study.sweep()
    with pytest.raises(TypeError, match=r"^Study\.trial\(\)"):
        study.trial()
