"""The key: from the environment or from a keyring that answers in time."""

from __future__ import annotations

import base64
import json
import threading
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring import errors as keyring_errors
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from sostrades_cli.errors import KeyMissing, KeyringError, UsageError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.credential import Credential, checked
from sostrades_cli.local.key_files import StoredKeys
from sostrades_cli.local.key_sources import KeySources
from sostrades_cli.local.keyring_entry import KeyringEntry
from sostrades_cli.local.keyring_store import SystemKeyring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import User

KEY = "0123456789abcdef0123456789abcdef"
HOST = "https://corp.example"
ENTRY = KeyringEntry("default", HOST)
NAME = "default@https://corp.example"


class Ring(KeyringBackend):
    """A keyring in memory that can be made to fail; the world's own, put in place by keyring's own means."""

    priority = 1

    def __init__(self, failure: Exception | None = None, hangs: threading.Event | None = None) -> None:
        super().__init__()
        self.stored: dict[tuple[str, str], str] = {}
        self.failure = failure
        self.hangs = hangs

    def _answer(self) -> None:
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.failure is not None:
            raise self.failure

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password."""
        self._answer()
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""
        self._answer()
        self.stored[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove a password."""
        self._answer()
        del self.stored[service, username]


@pytest.fixture
def use() -> Iterator[Callable[[KeyringBackend], KeyringBackend]]:
    """Give the machine a keyring for the length of a test."""
    before = keyring.get_keyring()

    def put(ring: KeyringBackend) -> KeyringBackend:
        keyring.set_keyring(ring)
        return ring

    yield put
    keyring.set_keyring(before)


def find(folder: Path, api_key: str | None) -> Credential:
    """Return the key from the variable or the keyring of the machine."""
    file = StoredKeys(Folders({"SOSTRADES_CONFIG_DIR": str(folder)}))
    return KeySources(ENTRY, SystemKeyring(), file, {}, api_key).find()


def failure(ask: Callable[[], Any]) -> KeyringError:
    """Return the error of a keyring; it is exit 4 and names the variable that helps."""
    with pytest.raises(KeyringError) as caught:
        ask()
    assert exit_code_of(caught.value) is ExitCode.ACCESS
    assert "SOSTRADES_API_KEY" in str(caught.value.hint)
    assert KEY not in f"{caught.value.message}{caught.value.detail}{caught.value.hint}"
    return caught.value


def test_key_is_stored_read_and_removed(use: Callable[[KeyringBackend], Ring]) -> None:
    """The entry has the profile and the address. Removing returns whether there was a key."""
    ring = use(Ring())
    store = SystemKeyring()
    assert store.get(ENTRY) is None
    assert store.forget(ENTRY) is False
    store.put(ENTRY, KEY)
    assert ring.stored == {("sostrades", NAME): KEY}
    assert store.get(ENTRY) == KEY
    assert store.get(KeyringEntry("default", "https://other.example")) is None
    assert store.get(KeyringEntry("team", HOST)) is None
    assert store.forget(ENTRY) is True
    assert ring.stored == {}


def test_entries_of_different_profiles_and_servers_have_different_names() -> None:
    """Whatever the name of a profile is."""
    profiles = ["a", "a@", "a@https://one.example", "a%40", "ä b", "a/b"]
    hosts = ["https://one.example", "https://one.example/x@https://one.example", "https://two.example"]
    names = {KeyringEntry(profile, host).name for profile in profiles for host in hosts}
    assert len(names) == len(profiles) * len(hosts)
    assert KeyringEntry("team", HOST).name == f"team@{HOST}"


def test_hanging_keyring_is_an_error_after_a_time_limit(use: Callable[[KeyringBackend], Ring]) -> None:
    """3 seconds by default: it may wait until somebody unlocks it."""
    release = threading.Event()
    use(Ring(hangs=release))
    try:
        failure(lambda: SystemKeyring(limit_s=0.05).get(ENTRY))
    finally:
        release.set()
    assert SystemKeyring().limit_s == 3


@pytest.mark.parametrize("none", [fail.Keyring, null.Keyring])
def test_missing_keyring_is_an_error(
    use: Callable[[KeyringBackend], KeyringBackend], none: type[KeyringBackend]
) -> None:
    """Without a keyring, or with the one that keeps nothing, the error says so, for reading, storing and forgetting."""
    use(none())
    store = SystemKeyring()
    for ask in (lambda: store.get(ENTRY), lambda: store.put(ENTRY, KEY), lambda: store.forget(ENTRY)):
        error = failure(ask)
        assert (error.kind, "SOSTRADES_API_KEY" in str(error.hint)) == ("keyring", True)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (keyring_errors.KeyringLocked("locked"), "keyring_locked"),
        (keyring_errors.InitError("no bus"), "keyring"),
        (keyring_errors.NoKeyringError("none"), "keyring"),
        (keyring_errors.KeyringError(f"cannot do it with {KEY}"), "keyring"),
        (keyring_errors.PasswordSetError(KEY), "keyring"),
        (OSError(f"dbus is gone with {KEY}"), "keyring"),
        (RuntimeError(KEY), "keyring"),
    ],
)
def test_whatever_a_keyring_raises_becomes_our_error(
    use: Callable[[KeyringBackend], Ring], raised: Exception, kind: str
) -> None:
    """A keyring that is locked or broken is exit 4, and its own words, which may hold the key, are not repeated."""
    use(Ring(raised))
    store = SystemKeyring()
    for ask in (lambda: store.get(ENTRY), lambda: store.put(ENTRY, KEY)):
        assert failure(ask).kind == kind


def test_key_in_the_environment_is_used_without_opening_the_keyring(
    use: Callable[[KeyringBackend], Ring],
    tmp_path: Path,
) -> None:
    """With SOSTRADES_API_KEY a broken keyring is no trouble."""
    use(Ring(RuntimeError("asked")))
    assert find(tmp_path, KEY) == Credential(KEY, "SOSTRADES_API_KEY")


def test_key_in_the_keyring_is_used(use: Callable[[KeyringBackend], Ring], tmp_path: Path) -> None:
    """Without the variable the key of that server counts."""
    use(Ring()).stored["sostrades", NAME] = f"{KEY}\n"
    assert find(tmp_path, None) == Credential(KEY, "keyring")


def test_missing_key_is_exit_4_and_names_login_and_variable(
    use: Callable[[KeyringBackend], Ring], tmp_path: Path
) -> None:
    use(Ring())
    with pytest.raises(KeyMissing, match=HOST) as caught:
        find(tmp_path, None)
    assert exit_code_of(caught.value) is ExitCode.ACCESS
    assert f"sostrades auth login --host {HOST}" in str(caught.value.hint)
    assert "SOSTRADES_API_KEY" in str(caught.value.hint)


def test_error_names_a_variable_that_is_set_but_empty(
    use: Callable[[KeyringBackend], KeyringBackend], tmp_path: Path
) -> None:
    """Where it is empty, and no keyring has a key or can be asked, that it is empty is said."""
    use(Ring())
    with pytest.raises(KeyMissing, match="SOSTRADES_API_KEY") as missing:
        find(tmp_path, "")
    assert "branch" in str(missing.value.hint)
    use(fail.Keyring())
    none = failure(lambda: find(tmp_path, ""))
    assert (none.kind, "SOSTRADES_API_KEY" in none.message) == ("keyring", True)
    assert "branch" in str(none.hint)


def test_empty_variable_does_not_override_the_keyring(use: Callable[[KeyringBackend], Ring], tmp_path: Path) -> None:
    """A key that the keyring has counts."""
    use(Ring()).stored["sostrades", NAME] = KEY
    assert find(tmp_path, "") == Credential(KEY, "keyring")


@pytest.mark.parametrize("text", [f'"{KEY}"', f"'{KEY}'", f'"{KEY}', f"{KEY}'", f' "{KEY}:ann@corp.example" '])
def test_key_in_quotes_is_exit_2(text: str) -> None:
    """Files of variables may keep the quotes. The key is not shown."""
    with pytest.raises(UsageError, match="quotes") as caught:
        checked(text)
    assert KEY not in f"{caught.value.message}{caught.value.detail}{caught.value.hint}"
    assert checked(f"{KEY}:o'neill@corp.example") == f"{KEY}:o'neill@corp.example"


def test_command_with_an_empty_or_quoted_key_fails(user: User, use: Callable[[KeyringBackend], KeyringBackend]) -> None:
    """Whichever command is typed says what is wrong with the variable, and asks the server nothing."""
    use(fail.Keyring())
    user.keyring = SystemKeyring()  # type: ignore[assignment] # the true one in place of the one in memory
    for line in (("calc", "status", "21"), ("study", "load", "21"), ("doctor",), ("auth", "status")):
        empty = user.types(*line, SOSTRADES_API_KEY=" ")
        assert (empty.code, "SOSTRADES_API_KEY is empty" in empty.out + empty.err) == (4, True), empty
        assert "instead" not in empty.out + empty.err
        quoted = user.types(*line, SOSTRADES_API_KEY=f'"{user.world.key}"')
        assert (quoted.code, "quotes" in quoted.out + quoted.err) == (4, True), quoted
        assert user.world.key not in quoted.out + quoted.err
    assert [item for item in user.requests if "ping" not in item] == []


@pytest.mark.parametrize("text", [KEY, f"  {KEY}\n", base64.b64encode(KEY.encode()).decode()])
def test_blanks_around_a_key_are_removed(text: str) -> None:
    """A pasted key may have blanks and a line end."""
    assert checked(text) == text.strip()


@pytest.mark.parametrize("text", ["", " ", "\n", f"{KEY} x", f"{KEY}\n{KEY}", f"{KEY}\x00", f"{KEY}é", f"{KEY}\x1b"])
def test_invalid_key_is_exit_2_and_not_shown(text: str) -> None:
    """For example characters that no header can contain."""
    with pytest.raises(UsageError) as caught:
        checked(text)
    assert KEY not in f"{caught.value.message}{caught.value.detail}{caught.value.hint}"


def test_repr_of_a_credential_has_its_source_but_not_the_key() -> None:
    shown = repr(Credential(KEY, "keyring"))
    assert "keyring" in shown
    assert KEY not in shown
    assert KEY not in f"{Credential(KEY, 'keyring')}"


def test_key_is_tried_as_it_is_then_in_base64() -> None:
    """Older servers accept base64 only."""
    assert Credential(KEY, "keyring").forms() == (KEY, base64.b64encode(KEY.encode()).decode())


def test_login_detects_a_keyring_that_stores_nothing(
    user: User, use: Callable[[KeyringBackend], KeyringBackend]
) -> None:
    """With keyring's null backend a login is exit 4, and doctor fails, or warns where the environment has the key."""
    use(null.Keyring())
    user.keyring = SystemKeyring()  # type: ignore[assignment] # the real one in place of the fake
    key = user.environ["SOSTRADES_API_KEY"]
    for line in (("auth", "login"), ("doctor",), ("calc", "status", "21")):
        done = user.types(*line, "-F", "json", secret=key, SOSTRADES_API_KEY="")
        assert (done.code, "(null)" in done.out + done.err) == (4, True)
        assert "SOSTRADES_API_KEY" in done.out + done.err
        assert "accepted" not in done.out
    done = user.types("doctor", "-F", "json")
    [check] = [check for check in json.loads(done.out) if check["check"] == "keyring"]
    assert (done.code, check["state"]) == (0, "warning")
    assert "(null)" in check["found"]


def test_command_with_a_locked_keyring_is_exit_4(user: User, use: Callable[[KeyringBackend], Ring]) -> None:
    """Nothing is sent. The error has a hint."""
    use(Ring(keyring_errors.KeyringLocked("locked")))
    user.keyring = SystemKeyring()  # type: ignore[assignment] # the real one in place of the fake
    done = user.types("study", "url", "21", SOSTRADES_API_KEY="")
    assert (done.code, done.out) == (4, "")
    assert done.kind == "keyring_locked"
    assert "SOSTRADES_API_KEY" in done.err
    assert user.requests == []
