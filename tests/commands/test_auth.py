"""`sostrades auth login`, `auth status` and `auth logout`."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import HERE, HOST, SERVERS, MemoryKeyring, StubTransport

from server_stub.faults import Fault
from sostrades_cli.errors import KeyringError, KeyringLocked
from sostrades_cli.local.keyring_store import OTHER_SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

    from sostrades_cli.local.keyring_entry import KeyringEntry

WRONG = "f" * 32
OTHER = "http://127.0.0.1:5999"


def encoded(key: str) -> str:
    """Return the base64 form of a key."""
    return base64.b64encode(key.encode()).decode()


def without_key(user: User) -> User:
    """Take the key out of the environment."""
    user.environ["SOSTRADES_API_KEY"] = ""
    return user


def written(folder: Path) -> bytes:
    """Return all that the tool has written."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@dataclass
class OldServer(httpx.BaseTransport):
    """A server before 5.3.3: of the two forms it takes base64 only."""

    user: User
    tokens: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse a raw key as the server refuses what it cannot read."""
        request.read()
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.tokens.append(token)
        if len(token) == 32:
            error = {"statusCode": 401, "name": "Unauthorized", "description": "Invalid API key format"}
            return httpx.Response(401, json=error)
        return StubTransport(self.user.world).handle_request(request)


class Untouchable(MemoryKeyring):
    """A keyring that must not be asked."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Complain."""
        raise AssertionError(entry)


class Locked(MemoryKeyring):
    """A keyring that is locked."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Say so."""
        raise KeyringLocked("the keyring is locked", hint="unlock it, or set SOSTRADES_API_KEY")

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Say so."""
        self.get(entry)

    def forget(self, entry: KeyringEntry) -> bool:
        """Say so."""
        return self.get(entry) is not None


class Forgetful(MemoryKeyring):
    """A keyring that takes what it does not keep."""

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Keep half of it."""
        super().put(entry, token[:16])


class Missing(MemoryKeyring):
    """A keyring that is not there."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Say so."""
        raise KeyringError("this computer has no keyring", hint=OTHER_SOURCES)

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Say so."""
        self.get(entry)

    def forget(self, entry: KeyringEntry) -> bool:
        """Say so."""
        return self.get(entry) is not None


def use_source(user: User, source: str) -> str:
    """Move the key from the environment into a file, and name the file or a command that prints it."""
    key = user.environ.pop("SOSTRADES_API_KEY")
    file = user.folder / "key"
    file.write_text(f"{key}\n")
    if source == "key_command":
        assert user.types("config", "set", "key_command", f"cat '{file}'").code == 0
    else:
        user.environ[source] = str(file)
    return key


def stored_keys(user: User) -> Path:
    """Return the file of `auth login --insecure-storage`."""
    return user.folder / "config" / "keys.json"


# Login ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_login_stores_an_accepted_key_for_its_host(user_of: Callable[..., User], server: str) -> None:
    """The key is read without echo, stored under the address, and used by the next command."""
    user = without_key(user_of(server))
    done = user.types("auth", "login", secret=user.world.key)
    assert done.code == 0
    assert user.keyring.stored == {HERE: user.world.key}
    assert "accepted" in done.out
    assert user.types("calc", "status", "21").code == 0


@pytest.mark.parametrize("typed", ["{}\n", "  {}  \r\n", "{}", "\ufeff{}\r\n"])
def test_login_with_key_reads_standard_input(user: User, typed: str) -> None:
    """Blanks around the key are removed."""
    without_key(user)
    done = user.types("auth", "login", "--with-key", stdin=typed.format(user.world.key).encode())
    assert (done.code, user.keyring.stored) == (0, {HERE: user.world.key})


def test_login_stores_the_address(user: User) -> None:
    """After `auth login --host` no other command needs the address."""
    without_key(user)
    user.environ["SOSTRADES_HOST"] = ""
    assert user.types("auth", "login", "--host", HOST, secret=user.world.key).code == 0
    assert user.types("calc", "status", "21").code == 0


def test_login_prompts_for_a_missing_address(user: User) -> None:
    without_key(user).environ["SOSTRADES_HOST"] = ""
    done = user.types("auth", "login", tty=True, stdin=f"{HOST}/\n".encode(), secret=user.world.key)
    assert (done.code, user.keyring.stored) == (0, {HERE: user.world.key})
    assert "Address" in done.err
    assert user.types("config", "get", "host").out == f"{HOST}\n"


@pytest.mark.parametrize("typed", [b"", b"\n", b"corp.example\n", b"http://corp.example\n"])
def test_login_rejects_an_invalid_address(user: User, typed: bytes) -> None:
    without_key(user).environ["SOSTRADES_HOST"] = ""
    done = user.types("auth", "login", stdin=typed, secret=user.world.key)
    assert (done.code, done.kind, user.requests) == (2, "invalid_setting", [])
    assert written(user.folder) == b""


def test_login_in_a_pipe_hints_at_the_same_login_with_a_file(user: User) -> None:
    without_key(user).environ["SOSTRADES_HOST"] = ""
    words = ("--host", HOST, "--insecure-storage", "--as-user", "owner@email.com")
    done = user.types("auth", "login", *words)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    hint, _, _ = str(done.error and done.error.hint).partition(" <")
    again = user.types(*hint.split()[1:], stdin=user.world.key.encode())
    assert (again.code, user.types("config", "get", "host").out) == (0, f"{HOST}\n")


def test_login_in_a_pipe_does_not_prompt_for_the_address(user: User) -> None:
    without_key(user).environ["SOSTRADES_HOST"] = ""
    done = user.types("auth", "login", "--with-key", stdin=user.world.key.encode())
    assert (done.code, done.kind, user.requests) == (2, "invalid_setting", [])
    assert "--host" in str(done.error and done.error.hint)


def test_unwritable_folder_is_reported_before_the_key_is_typed(user: User) -> None:
    (user.folder / "file").touch()
    folder = str(user.folder / "file" / "config")
    done = without_key(user).types("auth", "login", secret=user.world.key, SOSTRADES_CONFIG_DIR=folder)
    assert (done.code, user.requests, user.keyring.stored) == (2, [], {})
    assert "SOSTRADES_CONFIG_DIR" in str(done.error and done.error.hint)


@pytest.mark.parametrize("options", [(), ("--profile", "team")])
def test_login_with_insecure_storage_needs_no_keyring(user: User, options: tuple[str, ...]) -> None:
    """The file is readable by its owner only, works for all commands, and is removed by a logout."""
    without_key(user).keyring = Missing()
    user.environ["SOSTRADES_HOST"] = ""
    line = ("auth", "login", "--host", HOST, "--insecure-storage", *options)
    assert user.types(*line, secret=user.world.key).code == 0
    assert stored_keys(user).stat().st_mode & 0o777 == 0o600
    assert user.types("calc", "status", "21", *options).code == 0
    states = json.loads(user.types("auth", "status", *options, "-F", "json").out)
    assert (states[0]["source"], states[0]["key"]) == ("keys.json", "accepted")
    out = user.types("auth", "logout", *options)
    assert (out.code, "forgotten" in out.out) == (0, True)
    assert not stored_keys(user).exists()
    assert user.types("calc", "status", "21", *options).code == 4


@pytest.mark.parametrize("keyring", [Missing(), Locked()], ids=["missing", "locked"])
def test_unusable_keyring_is_reported_before_the_key_is_typed(user: User, keyring: MemoryKeyring) -> None:
    without_key(user).keyring = keyring
    user.environ["SOSTRADES_HOST"] = ""
    done = user.types("auth", "login", "--host", HOST, "--profile", "team", secret=user.world.key)
    assert (done.code, done.out, user.requests) == (4, "", [])
    assert written(user.folder) == b""
    hint = str(done.error and done.error.hint)
    assert f"auth login --host {HOST} --profile team --insecure-storage" in hint
    assert all(source in hint for source in ("SOSTRADES_API_KEY", "SOSTRADES_API_KEY_FILE", "key_command"))


def test_unusable_file_is_reported_before_the_key_is_typed(user: User) -> None:
    without_key(user)
    stored_keys(user).parent.mkdir(exist_ok=True)
    stored_keys(user).write_text("{")
    done = user.types("auth", "login", "--insecure-storage", secret=user.world.key)
    assert (done.code, done.kind, user.requests) == (4, "key_source", [])


def test_login_removes_the_key_from_the_other_store(user: User) -> None:
    without_key(user)
    user.types("auth", "login", "--insecure-storage", secret=user.world.user_key)
    assert user.keyring.stored == {}
    user.types("auth", "login", secret=user.world.key)
    assert (user.keyring.stored, stored_keys(user).exists()) == ({HERE: user.world.key}, False)
    user.types("auth", "login", "--insecure-storage", secret=user.world.user_key)
    assert (user.keyring.stored, stored_keys(user).exists()) == ({}, True)


def test_key_file_readable_by_others_is_rejected(user: User) -> None:
    without_key(user).keyring = Missing()
    user.types("auth", "login", "--insecure-storage", secret=user.world.key)
    for mode in (0o640, 0o604, 0o660):
        stored_keys(user).chmod(mode)
        done = user.types("calc", "status", "21")
        assert (done.code, done.kind) == (4, "key_source")
        assert f"chmod 600 {stored_keys(user)}" in done.err
        again = user.types("auth", "login", "--insecure-storage", secret=user.world.key)
        assert (again.code, again.kind) == (4, "key_source")
        assert json.loads(user.types("auth", "status", "-F", "json").out)[0]["source"] == "keys.json"
    assert "forgotten" in user.types("auth", "logout").out


def test_login_needs_no_permission_on_a_study(user_of: Callable[..., User]) -> None:
    """The key is checked, not access to a study."""
    user = without_key(user_of("5.3"))
    stranger = next(key for key, owner in user.world.keys.items() if owner.owner.name == "stranger")
    assert user.types("auth", "login", secret=stranger).code == 0


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("key", [WRONG, "not-a-key", encoded(WRONG)])
def test_rejected_key_is_not_stored(user_of: Callable[..., User], server: str, key: str) -> None:
    """Neither the keyring nor the configuration changes, and the exit code is 4."""
    user = without_key(user_of(server))
    done = user.types("auth", "login", secret=key)
    assert (done.code, done.out, user.keyring.stored) == (4, "", {})
    assert key not in done.err
    assert written(user.folder) == b""


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("drop", count=99), 6),
        (Fault("status", count=99, status=503), 7),
        (Fault("body", count=99, body="<html>Please log in</html>"), 7),
        (Fault("body", count=99, body="{}", content_type="application/json"), 7),
    ],
    ids=["drop", "503", "login-page", "json"],
)
def test_unchecked_key_is_not_stored(user: User, fault: Fault, code: int) -> None:
    without_key(user)
    user.world.faults.arm(fault)
    done = user.types("auth", "login", secret=user.world.key)
    assert (done.code, user.keyring.stored) == (code, {})
    assert user.world.key not in done.err


@pytest.mark.parametrize("key", ["", "   ", "two words", "ключ", "a\x1bb", "a\nb"])
def test_key_that_is_invalid_in_a_header_is_rejected(user: User, key: str) -> None:
    """An empty key, or one with blanks, control characters or letters beyond ASCII, is exit 2, and is not shown."""
    without_key(user)
    done = user.types("auth", "login", secret=key)
    assert (done.code, user.requests, user.keyring.stored) == (2, [], {})
    assert not key.strip() or key not in done.err


def test_old_server_gets_the_key_in_base64(user: User) -> None:
    """After a 401 for the plain key, base64 is tried once. The accepted form is stored."""
    without_key(user)
    user.transport = server = OldServer(user)
    assert user.types("auth", "login", secret=user.world.key).code == 0
    assert server.tokens == [user.world.key, encoded(user.world.key)]
    assert user.keyring.stored == {HERE: encoded(user.world.key)}
    server.tokens.clear()
    assert user.types("calc", "status", "21").code == 0
    assert server.tokens == [encoded(user.world.key)]


def test_locked_keyring_is_exit_4_and_names_the_variable(user: User) -> None:
    without_key(user)
    user.keyring = Locked()
    for arguments in (("auth", "login"), ("calc", "status", "21")):
        done = user.types(*arguments, secret=user.world.key)
        assert done.code == 4
        assert "SOSTRADES_API_KEY" in done.err
        assert user.world.key not in done.err
    assert user.world.key.encode() not in written(user.folder)


def test_key_that_the_keyring_lost_is_exit_4(user: User) -> None:
    """The stored key is read back after the login. Only the address stays stored."""
    without_key(user).keyring = Forgetful()
    done = user.types("auth", "login", secret=user.world.key)
    assert (done.code, done.out) == (4, "")
    assert done.kind == "keyring"
    assert "SOSTRADES_API_KEY" in done.err
    assert user.world.key[:16] not in done.err
    assert user.types("config", "get", "host", SOSTRADES_HOST="").out == f"{HOST}\n"
    assert user.world.key[:16].encode() not in written(user.folder)


def test_login_with_json_prints_an_object_without_the_key(user: User) -> None:
    """Standard error stays empty."""
    without_key(user)
    done = user.types("auth", "login", "-F", "json", secret=user.world.key)
    assert json.loads(done.out) == [{"profile": "default", "host": HOST, "key": "accepted"}]
    assert done.err == ""


def rejected(user: User, *line: str, **environ: str) -> tuple[str, str]:
    """Return the message and the hint of a rejected key."""
    error = user.types(*line, secret=WRONG, **environ).error
    assert error is not None
    assert error.kind == "key_rejected"
    return error.message, str(error.hint)


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY", "SOSTRADES_API_KEY_FILE", "key_command"])
def test_rejected_key_of_a_source_names_the_source_and_no_login(user: User, source: str) -> None:
    user.environ["SOSTRADES_API_KEY"] = WRONG
    if source != "SOSTRADES_API_KEY":
        use_source(user, source)
    for line in (("study", "load", "21"), ("auth", "status")):
        message, hint = rejected(user, *line)
        assert source in message
        assert not hint.startswith(("sostrades auth login", "run `sostrades auth login"))
    checks = {check["check"]: check for check in user.prints("doctor")}
    assert "auth login` with" not in checks["key accepted"]["advice"]


@pytest.mark.parametrize("options", [(), ("--insecure-storage",)], ids=["keyring", "file"])
def test_rejected_stored_key_names_the_store_and_its_login(user: User, options: tuple[str, ...]) -> None:
    assert without_key(user).types("auth", "login", *options, secret=user.world.key).code == 0
    user.world.keys.clear()
    message, hint = rejected(user, "study", "load", "21")
    assert ("keys.json" if options else "keyring") in message
    assert " ".join(("auth login --host", HOST, *options)) in hint


def test_rejected_typed_key_does_not_name_the_login(user: User) -> None:
    for options in ((), ("--as-user", "nobody@corp.example")):
        _, hint = rejected(without_key(user), "auth", "login", *options)
        assert "auth login" not in hint


def test_key_of_another_user_names_its_source(user: User) -> None:
    key = f"{user.environ['SOSTRADES_API_KEY']}:nobody@corp.example"
    message, hint = rejected(user, "calc", "status", "21", SOSTRADES_API_KEY=key)
    assert "SOSTRADES_API_KEY" in message
    assert "--as-user" not in hint


# Which key is used --------------------------------------------------------------------------------


def test_environment_takes_precedence_over_the_keyring(user: User) -> None:
    """The keyring is not opened."""
    user.keyring = Untouchable()
    assert user.types("calc", "status", "21").code == 0


def test_key_of_the_environment_is_tried_in_both_forms(user: User) -> None:
    """After a 401 for the plain key, base64 is tried once, and the accepted form is used from then on."""
    user.transport = server = OldServer(user)
    assert user.types("study", "load", "21").code == 0
    assert (
        user.types("param", "download", "21", "Macro.population", "Macro.gamma", "-d", str(user.folder / "d")).code == 0
    )
    assert server.tokens.count(user.world.key) == 2
    assert server.tokens.count(encoded(user.world.key)) > 3


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY_FILE", "key_command"])
def test_key_from_a_file_or_a_command_is_used(user: User, source: str) -> None:
    """The keyring is not opened, and `auth status` names the source."""
    key = use_source(user, source)
    user.keyring = Untouchable()
    assert user.types("study", "load", "21").code == 0
    [state] = json.loads(user.types("auth", "status", "-F", "json").out)
    assert (state["source"], state["key"]) == (source, "accepted")
    assert key.encode() not in written(user.folder / "cache") + written(user.folder / "config")


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY_FILE", "key_command"])
@pytest.mark.parametrize("line", [("calc", "status", "21"), ("param", "set", "21", "Macro.gamma=1")])
def test_failing_key_file_or_key_command_is_exit_4(user: User, source: str, line: tuple[str, ...]) -> None:
    """The error names the source, and no weaker source is used."""
    key = use_source(user, source)
    user.keyring.stored[HERE] = key
    (user.folder / "key").unlink()
    done = user.types(*line, "-F", "json")
    assert (done.code, done.kind, user.requests) == (4, "key_source", [])
    assert source in done.err
    [state] = json.loads(user.types("auth", "status", "-F", "json").out)
    assert (state["source"], state["key"]) == (source, "unusable")


def test_key_command_belongs_to_its_profile(user: User) -> None:
    """A variable is used for the active profile, whichever it is."""
    key = use_source(user, "key_command")
    user.types("config", "set", "host", HOST, "--profile", "team")
    user.types("config", "set", "key_command", "false", "--profile", "team")
    states = json.loads(user.types("auth", "status", "-F", "json", SOSTRADES_API_KEY=key).out)
    assert {(s["profile"], s["source"], s["key"]) for s in states} == {
        ("default", "SOSTRADES_API_KEY", "accepted"),
        ("team", "key_command", "unusable"),
    }


def test_key_of_a_command_is_not_sent_to_another_server(user: User) -> None:
    use_source(user, "key_command")
    user.types("config", "set", "host", OTHER)
    done = user.types("calc", "status", "21", SOSTRADES_HOST=HOST)
    assert (done.code, done.kind, user.requests) == (4, "key_missing", [])
    assert OTHER in done.err


@pytest.mark.parametrize("form", [encoded, "{}:owner@email.com"])
def test_key_in_base64_is_accepted(user: User, form: Callable[[str], str] | str) -> None:
    """Also with an e-mail."""
    key = user.world.key
    token = encoded(form.format(key)) if isinstance(form, str) else form(key)
    assert user.types("calc", "status", "21", SOSTRADES_API_KEY=token).code == 0


def test_write_after_a_rejected_key_form_is_made_once(user: User) -> None:
    user.transport = OldServer(user)
    assert user.types("param", "set", "21", "Macro.gamma=0.9").code == 0
    assert user.requests.count("POST /api/v0/study-case/21/parameters") == 1


def test_upload_after_a_rejected_key_form_is_complete(user: User) -> None:
    user.transport = OldServer(user)
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,8000.0\n")
    assert user.types("param", "set", "21", f"Macro.population=@{file}").code == 0
    assert user.world.studies[21].values["Macro.population"].rows == ((2020, 8000.0),)


@pytest.mark.parametrize("server", SERVERS)
def test_wrong_key_is_exit_4_for_every_command(user_of: Callable[..., User], server: str) -> None:
    """The key is not shown, even with -v."""
    user = user_of(server)
    for arguments in (("study", "load", "21"), ("param", "set", "21", "a.b=1"), ("postproc", "load", "21")):
        done = user.types(*arguments, "-v", "--debug", SOSTRADES_API_KEY=WRONG)
        assert (done.code, done.out) == (4, "")
        assert WRONG not in done.err
        assert encoded(WRONG) not in done.err
    assert not any(form.encode() in written(user.folder) for form in (WRONG, encoded(WRONG)))


def test_missing_key_is_exit_4_and_names_the_variable(user: User) -> None:
    """Nothing is sent. The error names both ways to give a key."""
    done = without_key(user).types("study", "load", "21", "-F", "json")
    error = json.loads(done.err)
    assert (done.code, user.requests, error["kind"]) == (4, [], "key_missing")
    assert "SOSTRADES_API_KEY" in error["hint"]
    assert "auth login" in error["hint"]


def test_stored_key_is_sent_to_its_own_host_only(user: User) -> None:
    """Another port or path is another address."""
    without_key(user)
    user.keyring.stored[HERE] = user.world.key
    for host in (OTHER, f"{HOST}/sostrades", "http://localhost:5004", "https://127.0.0.1:5004"):
        assert user.types("calc", "status", "21", "--host", host).code == 4
    assert user.requests == []
    assert user.types("calc", "status", "21", "--host", f"{HOST}/").code == 0


@pytest.mark.parametrize(
    "host", ["http://corp.example", "ftp://corp.example", "corp.example", "https://u:p@corp.example"]
)
def test_key_is_not_sent_over_plain_http(user: User, host: str) -> None:
    """Plain http to another computer, or an invalid address, is exit 2 without a request."""
    done = user.types("calc", "status", "21", "--host", host)
    assert (done.code, user.requests) == (2, [])
    assert "u:p" not in done.err


def test_cookies_are_not_sent_back(user: User) -> None:
    """The server's cookie has a name and an e-mail. No request and no file contains it."""
    user.transport = recorded = _RecordedRequests(user)
    assert user.types("calc", "run", "21").code == 0
    assert recorded.cookies_set > 3
    assert not any("Cookie" in request.headers for request in user.world.requests)
    assert b"session" not in written(user.folder)


def test_verbose_output_and_files_do_not_contain_the_key(user: User) -> None:
    done = user.types("study", "load", "21", "-v")
    assert "GET /api/v0/study-case/21/30 -> 200" in done.err
    assert user.world.key not in done.err + done.out
    assert user.world.key.encode() not in written(user.folder)


# Status and logout ----------------------------------------------------------------------------------


def test_status_of_an_accepted_key_names_its_source(user: User) -> None:
    """The key itself is not shown."""
    done = user.types("auth", "status", "-F", "json")
    [state] = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert (state["host"], state["source"], state["key"]) == (HOST, "SOSTRADES_API_KEY", "accepted")
    assert user.world.key not in done.out


def test_status_names_the_keyring_as_source(user: User) -> None:
    without_key(user).keyring.stored[HERE] = user.world.key
    [state] = json.loads(user.types("auth", "status", "-F", "json").out)
    assert (state["source"], state["key"]) == ("keyring", "accepted")


def test_status_distinguishes_rejected_missing_unchecked_and_locked_keys(user: User) -> None:
    """By a word and by the exit code."""
    rejected = user.types("auth", "status", "-F", "json", SOSTRADES_API_KEY=WRONG)
    user.world.faults.arm(Fault("drop", count=99))
    unverified = user.types("auth", "status", "-F", "json")
    user.world.faults.clear()
    absent = without_key(user).types("auth", "status", "-F", "json")
    user.keyring = Locked()
    locked = user.types("auth", "status", "-F", "json")
    states = [(json.loads(done.out)[0]["key"], done.code) for done in (rejected, absent, unverified, locked)]
    assert states == [("rejected", 4), ("absent", 4), ("unverified", 6), ("keyring locked", 4)]


def test_logout_removes_the_key_of_its_host_only(user: User) -> None:
    """It reports if there was no key."""
    without_key(user).keyring.stored.update({HERE: user.world.key, ("default", OTHER): "x"})
    assert "forgotten" in user.types("auth", "logout").out
    assert user.keyring.stored == {("default", OTHER): "x"}
    again = user.types("auth", "logout")
    assert (again.code, "there was none" in again.out) == (0, True)
    assert user.types("calc", "status", "21").code == 4


def test_logout_of_an_unknown_profile_is_exit_2(user: User) -> None:
    """With --host, the key of a removed profile can be removed."""
    without_key(user).keyring.stored["old", HOST] = user.world.key
    assert user.types("auth", "logout", "--profile", "old").code == 2
    assert user.keyring.stored
    assert "forgotten" in user.types("auth", "logout", "--profile", "old", "--host", HOST).out
    assert user.keyring.stored == {}


def test_logout_removes_no_key_of_another_server(user: User) -> None:
    """A logout of a profile is exit 2 while SOSTRADES_HOST names another server."""
    without_key(user)
    for profile, host in (("dead", OTHER), ("default", HOST)):
        user.types("config", "set", "host", host, "--profile", profile)
        user.keyring.stored[profile, host] = user.world.key
    kept = {**user.keyring.stored, ("dead", HOST): "another"}
    user.keyring.stored.update(kept)
    done = user.types("auth", "logout", "--profile", "dead")
    assert (done.code, user.keyring.stored) == (2, kept)
    assert "profile dead and SOSTRADES_HOST are two different servers" in done.err
    assert user.types("auth", "logout", "--profile", "dead", SOSTRADES_HOST="").code == 0
    assert user.keyring.stored == {item: key for item, key in kept.items() if item != ("dead", OTHER)}


def test_logout_works_without_a_keyring(user: User) -> None:
    without_key(user).keyring = Missing()
    done = user.types("auth", "logout", "-F", "json", "-v")
    assert (done.code, json.loads(done.out)[0]["key"]) == (0, "there was none")
    assert "no keyring" in done.err


def test_logout_with_a_locked_keyring_fails_and_removes_the_key_of_the_file(user: User) -> None:
    without_key(user).types("auth", "login", "--insecure-storage", secret=user.world.key)
    user.keyring = Locked()
    done = user.types("auth", "logout")
    assert (done.code, done.kind, stored_keys(user).exists()) == (4, "keyring_locked", False)


def test_logout_warns_about_a_key_in_the_environment(user: User) -> None:
    assert "SOSTRADES_API_KEY" in user.types("auth", "logout").err
    without_key(user)
    assert "SOSTRADES_API_KEY_FILE" in user.types("auth", "logout", SOSTRADES_API_KEY_FILE="/run/secrets/key").err
    user.types("config", "set", "key_command", "pass show sostrades")
    assert "key_command" in user.types("auth", "logout").err


class _RecordedRequests(httpx.BaseTransport):
    """The stub, counting the cookies that it sets."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self.cookies_set = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer and count."""
        answer = self._inner.handle_request(request)
        self.cookies_set += "set-cookie" in answer.headers
        return answer


@pytest.mark.parametrize("server", SERVERS)
def test_login_with_as_user_uses_the_key_of_a_group(user_of: Callable[..., User], server: str) -> None:
    """Key and e-mail are sent and stored as base64."""
    user = user_of(server)
    member = next(key for key in user.world.keys.values() if key.group is not None).members[0]
    key = user.environ["SOSTRADES_API_KEY"]
    done = without_key(user).types("auth", "login", "--as-user", member, secret=key)
    assert (done.code, user.keyring.stored) == (0, {HERE: encoded(f"{key}:{member}")})
    assert user.types("calc", "status", "21").code == 0
    assert key not in done.out + done.err


def test_environment_accepts_the_key_of_a_group_with_an_e_mail(user: User) -> None:
    """It is SOSTRADES_API_KEY=KEY:E-MAIL."""
    member = next(key for key in user.world.keys.values() if key.group is not None).members[0]
    key = user.environ["SOSTRADES_API_KEY"]
    assert user.types("calc", "status", "21", SOSTRADES_API_KEY=f"{key}:{member}").code == 0
    wrong = user.types("calc", "status", "21", SOSTRADES_API_KEY=f"{key}:nobody@corp.example")
    assert wrong.code == 4
    assert wrong.kind == "key_rejected"


@pytest.mark.parametrize(("email", "asked"), [("nobody@corp.example", 1), ("ann", 0), ("a:b@c", 0), ("@", 0)])
def test_key_with_an_unknown_user_is_not_stored(user: User, email: str, asked: int) -> None:
    """An invalid e-mail is not even sent."""
    key = user.environ["SOSTRADES_API_KEY"]
    done = without_key(user).types("auth", "login", "--as-user", email, secret=key)
    assert (done.code, user.keyring.stored) == (4 if asked else 2, {})
    assert len(user.requests) == asked


def test_profile_has_its_own_server_and_key(user: User) -> None:
    """--profile and SOSTRADES_PROFILE select it. An unknown profile is exit 2."""
    key, second = user.environ["SOSTRADES_API_KEY"], user.world.user_key
    without_key(user).environ["SOSTRADES_HOST"] = ""
    user.types("auth", "login", "--host", HOST, secret=key)
    user.types("auth", "login", "--host", OTHER, "--profile", "test", secret=second)
    assert user.keyring.stored == {HERE: key, ("test", OTHER): second}
    assert user.types("config", "get", "host", "--profile", "test").out == f"{OTHER}\n"
    assert user.types("config", "get", "host", SOSTRADES_PROFILE="test").out == f"{OTHER}\n"
    assert user.types("config", "get", "host").out == f"{HOST}\n"
    assert user.types("calc", "status", "21", "--profile", "tset").code == 2
    states = json.loads(user.types("auth", "status", "-F", "json").out)
    assert {(s["profile"], s["key"], s["in_use"]) for s in states} == {
        ("default", "accepted", True),
        ("test", "accepted", False),
    }


def test_two_profiles_of_the_same_server_have_separate_keys(user: User) -> None:
    """Login and logout of one do not affect the other."""
    team, me = user.environ["SOSTRADES_API_KEY"], user.world.user_key
    without_key(user).environ["SOSTRADES_HOST"] = ""
    for profile, key in (("team", team), ("me", me)):
        assert user.types("auth", "login", "--host", HOST, "--profile", profile, secret=key).code == 0
    assert user.keyring.stored == {("team", HOST): team, ("me", HOST): me}
    for profile, key in (("team", team), ("me", me)):
        user.world.requests.clear()
        assert user.types("calc", "status", "21", "--profile", profile).code == 0
        assert {request.headers["Authorization"] for request in user.world.requests} == {f"Bearer {key}"}
    assert "forgotten" in user.types("auth", "logout", "--profile", "me").out
    assert user.keyring.stored == {("team", HOST): team}
    states = json.loads(user.types("auth", "status", "--profile", "team", "-F", "json").out)
    assert {(s["profile"], s["key"]) for s in states} == {("team", "accepted"), ("me", "absent")}
    assert user.types("calc", "status", "21", "--profile", "team").code == 0


def test_key_of_another_profile_is_not_used(user: User) -> None:
    """A profile without a key is exit 4, even if another profile has a key for the same server."""
    without_key(user).keyring.stored["team", HOST] = user.world.key
    user.environ["SOSTRADES_HOST"] = ""
    user.types("config", "set", "host", HOST, "--profile", "me")
    done = user.types("calc", "status", "21", "--profile", "me")
    assert (done.code, user.requests) == (4, [])
    assert f"there is no API key for {HOST} in profile me" in done.err
    assert f"sostrades auth login --host {HOST} --profile me" in done.err
    checks = json.loads(user.types("doctor", "--profile", "me", "-F", "json").out)
    assert {check["check"]: check["state"] for check in checks}["keyring"] == "ok"
    assert {check["check"]: check["state"] for check in checks}["key"] == "failed"


@dataclass
class Echo(httpx.BaseTransport):
    """A server that repeats the key in its error."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse, and say which key was refused."""
        error = {"statusCode": 403, "name": "Forbidden", "description": f"no: {request.headers['authorization']}"}
        return httpx.Response(403, json=error)


@pytest.mark.parametrize("options", [(), ("-v", "--debug"), ("-F", "json")])
def test_key_that_the_server_repeats_is_redacted(user: User, options: tuple[str, ...]) -> None:
    """In each of its forms."""
    user.transport = Echo()
    done = user.types("calc", "status", "21", *options)
    key = user.environ["SOSTRADES_API_KEY"]
    assert done.code == 4
    assert "no: Bearer [the key]" in done.err
    assert key not in done.out + done.err
    assert encoded(key) not in done.out + done.err
