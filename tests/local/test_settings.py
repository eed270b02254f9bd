"""Where settings come from, and the file that holds some of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import InvalidSetting, UsageError
from sostrades_cli.local.config_file import Folders, line_of_setting, read_config, store
from sostrades_cli.local.server_address import checked_host, is_loopback
from sostrades_cli.local.settings import FORMATS, SETTINGS, STORED, Flags, Settings, resolve

if TYPE_CHECKING:
    from conftest import User

CONFIG = {
    "profiles": {
        "default": {"host": "https://config.example", "format": "csv", "ca_bundle": "/config.pem"},
        "test": {"host": "http://test.example", "allow_http": True},
        "empty": {},
    }
}
ENVIRON = {
    "SOSTRADES_HOST": "https://environ.example",
    "SOSTRADES_FORMAT": "json",
    "SOSTRADES_CA_BUNDLE": "/environ.pem",
    "SOSTRADES_API_KEY": " 0123 ",
}


def resolved(*, environ: dict[str, str] | None = None, config: Any = None, **flags: Any) -> Settings:
    """Return the settings of some flags, an environment and a file."""
    return resolve(Flags(**flags), environ or {}, config or {})


def folders(tmp_path: Path) -> Folders:
    """Return folders of which all are below one."""
    return Folders({f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")})


# Which source counts -----------------------------------------------------------------------------------


def test_settings_are_empty_without_sources() -> None:
    """There is no address and no key, and plain http is not allowed."""
    assert resolved() == Settings(
        None, "default", None, None, None, None, None, None, allow_http=False, read_timeout_s=None
    )


def test_profile_sets_host_format_and_certificates() -> None:
    result = resolved(config=CONFIG)
    assert (result.host, result.format, result.ca_bundle) == ("https://config.example", "csv", Path("/config.pem"))


def test_environment_overrides_the_file() -> None:
    """Blanks around the key are removed."""
    result = resolved(environ=ENVIRON, config=CONFIG)
    assert (result.host, result.format, result.ca_bundle) == ("https://environ.example", "json", Path("/environ.pem"))
    assert result.api_key == "0123"


def test_flag_overrides_the_environment() -> None:
    result = resolved(environ=ENVIRON, config=CONFIG, host="https://flag.example", format="tsv", read_timeout_s=5.0)
    assert (result.host, result.format, result.read_timeout_s) == ("https://flag.example", "tsv", 5.0)


def test_empty_variable_does_not_override_the_file() -> None:
    """An empty key is not a key, but the settings show that the variable is set."""
    names = [*ENVIRON, "SOSTRADES_PROFILE", "SOSTRADES_ALLOW_HTTP"]
    result = resolved(environ=dict.fromkeys(names, ""), config=CONFIG)
    assert result._replace(api_key=None) == resolved(config=CONFIG)
    assert (result.api_key, resolved(environ={"SOSTRADES_API_KEY": " "}).api_key) == ("", "")


def test_profile_is_selected_by_flag_before_the_variable() -> None:
    assert resolved(environ={"SOSTRADES_PROFILE": "test"}, config=CONFIG).host == "http://test.example"
    assert resolved(environ={"SOSTRADES_PROFILE": "test"}, config=CONFIG, profile="default").profile == "default"
    assert resolved(config=CONFIG, profile="empty").host is None


def test_unknown_profile_is_a_usage_error() -> None:
    """Also if an address is given. The default profile need not exist."""
    with pytest.raises(InvalidSetting, match="'prod'"):
        resolved(config=CONFIG, profile="prod")
    with pytest.raises(InvalidSetting, match="'prod'"):
        resolved(config=CONFIG, environ={"SOSTRADES_PROFILE": "prod"}, host="https://flag.example")
    assert resolved(profile="default").profile == "default"


def test_login_creates_a_profile(user: User) -> None:
    """As the hint of the error says."""
    host = user.environ["SOSTRADES_HOST"]
    key = user.world.key.encode()
    user.environ |= {"SOSTRADES_HOST": "", "SOSTRADES_API_KEY": ""}
    done = user.types("auth", "login", "--profile", "new", "--host", host, "--with-key", stdin=key + b"\n")
    assert (done.code, done.err) == (0, "")
    assert read_config(Folders(user.environ)) == {"profiles": {"new": {"host": host}}}
    assert user.types("study", "url", "21", "--profile", "new").code == 0


@pytest.mark.parametrize(
    "config",
    [
        {"profiles": {"default": "https://x.example"}},
        {"profiles": {"default": {"host": 5}}},
        {"profiles": {"default": {"format": ["json"]}}},
        {"profiles": {"default": {"format": "yaml"}}},
        {"profiles": {"default": {"ca_bundle": True}}},
        {"profiles": {"default": {"host": "x.example"}}},
    ],
)
def test_setting_of_the_wrong_type_is_a_usage_error(config: dict[str, Any]) -> None:
    """The error has a hint."""
    with pytest.raises(UsageError) as caught:
        resolved(config=config)
    assert caught.value.hint


@pytest.mark.parametrize("config", [{}, {"profiles": {}}, {"other": 1}])
def test_file_without_the_profile_changes_nothing(config: dict[str, Any]) -> None:
    assert resolved(config=config) == resolved()


def test_unknown_format_is_a_usage_error() -> None:
    """The error lists the formats."""
    with pytest.raises(InvalidSetting, match="'yaml'") as caught:
        resolved(environ={"SOSTRADES_FORMAT": "yaml"})
    assert all(name in str(caught.value.hint) for name in FORMATS)


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("YES", True), ("on", True), ("0", False), ("no", False)])
def test_allow_http_in_the_environment_is_yes_or_no(text: str, expected: bool) -> None:
    """In any case."""
    assert resolved(environ={"SOSTRADES_ALLOW_HTTP": text}).allow_http is expected


def test_invalid_switch_in_the_environment_names_its_variable() -> None:
    with pytest.raises(InvalidSetting, match="SOSTRADES_ALLOW_HTTP"):
        resolved(environ={"SOSTRADES_ALLOW_HTTP": "perhaps"})


def test_missing_host_has_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        resolved().require_host()
    assert "SOSTRADES_HOST" in str(caught.value.hint)
    assert resolved(host="https://x.example").require_host() == "https://x.example"


def test_printed_settings_do_not_show_the_key() -> None:
    key = "0123456789abcdef" * 2
    assert key not in repr(resolved(environ={"SOSTRADES_API_KEY": key}))


# Addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://corp.example", "https://corp.example"),
        ("https://corp.example/", "https://corp.example"),
        ("  https://corp.example//  ", "https://corp.example"),
        ("HTTPS://Corp.Example:8443", "https://corp.example:8443"),
        ("https://corp.example/sostrades/", "https://corp.example/sostrades"),
        ("https://corp.example/SoS/api/v0", "https://corp.example/SoS"),
        ("https://corp.example/api/v0/", "https://corp.example"),
        ("http://localhost:5004", "http://localhost:5004"),
        ("http://127.0.0.1:5004/", "http://127.0.0.1:5004"),
        ("http://[::1]:5004", "http://[::1]:5004"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_address_is_normalized(text: str, host: str) -> None:
    """Case, trailing slashes and a pasted /api/v0 make no difference. A path is kept."""
    assert checked_host(text, allow_http=False) == host
    assert checked_host(host, allow_http=False) == host


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(["http", "https", "HTTP"]),
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,6}[A-Za-z0-9])?(\.[a-z]{1,4})?", fullmatch=True),
    st.none() | st.integers(0, 65535),
    st.lists(st.sampled_from(["a", "sostrades", "api", "v0", "", "x.y"]), max_size=4),
)
def test_normalized_address_is_unchanged_by_normalization(
    scheme: str, name: str, port: int | None, path: list[str]
) -> None:
    text = f"{scheme}://{name}{'' if port is None else f':{port}'}/{'/'.join(path)}"
    once = checked_host(text, allow_http=True)
    if not once.endswith("/api/v0"):
        assert checked_host(once, allow_http=True) == once
    assert not once.endswith("/")


@pytest.mark.parametrize(
    "text",
    [
        "corp.example",
        "corp.example:5004",
        "//corp.example",
        "ftp://corp.example",
        "https://",
        "https:///path",
        "https://:5004",
        "https://corp.example:port",
        "https://corp.example:99999",
        "https://[::1",
        "https://corp.example/?key=1",
        "https://corp.example/#top",
        "https://corp example",
        "",
        "   ",
    ],
)
def test_invalid_address_is_a_usage_error(text: str) -> None:
    """Without scheme or host, with an invalid port, a blank, a query or a fragment. The error has a hint."""
    with pytest.raises(UsageError) as caught:
        checked_host(text, allow_http=True)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("corp.example/sos", "add the scheme: https://corp.example/sos"),
        ("localhost:5000", "add the scheme: http://localhost:5000"),
        ("https:////127.0.0.1:5091", "correct it, perhaps to https://127.0.0.1:5091"),
        ("ftp://corp.example", "correct it, perhaps to https://corp.example"),
        ("https://https://corp.example", "correct it, perhaps to https://corp.example"),
        ("https://u:p@corp.example/sos", "remove them: https://corp.example/sos"),
        ("https://exa mple", "give an address such as https://corp.example"),
        ("https://", "give an address such as https://corp.example"),
        ("https://a@", "give an address such as https://corp.example"),
        ("https://corp.example:99999", "give an address such as https://corp.example"),
        ("javascript:alert(1)", "give an address such as https://corp.example"),
        ("https://<host>", "give an address such as https://corp.example"),
    ],
)
def test_hint_corrects_the_address(text: str, hint: str) -> None:
    """It keeps the valid parts of what was typed."""
    with pytest.raises(UsageError) as caught:
        checked_host(text, allow_http=False)
    assert caught.value.hint == hint


@settings(deadline=None, derandomize=True)
@example("http")
@example("HTTPS/")
@given(text=st.text("htps:/.@[]aé1 \"'#?-_%\\", max_size=24) | st.text(max_size=12))
def test_address_in_the_hint_is_valid(text: str) -> None:
    """Whatever was typed."""
    try:
        checked_host(text, allow_http=True)
    except UsageError as error:
        scheme, sign, rest = str(error.hint).rpartition(" ")[2].partition("://")
        assert not sign or checked_host(f"{scheme}{sign}{rest}", allow_http=False)


@pytest.mark.parametrize(
    "text", ["https://user:s3cret@corp.example", "https://s3cret@corp.example", "user:s3cret@corp.example"]
)
def test_address_with_a_password_is_rejected_without_showing_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_host(text, allow_http=True)
    assert "s3cret" not in f"{caught.value.message} {caught.value.detail} {caught.value.hint}"


@pytest.mark.parametrize(
    "host", ["http://corp.example", "http://10.0.0.1", "http://localhost.evil.example", "http://128.0.0.1"]
)
def test_plain_http_to_another_computer_must_be_allowed(host: str) -> None:
    with pytest.raises(InvalidSetting, match="unencrypted") as caught:
        checked_host(host, allow_http=False)
    assert "--allow-http" in str(caught.value.hint)
    assert checked_host(host, allow_http=True) == host
    assert resolved(host=host, environ={"SOSTRADES_ALLOW_HTTP": "1"}).host == host


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", True),
        ("sos.localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - a name to be judged, nothing is bound to it
        ("notlocalhost", False),
        ("127.0.0.1.example", False),
    ],
)
def test_loopback_names_are_recognized(name: str, expected: bool) -> None:
    """Loopback addresses and localhost, but no similar names."""
    assert is_loopback(name) is expected


# The file ------------------------------------------------------------------------------------------------


def test_missing_config_is_empty_and_creates_no_file(tmp_path: Path) -> None:
    assert read_config(folders(tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"[profiles\n", b"host = https://x\n", b"a = 1\na = 2\n", b"name = 'caf\xe9'\n"])
def test_invalid_toml_is_a_usage_error(tmp_path: Path, content: bytes) -> None:
    """The error names the file and, if the file is text, the line."""
    result = folders(tmp_path)
    result.config.mkdir()
    (result.config / "config.toml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_config(result)
    assert str(result.config / "config.toml") in caught.value.message
    assert "line" in caught.value.message or b"\xe9" in content


def test_unreadable_config_is_a_usage_error(tmp_path: Path) -> None:
    """For example a folder of this name."""
    (folders(tmp_path).config / "config.toml").mkdir(parents=True)
    with pytest.raises(InvalidSetting):
        read_config(folders(tmp_path))


def test_storing_a_host_keeps_the_rest_of_the_file(tmp_path: Path) -> None:
    """Comments, order and other profiles."""
    result = folders(tmp_path)
    before = '# mine\n[profiles.test]\nhost = "https://test.example" # the test server\n\n[other]\nx = 1\n'
    result.config.mkdir()
    (result.config / "config.toml").write_text(before)
    path = store(result, "default", "host", "https://new.example")
    text = path.read_text()
    assert "# mine" in text
    assert "# the test server" in text
    assert tomllib.loads(text) == {
        "profiles": {"test": {"host": "https://test.example"}, "default": {"host": "https://new.example"}},
        "other": {"x": 1},
    }


@pytest.mark.parametrize("profile", ["default", "test-1", "my profile", "a.b", 'quo"te'])
def test_stored_host_is_read_for_any_profile_name(tmp_path: Path, profile: str) -> None:
    """It can be replaced."""
    result = folders(tmp_path)
    for host in ("https://one.example", "https://two.example/sos"):
        store(result, profile, "host", host)
        assert resolve(Flags(profile=profile), {}, read_config(result)).host == host


def test_config_and_its_folder_are_private(tmp_path: Path) -> None:
    """Only their owner can open them."""
    path = store(folders(tmp_path), "default", "host", "https://new.example")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_variables_move_the_folders() -> None:
    """`~` is the home folder. The default folders end in the name of the tool."""
    assert Folders({"SOSTRADES_CONFIG_DIR": "/x"}).config == Path("/x")
    assert Folders({"SOSTRADES_CACHE_DIR": "~/c"}).cache == Path.home() / "c"
    elsewhere = Folders({"SOSTRADES_STATE_DIR": ""})
    assert {elsewhere.config.name, elsewhere.cache.name, elsewhere.state.name} == {"sostrades"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('profile = "x"\n', "line 1: there is no setting 'profile'", "profiles"),
        (
            '[profiles.default]\n# mine\nhots = "https://x.example"\n',
            "line 3: there is no setting 'hots'",
            "host",
        ),
        (
            '[profiles.a]\nhost = "https://x.example"\n[profiles.a.fromat]\n',
            "line 3: there is no setting",
            "format",
        ),
        ('[profiles.default]\n"zzz" = 1\n', "line 2: there is no setting 'zzz'", "remove the line"),
        ("\n[aliases]\n", "line 2: there is no setting 'aliases'", "remove the line"),
        ("\nprofiles = 3\n", "line 2: profiles", "[profiles.default]"),
        ("[profiles.a.aliases]\ndice = 21\n22 = 5\n", "line 3: '22' cannot be an alias", "a letter, then"),
        ('[profiles.a]\n[profiles.a.aliases]\n"a/b" = 5\n', "line 3: 'a/b' cannot be an alias", "remove it"),
    ],
)
def test_unknown_setting_in_the_file_is_an_error_with_its_line(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    """The hint suggests a known name."""
    result = folders(tmp_path)
    result.config.mkdir()
    (result.config / "config.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_config(result)
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("version", ["2", '"one"', "0"])
def test_config_of_a_newer_version_is_rejected(tmp_path: Path, version: str) -> None:
    """This program reads and writes version 1."""
    result = folders(tmp_path)
    result.config.mkdir()
    (result.config / "config.toml").write_text(f"version = {version}\n")
    with pytest.raises(InvalidSetting, match=re.escape(version.strip('"'))):
        read_config(result)
    (result.config / "config.toml").write_text("version = 1\n")
    assert read_config(result) == {"version": 1}


@pytest.mark.parametrize("profile", ["default", "my profile", "a.b"])
def test_line_of_a_setting_is_that_of_its_profile(tmp_path: Path, profile: str) -> None:
    """A missing setting has no line."""
    result = folders(tmp_path)
    store(result, "other", "host", "https://other.example")
    path = store(result, profile, "host", "https://one.example")
    line = line_of_setting(result, profile, "host")
    assert line is not None
    assert path.read_text().splitlines()[line - 1] == 'host = "https://one.example"'
    assert line_of_setting(result, profile, "format") is None
    assert line_of_setting(result, "nobody", "host") is None


def test_removed_setting_leaves_the_rest(tmp_path: Path) -> None:
    result = folders(tmp_path)
    store(result, "default", "host", "https://one.example")
    store(result, "default", "allow_http", value=True)
    store(result, "default", "host", None)
    assert read_config(result) == {"profiles": {"default": {"allow_http": True}}}


def test_byte_order_mark_in_config_is_ignored(tmp_path: Path) -> None:
    result = folders(tmp_path)
    result.config.mkdir()
    path = result.config / "config.toml"
    path.write_bytes(b'\xef\xbb\xbf[profiles.default] # mine\nhost = "https://corp.example"\n')
    assert resolved(config=read_config(result)).host == "https://corp.example"
    assert line_of_setting(result, "default", "host") == 2
    store(result, "default", "format", "json")
    assert read_config(result) == {"profiles": {"default": {"host": "https://corp.example", "format": "json"}}}
    assert "# mine" in path.read_text()


def test_settings_page_has_every_setting() -> None:
    """Its table has flags, variables and formats, and a sentence has the settings that config.toml can hold."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    named = {word for code in re.findall(r"`([^`]+)`", page) for word in code.split()}
    sources = {name for item in SETTINGS.values() for name in (item.flag, item.variable, *item.fallbacks) if name}
    assert sources <= named
    [formats] = re.findall(r"^\| `-F`.*\| (.*) \[default", page, re.MULTILINE)
    assert re.findall(r"`(\w+)`", formats) == list(FORMATS)
    [stored] = re.findall(r"^A profile can also have (.*?)\. `version", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", stored)) == set(STORED) - {"host"}
