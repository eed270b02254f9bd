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
from sostrades_cli.local.settings import FORMATS, Flags, Settings, resolve

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


def test_without_any_source_nothing_is_set() -> None:
    """With no flag, no variable and no file there is no host and no key, and http stays closed."""
    assert resolved() == Settings(
        None, "default", None, None, None, None, None, None, allow_http=False, read_timeout_s=None
    )


def test_the_file_is_used() -> None:
    """The profile's table gives host, format and certificates."""
    found = resolved(config=CONFIG)
    assert (found.host, found.format, found.ca_bundle) == ("https://config.example", "csv", Path("/config.pem"))


def test_the_environment_beats_the_file() -> None:
    """A variable counts more than the file; the key loses the blanks around it."""
    found = resolved(environ=ENVIRON, config=CONFIG)
    assert (found.host, found.format, found.ca_bundle) == ("https://environ.example", "json", Path("/environ.pem"))
    assert found.api_key == "0123"


def test_a_flag_beats_the_environment() -> None:
    """What the command line says counts most."""
    found = resolved(environ=ENVIRON, config=CONFIG, host="https://flag.example", format="tsv", read_timeout_s=5.0)
    assert (found.host, found.format, found.read_timeout_s) == ("https://flag.example", "tsv", 5.0)


def test_a_variable_without_text_is_as_if_it_were_unset() -> None:
    """An empty variable does not hide the file; an empty key is no key, but known to be there."""
    names = [*ENVIRON, "SOSTRADES_PROFILE", "SOSTRADES_ALLOW_HTTP"]
    found = resolved(environ=dict.fromkeys(names, ""), config=CONFIG)
    assert found._replace(api_key=None) == resolved(config=CONFIG)
    assert (found.api_key, resolved(environ={"SOSTRADES_API_KEY": " "}).api_key) == ("", "")


def test_a_profile_is_chosen_by_flag_or_variable() -> None:
    """`--profile` beats SOSTRADES_PROFILE, and the profile's own settings count."""
    assert resolved(environ={"SOSTRADES_PROFILE": "test"}, config=CONFIG).host == "http://test.example"
    assert resolved(environ={"SOSTRADES_PROFILE": "test"}, config=CONFIG, profile="default").profile == "default"
    assert resolved(config=CONFIG, profile="empty").host is None


def test_a_profile_that_is_not_there_is_wrong_usage() -> None:
    """A profile that is named must be in the file, also where an address is; the default one need not."""
    with pytest.raises(InvalidSetting, match="'prod'"):
        resolved(config=CONFIG, profile="prod")
    with pytest.raises(InvalidSetting, match="'prod'"):
        resolved(config=CONFIG, environ={"SOSTRADES_PROFILE": "prod"}, host="https://flag.example")
    assert resolved(profile="default").profile == "default"


def test_a_profile_is_made_by_logging_in_to_it(user: User) -> None:
    """`auth login --profile new` stores the host of a profile that was not there, as the error's hint says."""
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
def test_a_setting_of_the_wrong_kind_is_wrong_usage(config: dict[str, Any]) -> None:
    """What the file cannot mean is an error with a way out, not a surprise."""
    with pytest.raises(UsageError) as caught:
        resolved(config=config)
    assert caught.value.hint


@pytest.mark.parametrize("config", [{}, {"profiles": {}}, {"other": 1}])
def test_a_file_about_something_else_changes_nothing(config: dict[str, Any]) -> None:
    """A file without the profile is as no file."""
    assert resolved(config=config) == resolved()


def test_an_unknown_format_is_wrong_usage() -> None:
    """A format that does not exist is refused with those that do."""
    with pytest.raises(InvalidSetting, match="'yaml'") as caught:
        resolved(environ={"SOSTRADES_FORMAT": "yaml"})
    assert all(name in str(caught.value.hint) for name in FORMATS)


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("YES", True), ("on", True), ("0", False), ("no", False)])
def test_a_switch_in_the_environment(text: str, expected: bool) -> None:
    """SOSTRADES_ALLOW_HTTP is yes or no, in any case."""
    assert resolved(environ={"SOSTRADES_ALLOW_HTTP": text}).allow_http is expected


def test_a_switch_that_is_neither_is_wrong_usage() -> None:
    """Another word is refused, and its variable named."""
    with pytest.raises(InvalidSetting, match="SOSTRADES_ALLOW_HTTP"):
        resolved(environ={"SOSTRADES_ALLOW_HTTP": "perhaps"})


def test_a_host_is_required_where_it_is_needed() -> None:
    """Without a host the error says how to give one."""
    with pytest.raises(UsageError) as caught:
        resolved().require_host()
    assert "SOSTRADES_HOST" in str(caught.value.hint)
    assert resolved(host="https://x.example").require_host() == "https://x.example"


def test_the_key_does_not_show_in_settings() -> None:
    """Settings can be printed without showing the key."""
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
def test_an_address_has_one_spelling(text: str, host: str) -> None:
    """Case, final slashes and a pasted /api/v0 do not make another address; a path stays."""
    assert checked_host(text, allow_http=False) == host
    assert checked_host(host, allow_http=False) == host


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(["http", "https", "HTTP"]),
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,6}[A-Za-z0-9])?(\.[a-z]{1,4})?", fullmatch=True),
    st.none() | st.integers(0, 65535),
    st.lists(st.sampled_from(["a", "sostrades", "api", "v0", "", "x.y"]), max_size=4),
)
def test_a_spelling_is_final(scheme: str, name: str, port: int | None, path: list[str]) -> None:
    """Reading an address that was read once changes nothing."""
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
def test_what_is_no_address_is_wrong_usage(text: str) -> None:
    """Without scheme or host, with a wrong port, a blank, a query or a fragment: refused, with a way out."""
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
def test_what_is_advised_is_what_was_meant(text: str, hint: str) -> None:
    """Of an address that cannot be one, as much as can be is in the hint."""
    with pytest.raises(UsageError) as caught:
        checked_host(text, allow_http=False)
    assert caught.value.hint == hint


@settings(deadline=None, derandomize=True)
@example("http")
@example("HTTPS/")
@given(text=st.text("htps:/.@[]aé1 \"'#?-_%\\", max_size=24) | st.text(max_size=12))
def test_an_address_that_is_advised_is_one(text: str) -> None:
    """Whatever was typed, an address in the hint could be typed instead."""
    try:
        checked_host(text, allow_http=True)
    except UsageError as error:
        scheme, sign, rest = str(error.hint).rpartition(" ")[2].partition("://")
        assert not sign or checked_host(f"{scheme}{sign}{rest}", allow_http=False)


@pytest.mark.parametrize(
    "text", ["https://user:s3cret@corp.example", "https://s3cret@corp.example", "user:s3cret@corp.example"]
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    """An address with a user or a password is refused, without showing them."""
    with pytest.raises(UsageError) as caught:
        checked_host(text, allow_http=True)
    assert "s3cret" not in f"{caught.value.message} {caught.value.detail} {caught.value.hint}"


@pytest.mark.parametrize(
    "host", ["http://corp.example", "http://10.0.0.1", "http://localhost.evil.example", "http://128.0.0.1"]
)
def test_plain_http_beyond_this_machine_must_be_asked_for(host: str) -> None:
    """The key goes unencrypted to this machine only, unless that was allowed."""
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
def test_what_this_machine_is_called(name: str, expected: bool) -> None:
    """Loopback addresses and localhost are this machine, look-alikes are not."""
    assert is_loopback(name) is expected


# The file ------------------------------------------------------------------------------------------------


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    """Without config.toml there are no settings, and nothing is made on disk."""
    assert read_config(folders(tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"[profiles\n", b"host = https://x\n", b"a = 1\na = 2\n", b"name = 'caf\xe9'\n"])
def test_a_damaged_file_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    """What is no TOML is refused with the file's name and, where it is text, the line."""
    found = folders(tmp_path)
    found.config.mkdir()
    (found.config / "config.toml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_config(found)
    assert str(found.config / "config.toml") in caught.value.message
    assert "line" in caught.value.message or b"\xe9" in content


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    """A folder in place of the file is refused with the reason."""
    (folders(tmp_path).config / "config.toml").mkdir(parents=True)
    with pytest.raises(InvalidSetting):
        read_config(folders(tmp_path))


def test_storing_a_host_keeps_all_else(tmp_path: Path) -> None:
    """Comments, order and other profiles stay when a host is stored."""
    found = folders(tmp_path)
    before = '# mine\n[profiles.test]\nhost = "https://test.example" # the test server\n\n[other]\nx = 1\n'
    found.config.mkdir()
    (found.config / "config.toml").write_text(before)
    path = store(found, "default", "host", "https://new.example")
    text = path.read_text()
    assert "# mine" in text
    assert "# the test server" in text
    assert tomllib.loads(text) == {
        "profiles": {"test": {"host": "https://test.example"}, "default": {"host": "https://new.example"}},
        "other": {"x": 1},
    }


@pytest.mark.parametrize("profile", ["default", "test-1", "my profile", "a.b", 'quo"te'])
def test_what_is_stored_is_read_back(tmp_path: Path, profile: str) -> None:
    """A host that was stored is the profile's host, whatever the profile is called, and can be replaced."""
    found = folders(tmp_path)
    for host in ("https://one.example", "https://two.example/sos"):
        store(found, profile, "host", host)
        assert resolve(Flags(profile=profile), {}, read_config(found)).host == host


def test_the_file_is_private(tmp_path: Path) -> None:
    """The file and its folder are open to their owner only."""
    path = store(folders(tmp_path), "default", "host", "https://new.example")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_folders_follow_the_environment() -> None:
    """Each folder can be moved, `~` is the home folder, and without a variable each ends in the tool's name."""
    assert Folders({"SOSTRADES_CONFIG_DIR": "/x"}).config == Path("/x")
    assert Folders({"SOSTRADES_CACHE_DIR": "~/c"}).cache == Path.home() / "c"
    elsewhere = Folders({"SOSTRADES_STATE_DIR": ""})
    assert {elsewhere.config.name, elsewhere.cache.name, elsewhere.state.name} == {"sostrades"}


@pytest.mark.parametrize(
    ("text", "told", "hint"),
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
def test_a_name_that_is_no_setting_is_refused(tmp_path: Path, text: str, told: str, hint: str) -> None:
    """What is misspelt in config.toml is told with its line and what may have been meant, not passed over."""
    found = folders(tmp_path)
    found.config.mkdir()
    (found.config / "config.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_config(found)
    assert told in caught.value.message
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("version", ["2", '"one"', "0"])
def test_a_file_of_another_version_is_refused(tmp_path: Path, version: str) -> None:
    """A file that a newer program wrote is not guessed at; version 1 is this program's."""
    found = folders(tmp_path)
    found.config.mkdir()
    (found.config / "config.toml").write_text(f"version = {version}\n")
    with pytest.raises(InvalidSetting, match=re.escape(version.strip('"'))):
        read_config(found)
    (found.config / "config.toml").write_text("version = 1\n")
    assert read_config(found) == {"version": 1}


@pytest.mark.parametrize("profile", ["default", "my profile", "a.b"])
def test_a_setting_is_found_in_its_line(tmp_path: Path, profile: str) -> None:
    """Of several profiles it is the line of the one that is asked for; what is not there has none."""
    found = folders(tmp_path)
    store(found, "other", "host", "https://other.example")
    path = store(found, profile, "host", "https://one.example")
    line = line_of_setting(found, profile, "host")
    assert line is not None
    assert path.read_text().splitlines()[line - 1] == 'host = "https://one.example"'
    assert line_of_setting(found, profile, "format") is None
    assert line_of_setting(found, "nobody", "host") is None


def test_a_setting_is_removed(tmp_path: Path) -> None:
    """What is removed is gone, and the rest stays."""
    found = folders(tmp_path)
    store(found, "default", "host", "https://one.example")
    store(found, "default", "allow_http", value=True)
    store(found, "default", "host", None)
    assert read_config(found) == {"profiles": {"default": {"allow_http": True}}}


def test_byte_order_mark_in_config_is_ignored(tmp_path: Path) -> None:
    found = folders(tmp_path)
    found.config.mkdir()
    path = found.config / "config.toml"
    path.write_bytes(b'\xef\xbb\xbf[profiles.default] # mine\nhost = "https://corp.example"\n')
    assert resolved(config=read_config(found)).host == "https://corp.example"
    assert line_of_setting(found, "default", "host") == 2
    store(found, "default", "format", "json")
    assert read_config(found) == {"profiles": {"default": {"host": "https://corp.example", "format": "json"}}}
    assert "# mine" in path.read_text()
