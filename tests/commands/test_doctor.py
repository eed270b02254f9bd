"""Test `sostrades doctor`: the checks of the connection, and their advice."""

from __future__ import annotations

import base64
import json
import sys
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import HERE, QUICK_SERVERS, MemoryKeyring, StubTransport, mostly_slow

from server_stub.faults import Fault
from sostrades_cli.api.http.network_probe import Certificate
from sostrades_cli.errors import KeyringError, SostradesError, Unreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

    from sostrades_cli.local.keyring_entry import KeyringEntry

DAY_S = 86400.0


@dataclass
class FakeNetwork:
    """A network with fixed addresses and certificates."""

    expires_in_days: float = 300.0
    nameless: bool = False
    untrusted: bool = False
    now_s: float = 0.0
    looked_up: list[tuple[str, int]] = field(default_factory=list)

    def addresses(self, host: str, port: int) -> list[str]:
        """Return an address."""
        self.looked_up.append((host, port))
        if self.nameless:
            raise Unreachable(f"the name {host} has no address", hint="is it spelt right?")
        return ["192.0.2.7"]

    def certificate(self, host: str, port: int, context: ssl.SSLContext) -> Certificate:
        """Return a certificate."""
        if self.untrusted:
            raise Unreachable(f"the certificate of {host} is not trusted: expired", hint="SOSTRADES_CA_BUNDLE=FILE.pem")
        return Certificate(f"Corp, {host}", "Corp CA", self.now_s + self.expires_in_days * DAY_S)


@pytest.fixture
def network(user: User) -> FakeNetwork:
    """Return the fake network of the user."""
    user.network = FakeNetwork(now_s=user.world.clock.now())
    return user.network  # type: ignore[return-value] # set above


def examined(user: User, *arguments: str, **environ: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code and the checks by name."""
    done = user.types("doctor", *arguments, "-F", "json", **environ)
    return done.code, {check["check"]: check for check in json.loads(done.out)}


def states(checks: dict[str, dict[str, Any]], state: str) -> set[str]:
    """Return the names of the checks in a state."""
    return {name for name, check in checks.items() if check["state"] == state}


def test_documented_server_has_no_warnings(user: User) -> None:
    code, checks = examined(user)
    assert (code, states(checks, "warning"), states(checks, "failed")) == (0, set(), set())
    assert checks["behaviour"]["found"] == "as documented"
    assert {"loading", "uploading", "study link"} <= states(checks, "ok")
    assert checks["copying"]["state"] == "not checked"
    assert "default" in checks["copying"]["found"]
    assert "sostrades study copy" in checks["copying"]["advice"]


def test_known_bugs_of_5_3_are_warnings(user53: User) -> None:
    code, checks = examined(user53)
    assert (code, states(checks, "warning")) == (0, {"loading", "uploading", "copying"})
    assert "5.0.2 to 5.3.4" in checks["behaviour"]["found"]
    assert all(check["advice"] for check in checks.values() if check["state"] == "warning")


def test_broken_link_route_is_a_warning_with_a_user_key(user53: User) -> None:
    _, checks = examined(user53, SOSTRADES_API_KEY=user53.world.user_key)
    assert checks["study link"]["state"] == "warning"


def test_server_5_0_is_recognized_by_its_uploads(user_of: Callable[..., User]) -> None:
    code, checks = examined(user_of("5.0"))
    assert (code, states(checks, "warning")) == (0, {"uploading", "copying"})
    assert "4.2.0 to 5.0.1" in checks["behaviour"]["found"]


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_nothing_on_the_server_is_changed(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    paths = [f"/api/v0/calculation/status/{study}" for study in sorted(user.world.studies)]
    before = [user.types("api", "GET", path).out for path in paths]
    listed = user.types("param", "list", "21", "-F", "json").out
    assert examined(user, "21")[0] == 0
    assert [user.types("api", "GET", path).out for path in paths] == before
    assert user.types("param", "list", "21", "-F", "json").out == listed
    assert not [line for line in user.requests if line.endswith("/copy") or "/execute/" in line]


def test_given_study_is_checked(user: User) -> None:
    """Permission errors are exit 4 and missing studies exit 5. The other checks still run."""
    assert "study 24" in examined(user, "24")[1]["study"]["found"]
    code, checks = examined(user, "99999")
    assert (code, checks["study"]["state"]) == (5, "failed")
    assert checks["key accepted"]["state"] == "ok"
    assert examined(user, "25")[0] == 4


def test_last_used_study_is_checked(user: User) -> None:
    user.types("study", "load", "24")
    assert "study 24" in examined(user)[1]["study"]["found"]


def test_active_run_is_not_disturbed(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    _, checks = examined(user, "21")
    assert checks["uploading"]["state"] == "not checked"
    assert user.types("calc", "watch", "21").code == 0


def test_wrong_key_is_exit_4(user: User) -> None:
    code, checks = examined(user, SOSTRADES_API_KEY="f" * 32)
    assert (code, states(checks, "failed")) == (4, {"key accepted"})
    assert "loading" not in checks
    assert "f" * 32 not in json.dumps(checks)


def test_missing_key_is_exit_4_after_the_network_checks(user: User) -> None:
    code, checks = examined(user, SOSTRADES_API_KEY="")
    assert (code, checks["key"]["state"], checks["api"]["state"]) == (4, "failed", "ok")
    assert "auth login" in checks["key"]["advice"]


@pytest.mark.parametrize(("encode", "form"), [(False, "unchanged"), (True, "base64")])
def test_encoding_of_the_key_is_reported(user: User, encode: bool, form: str) -> None:
    key = user.environ["SOSTRADES_API_KEY"]
    user.keyring.stored[HERE] = base64.b64encode(key.encode()).decode() if encode else key
    _, checks = examined(user, SOSTRADES_API_KEY="")
    assert form in checks["key accepted"]["found"]
    assert checks["key"]["found"] == "from keyring"


class NoKeyring(MemoryKeyring):
    """A keyring that is not available."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Raise the error."""
        raise KeyringError("there is no keyring on this machine", hint="set SOSTRADES_API_KEY")


def test_missing_keyring_is_a_warning_if_the_environment_has_the_key(user: User) -> None:
    user.keyring = NoKeyring()
    code, checks = examined(user)
    assert (code, states(checks, "warning")) == (0, {"keyring"})
    code, checks = examined(user, SOSTRADES_API_KEY="")
    assert (code, states(checks, "failed")) == (4, {"keyring"})


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY_FILE", "key_command", "keys.json"])
def test_source_of_the_key_is_shown(user: User, source: str, tmp_path: Path) -> None:
    """A keyring is not needed with a key from elsewhere. A source that fails is exit 4."""
    key = user.environ.pop("SOSTRADES_API_KEY")
    file = tmp_path / "key"
    file.write_text(key)
    if source == "SOSTRADES_API_KEY_FILE":
        user.environ[source] = str(file)
    elif source == "key_command":
        user.types("config", "set", "key_command", f"cat {file}")
    else:
        user.types("auth", "login", "--insecure-storage", secret=key)
        file = tmp_path / "config" / "keys.json"
    user.keyring = NoKeyring()
    code, checks = examined(user)
    assert (code, checks["key"]["found"], states(checks, "warning")) == (0, f"from {source}", {"keyring"})
    file.write_text("")
    code, checks = examined(user)
    assert (code, states(checks, "failed"), states(checks, "warning")) == (4, {"key"}, {"keyring"})
    assert source in checks["key"]["found"]


def test_invalid_settings_are_exit_2(user: User, tmp_path: Path) -> None:
    code, checks = examined(user, SOSTRADES_HOST="")
    assert (code, checks["settings"]["state"]) == (2, "failed")
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "config.toml").write_text("[profiles\n")
    code, checks = examined(user)
    assert (code, checks["settings"]["state"]) == (2, "failed")
    assert "line 1" in checks["settings"]["found"]
    assert set(checks) == {"settings", "chart library", "config", "cache", "state"}


def test_unknown_host_name_is_exit_6(user: User, network: FakeNetwork) -> None:
    network.nameless = True
    code, checks = examined(user, SOSTRADES_HOST="https://corp.example/sostrades")
    assert (code, states(checks, "failed")) == (6, {"host name"})
    assert "keyring" in checks
    assert "api" not in checks
    assert network.looked_up == [("corp.example", 443)]


def test_certificate_is_shown_with_expiry_and_issuer(user: User, network: FakeNetwork) -> None:
    """Early expiry is a warning, and an untrusted issuer is exit 6."""
    over_tls = {"SOSTRADES_HOST": "https://corp.example"}
    _, checks = examined(user, **over_tls)
    assert "signed by Corp CA, trusted by this system, valid until " in checks["certificate"]["found"]
    network.expires_in_days = 5.5
    code, checks = examined(user, **over_tls)
    assert (code, checks["certificate"]["state"]) == (0, "warning")
    assert "5 days" in checks["certificate"]["advice"]
    network.untrusted = True
    code, checks = examined(user, **over_tls)
    assert (code, states(checks, "failed")) == (6, {"certificate"})


def test_missing_tls_files_are_exit_2(user: User, network: FakeNetwork) -> None:
    for variable in ("SOSTRADES_CA_BUNDLE", "SOSTRADES_CLIENT_CERT"):
        code, checks = examined(user, SOSTRADES_HOST="https://corp.example", **{variable: "/nowhere.pem"})
        assert (code, states(checks, "failed")) == (2, {"certificate"})
        assert "/nowhere.pem" in checks["certificate"]["found"]
        assert "keyring" in checks


def test_proxy_is_shown_without_its_password(user: User, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret@proxy.example:3128")
    _, checks = examined(user, SOSTRADES_HOST="https://corp.example")
    assert checks["proxy"]["found"] == "http://proxy.example:3128 (from the environment)"
    assert checks["host name"]["state"] == "not checked"
    assert network.looked_up == []
    monkeypatch.setenv("NO_PROXY", "corp.example")
    _, checks = examined(user, SOSTRADES_HOST="https://corp.example")
    assert checks["proxy"]["found"] == "none"


def test_socks_proxy_without_its_library_is_a_failed_check(
    user: User, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example")
    code, checks = examined(user, SOSTRADES_HOST="https://corp.example")
    assert (code, states(checks, "failed"), user.requests) == (2, {"proxy"}, [])
    assert "[socks]" in checks["proxy"]["advice"]


@dataclass
class AnsweringServer(httpx.BaseTransport):
    """A server with a given answer to ping."""

    user: User
    reply: httpx.Response | SostradesError | httpx.TransportError

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the ping, and the rest as the stub."""
        if request.url.path != "/api/ping":
            return StubTransport(self.user.world).handle_request(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (httpx.Response(200, html="<html>log in</html>"), 7),
        (httpx.Response(200, json="hello"), 7),
        (httpx.Response(404, json={"statusCode": 404, "name": "Not Found", "description": "x"}), 7),
        (httpx.ConnectError("[Errno 111] Connection refused"), 6),
    ],
)
def test_other_servers_are_recognized_before_a_key_is_sent(user: User, reply: Any, code: int) -> None:
    user.transport = AnsweringServer(user, reply)
    result, checks = examined(user)
    assert (result, states(checks, "failed")) == (code, {"api"})
    assert user.requests == []


@pytest.mark.parametrize(
    ("seconds", "state"), mostly_slow([(0, "ok"), (-30, "ok"), (600, "warning"), (-600, "warning")], 2)
)
def test_clock_difference_is_a_warning(user: User, seconds: float, state: str) -> None:
    from email.utils import formatdate  # noqa: PLC0415 - for this test only

    date = formatdate(user.world.clock.now() + seconds, usegmt=True)
    user.transport = AnsweringServer(user, httpx.Response(200, json="pong", headers={"Date": date}))
    code, checks = examined(user)
    assert (code, checks["clock"]["state"]) == (0, state)


def test_failing_route_is_exit_7_and_not_a_known_bug(user: User) -> None:
    user.world.faults.arm(Fault("status", count=20, path="/study-case/21/1$", status=500))
    code, checks = examined(user, "21")
    assert (code, states(checks, "failed")) == (7, {"loading"})


def test_folders_open_to_others_are_a_warning(user: User, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o755)
    _, checks = examined(user)
    assert checks["cache"]["advice"] == f"chmod 700 {tmp_path / 'cache'}"


def test_terminal_shows_advice_below_the_check(user53: User) -> None:
    done = user53.types("doctor", tty=True, NO_COLOR="1", COLUMNS="80")
    assert "advice" not in done.out.splitlines()[0]
    lines = [line.strip() for line in done.out.splitlines()]
    at = lines.index(next(line for line in lines if line.startswith("loading")))
    assert "sostrades param get" in " ".join(lines[at + 1 : at + 5])
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_bundle_has_checks_and_settings_but_no_key(user53: User, tmp_path: Path) -> None:
    key = user53.environ["SOSTRADES_API_KEY"]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        '[profiles.default]\nca_bundle = "/home/ann@corp.example/ca.pem"\n'
    )
    file = tmp_path / "support.zip"
    done = user53.types("doctor", "--bundle", str(file), SOSTRADES_CA_BUNDLE="")
    assert done.code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"README.txt", "doctor.json", "settings.json", "versions.json"}
    assert {check["check"] for check in json.loads(texts["doctor.json"])} >= {"loading", "key accepted"}
    assert json.loads(texts["versions.json"])["libraries"]["httpx"]
    everything = "".join(texts.values())
    for form in (key, key[:16], key[16:], base64.b64encode(key.encode()).decode(), "ann@corp.example"):
        assert form not in everything


def test_bundle_does_not_contain_arguments_of_the_key_command(user: User, tmp_path: Path) -> None:
    """Somebody may write the key itself there, and the server may be out of reach."""
    secret = base64.b64encode(b"f" * 32).decode()
    user.types("config", "set", "key_command", f"echo {secret}")
    user.types("doctor", "--bundle", str(tmp_path / "b.zip"), SOSTRADES_API_KEY="", SOSTRADES_HOST="http://127.0.0.1:1")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        texts = [archive.read(name).decode() for name in archive.namelist()]
    assert '"echo [removed]"' in "".join(texts)
    assert secret not in "".join(texts)


def test_bundle_overwrites_no_file_without_overwrite(user: User, tmp_path: Path) -> None:
    file = tmp_path / "support.zip"
    file.write_text("mine")
    assert user.types("doctor", "--bundle", str(file)).code == 2
    assert (file.read_text(), user.requests) == ("mine", [])
    assert user.types("doctor", "--bundle", str(file), "--overwrite").code == 0
    assert zipfile.is_zipfile(file)
