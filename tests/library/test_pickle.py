"""Clients and studies in other processes: settings travel, keys do not."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest
from conftest import HERE, HOST

from sostrades_cli import Client, Study
from sostrades_cli.errors import KeyMissing

if TYPE_CHECKING:
    from conftest import User


def in_another_process(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this process the environment of a user, as another process of the user has it."""
    for name, value in user.environ.items():
        monkeypatch.setenv(name, value)


def test_study_has_its_server_in_another_process(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = user.client()
    content = pickle.dumps([client, client.study(21)])
    in_another_process(user, monkeypatch)
    monkeypatch.setenv("SOSTRADES_HOST", "https://other.example")
    copied, study = pickle.loads(content)  # noqa: S301 - our own
    assert isinstance(copied, Client)
    assert isinstance(study, Study)
    assert (copied.host, study.number) == (HOST, 21)
    assert study == client.study(21)


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_key_is_not_in_a_pickle(user: User, *, given: bool, protocol: int) -> None:
    key = user.world.key
    client = user.client(key=key if given else None)
    study = client.study(21)
    study.status()
    content = pickle.dumps((client, study), protocol)
    assert key.encode() not in content
    assert key[:16].encode() not in content


def test_settings_travel_with_a_study(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    (user.folder / "config").mkdir()
    (user.folder / "config" / "config.toml").write_text('[profiles.test]\nhost = "http://plain.example"\n')
    client = Client(
        profile="test",
        allow_http=True,
        read_timeout_s=5,
        runtime=user.program._replace(
            environ={name: value for name, value in user.environ.items() if name != "SOSTRADES_HOST"}
        ),
    )
    in_another_process(user, monkeypatch)
    copied = pickle.loads(pickle.dumps(client))  # noqa: S301 - our own
    assert copied.host == "http://plain.example"
    settings = vars(vars(copied)["_scope"])["_app"].settings
    assert (settings.profile, settings.read_timeout_s, settings.allow_http) == ("test", 5.0, True)


def test_key_that_was_given_in_code_is_missing_in_another_process(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other key is used instead, because it could belong to another account."""
    study = user.client(key=user.world.key).study(21)
    in_another_process(user, monkeypatch)
    copied = pickle.loads(pickle.dumps(study))  # noqa: S301 - our own
    with pytest.raises(KeyMissing) as caught:
        copied.status()
    assert "SOSTRADES_API_KEY" in str(caught.value.hint)
    # A copy of the copy has no key either.
    with pytest.raises(KeyMissing):
        pickle.loads(pickle.dumps(copied)).status()  # noqa: S301 - our own


def test_copies_in_the_same_process_share_the_connection(user: User) -> None:
    user.environ.pop("SOSTRADES_API_KEY")
    user.keyring.stored[HERE] = user.world.key
    study = user.client().study(21)
    for copied in (copy.copy(study), copy.deepcopy(study)):
        assert copied == study
        assert copied.status().status == "FINISHED"
