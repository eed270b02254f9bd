"""Test `sostrades config`."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import HOST

from sostrades_cli.local.config_file import Folders, read_config, store_alias
from sostrades_cli.local.settings import SETTINGS, Flags, resolve

if TYPE_CHECKING:
    from conftest import Outcome, User

OTHER = "https://other.example"


def file(user: User) -> Path:
    """Return config.toml."""
    return user.folder / "config" / "config.toml"


def write(user: User, text: str) -> None:
    """Write config.toml."""
    file(user).parent.mkdir(exist_ok=True)
    file(user).write_text(text)


def config(user: User, *arguments: str, **environ: str) -> Outcome:
    """Run `sostrades config` and check that no request was sent."""
    done = user.types("config", *arguments, **environ)
    assert user.requests == []
    return done


def explained(user: User, *arguments: str, **environ: str) -> list[dict[str, Any]]:
    """Return the sources of a setting."""
    done = config(user, "explain", *arguments, "-F", "json", **environ)
    assert done.code == 0, done.err
    result: list[dict[str, Any]] = json.loads(done.out)
    return result


def test_path_is_printed_even_if_the_file_is_missing(user: User) -> None:
    assert config(user, "path").out == f"{file(user)}\n"
    assert json.loads(config(user, "path", "-F", "json").out) == {"path": str(file(user)), "exists": False}
    write(user, "")
    assert json.loads(config(user, "path", "-F", "json").out)["exists"] is True


def test_set_value_is_in_effect(user: User) -> None:
    assert config(user, "set", "host", f"{OTHER}/sos/", SOSTRADES_HOST="").code == 0
    assert config(user, "get", "host", SOSTRADES_HOST="").out == f"{OTHER}/sos\n"
    assert config(user, "set", "host", HOST, "--profile", "ci").code == 0
    assert config(user, "set", "format", "json", "--profile", "ci").code == 0
    assert config(user, "get", "format", "--profile", "ci").out == '"json"\n'
    assert config(user, "get", "format").out == "table on a terminal, else tsv\n"
    assert file(user).stat().st_mode & 0o777 == 0o600


def test_set_and_unset_keep_the_rest_of_the_file(user: User) -> None:
    before = f'# mine\n[profiles.default]\nhost = "{OTHER}" # the test server\n\n[profiles.ci]\nformat = "csv"\n'
    write(user, before)
    (user.folder / "x.pem").touch()
    assert config(user, "set", "ca_bundle", str(user.folder / "x.pem")).code == 0
    assert "# mine" in file(user).read_text()
    assert "# the test server" in file(user).read_text()
    assert config(user, "set", "ca_bundle", "--unset").code == 0
    assert file(user).read_text().split() == before.split()


def test_terminal_marks_the_source_in_effect(user: User) -> None:
    header, *rows = user.types("config", "explain", "host", tty=True, NO_COLOR="1").out.splitlines()
    assert header.endswith("in effect")
    assert [row.split()[0] for row in rows if row.endswith("yes")] == ["SOSTRADES_HOST"]


def test_sources_are_explained_by_priority(user: User) -> None:
    write(user, f'# mine\n[profiles.ci]\nhost = "{OTHER}"\n')
    result = explained(user, "host", "--profile", "ci", "--host", "https://flag.example")
    places = ["--host", "SOSTRADES_HOST", f"profile ci of {file(user)}, line 3", "default"]
    assert [item["source"] for item in result] == places
    assert [item["value"] for item in result] == ["https://flag.example", HOST, OTHER, None]
    assert [item["holds"] for item in result] == [True, False, False, False]
    assert [item["holds"] for item in explained(user, "host")] == [False, True, False, False]
    assert [item["holds"] for item in explained(user, "host", SOSTRADES_PROFILE="ci")] == [False, True, False, False]
    result = explained(user, "host", "--profile", "ci", SOSTRADES_HOST="")
    assert [item["holds"] for item in result] == [False, False, True, False]
    assert [item["holds"] for item in explained(user, "host", SOSTRADES_HOST="")] == [False, False, False, False]


def test_every_setting_is_listed_and_explained(user: User) -> None:
    """None of them shows a key."""
    rows = json.loads(config(user, "list", "-F", "json").out)
    assert [row["key"] for row in rows] == list(SETTINGS)
    assert {row["key"]: row["source"] for row in rows}["host"] == "SOSTRADES_HOST"
    for row in rows:
        assert explained(user, row["key"])
    assert user.environ["SOSTRADES_API_KEY"] not in config(user, "list").out


def test_explained_sources_of_the_key_do_not_show_it(user: User) -> None:
    key = user.environ["SOSTRADES_API_KEY"]
    result = explained(user, "key", SOSTRADES_API_KEY_FILE="/run/secrets/key")
    assert [(item["value"], item["holds"]) for item in result] == [
        ("set", True),
        ("/run/secrets/key", False),
        (None, False),
        ("not opened", False),
        ("not opened", False),
    ]
    assert result[-1]["source"] == str(file(user).with_name("keys.json"))
    assert key not in json.dumps(result)
    user.keyring.stored["default", HOST] = key
    result = explained(user, "key", SOSTRADES_API_KEY="")
    assert [item["source"] for item in result if item["holds"]] == ["keyring"]
    assert key not in json.dumps(result)
    none = explained(user, "key", SOSTRADES_API_KEY="", SOSTRADES_HOST="http://127.0.0.1:1")
    assert not any(item["holds"] for item in none)


@pytest.mark.parametrize("line", [("get", "key"), ("set", "key", "0123456789abcdef0123456789abcdef")])
def test_key_is_not_a_setting(user: User, line: tuple[str, ...]) -> None:
    done = config(user, *line)
    assert (done.code, done.kind) == (2, "invalid_setting")
    assert "sostrades config explain key" in done.err
    assert not file(user).exists()


def test_key_command_is_set_listed_and_explained(user: User) -> None:
    assert config(user, "set", "key_command", "pass show 'so s'", "--profile", "default").code == 0
    assert config(user, "get", "key_command").out == "pass show 'so s'\n"
    result = explained(user, "key", SOSTRADES_API_KEY="")
    assert [(item["source"], item["value"]) for item in result if item["holds"]] == [
        ("key_command of profile default", "pass show 'so s'")
    ]
    assert config(user, "set", "key_command", "pass 'show").kind == "invalid_setting"
    assert config(user, "set", "key_command", "--unset").code == 0
    assert config(user, "get", "key_command").code == 2


def test_overriding_source_is_reported(user: User) -> None:
    done = config(user, "set", "host", OTHER)
    assert (done.code, "SOSTRADES_HOST" in done.err) == (0, True)
    assert "SOSTRADES_HOST" not in config(user, "set", "host", OTHER, SOSTRADES_HOST="").err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("set", "hots", OTHER), "write host instead"),
        (("get", "formt"), "write format instead"),
        (("explain", "zzz"), "sostrades config list"),
        (("set", "format", "xml"), "'xml'"),
        (("set", "host", "corp.example"), "https://corp.example"),
        (("set", "host", "http://corp.example"), "unencrypted"),
        (("set", "allow_http", "perhaps"), "yes or no"),
        (("set", "ca_bundle", " "), "is empty"),
        (("set", "ca_bundle", "/nonexist.pem"), "ca_bundle: cannot read /nonexist.pem: No such file"),
        (("set", "client_cert", "/"), "client_cert: cannot read /: Is a directory"),
        (
            ("set", "client_key", "~nobody-of-this-name/key.pem"),
            "~nobody-of-this-name/key.pem",
        ),
        (("set", "profile", "x"), "cannot be stored in config.toml"),
        (("set", "host"), "either a value or --unset"),
        (("set", "host", OTHER, "--unset"), "either a value or --unset"),
        (("set", "hots", "--unset"), "host"),
    ],
)
def test_unknown_setting_or_invalid_value_is_rejected(user: User, arguments: tuple[str, ...], expected: str) -> None:
    done = config(user, *arguments)
    assert (done.code, expected in done.err, file(user).exists()) == (2, True, False)


def test_get_without_a_value_is_exit_2(user: User) -> None:
    done = config(user, "get", "host", SOSTRADES_HOST="")
    assert (done.code, done.out, "config set host" in done.err) == (2, "", True)


@pytest.mark.parametrize("is_set", list(itertools.product([False, True], repeat=4)))
def test_source_of_the_ca_bundle_is_chosen_by_priority(user: User, is_set: tuple[bool, ...]) -> None:
    sources = ["SOSTRADES_CA_BUNDLE", "config.toml", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
    names = [f"/{number}.pem" if speaks else None for number, speaks in enumerate(is_set)]
    write(user, f'[profiles.default]\nca_bundle = "{names[1]}"\n' if names[1] else "")
    variables = {item: name for item, name in zip(sources, names, strict=True) if name and item != "config.toml"}
    result = explained(user, "ca_bundle", **variables)
    assert [item["value"] for item in result] == [*names, "system certificates"]
    assert all(source in item["source"] for source, item in zip(sources, result, strict=False))
    strongest = next((number for number, speaks in enumerate(is_set) if speaks), 4)
    assert [item["holds"] for item in result] == [number == strongest for number in range(5)]
    settings = resolve(Flags(), variables, read_config(Folders({"SOSTRADES_CONFIG_DIR": str(file(user).parent)})))
    assert settings.ca_bundle == (Path(names[strongest] or "") if strongest < 4 else None)
    assert strongest == 4 or sources[strongest] in str(settings.ca_source)


def test_environment_overrides_allow_http_of_the_profile(user: User) -> None:
    write(user, "[profiles.default]\nallow_http = true\n")
    plain = {"SOSTRADES_HOST": "http://corp.example"}
    assert config(user, "get", "allow_http", **plain).code == 0
    assert config(user, "get", "allow_http", SOSTRADES_ALLOW_HTTP="0", **plain).code == 2
    result = explained(user, "allow_http", SOSTRADES_ALLOW_HTTP="0")
    assert [item["holds"] for item in result] == [False, True, False, False]


@pytest.mark.parametrize(
    ("config", "mended"),
    [
        ('[profiles.default]\nhost = "http://corp.example"\n', ("host", "https://corp.example")),
        ('[profiles.default]\nformat = "xml"\n', ("format", "json")),
    ],
)
def test_invalid_setting_can_be_shown_and_replaced(
    user: User, tmp_path: Path, config: str, mended: tuple[str, str]
) -> None:
    """All other commands reject it."""
    user.environ["SOSTRADES_HOST"] = ""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(config)
    key, value = mended
    for line in (("list",), ("explain", key), ("path",), ("get", key)):
        assert user.types("config", *line).code == (0 if line[0] != "get" else 2), line
    assert user.types("calc", "status", "21").code == 2
    assert user.types("config", "set", key, value).code == 0
    assert value in user.types("config", "get", key).out


def test_paths_of_a_profile_expand_the_home_folder(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(user.folder))
    (user.folder / "corp.pem").touch()
    for key in ("ca_bundle", "client_cert", "client_key"):
        assert user.types("config", "set", key, "~/corp.pem").code == 0
        assert user.types("config", "get", key).out == "~/corp.pem\n"


def test_only_host_creates_a_profile(user: User, tmp_path: Path) -> None:
    assert config(user, "set", "format", "json", "--profile", "tset").code == 2
    assert config(user, "set", "format", "json", "--host", OTHER, SOSTRADES_PROFILE="tset").code == 2
    assert not (tmp_path / "config" / "config.toml").exists()
    assert config(user, "set", "host", OTHER, "--profile", "test").code == 0
    assert config(user, "set", "format", "json", "--profile", "test").code == 0
    assert config(user, "get", "host", "--profile", "test", SOSTRADES_HOST="").out == f'"{OTHER}"\n'


@pytest.mark.parametrize(
    "content", ["profiles = 1\n", "[profiles]\ndefault = 1\n", "[profiles.default]\naliases = 1\n"]
)
def test_setting_inside_a_non_table_is_rejected(user: User, content: str) -> None:
    path = user.folder / "config" / "config.toml"
    path.parent.mkdir()
    path.write_text(content)
    done = user.types("alias", "set", "dice", "21")
    assert (done.code, path.read_text()) == (2, content)
    assert "table" in done.err


def test_concurrent_writes_are_all_kept(user: User) -> None:
    folders = Folders(user.environ)
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda number: store_alias(folders, "default", f"study{number}", number), range(1, 41)))
    profiles = read_config(folders)["profiles"]
    assert profiles == {"default": {"aliases": {f"study{number}": number for number in range(1, 41)}}}


@pytest.mark.parametrize("by_flag", [True, False])
def test_unknown_profile_is_rejected(user: User, by_flag: bool) -> None:
    write(user, f'[profiles.test]\nhost = "{HOST}"\n[profiles.test.aliases]\ndice = 21\n')
    flag, environ = (("--profile", "tset"), {}) if by_flag else ((), {"SOSTRADES_PROFILE": "tset"})
    for line in (("calc", "status", "21"), ("calc", "status", "dice"), ("alias", "list"), ("auth", "status")):
        for host in ((), ("--host", HOST)):
            done = user.types(*line, *flag, *host, **environ)
            assert (done.code, user.requests) == (2, []), line
            assert "no profile 'tset' in config.toml" in done.err
            assert "--profile test" in done.err
    assert "no profile 'tset' in config.toml" in config(user, "list", *flag, **environ).err
    assert "no profile 'tset' in config.toml" in user.types("doctor", *flag, **environ).out
    assert user.types("calc", "status", "21", SOSTRADES_PROFILE="test").code == 0


def test_new_profile_can_be_named_by_the_environment(user: User) -> None:
    key = {"secret": user.world.key}
    assert user.types("calc", "status", "21", SOSTRADES_PROFILE="one").code == 2
    assert user.types("auth", "login", **key, SOSTRADES_PROFILE="one").code == 0
    assert user.types("config", "set", "host", HOST, SOSTRADES_PROFILE="two").code == 0
    for profile in ("one", "two"):
        assert user.types("calc", "status", "21", SOSTRADES_PROFILE=profile).code == 0


def test_profile_and_host_of_different_servers_conflict(user: User) -> None:
    write(user, f'[profiles.test]\nhost = "{OTHER}"\n')
    for line in (("calc", "status", "21"), ("param", "set", "21", "Macro.gamma=0.9"), ("auth", "login"), ("doctor",)):
        done = user.types(*line, "--profile", "test", secret=user.world.key)
        assert (done.code, user.requests) == (2, []), line
        output = done.out + done.err
        assert "profile test and SOSTRADES_HOST are two different servers" in output
        assert f"profile test of config.toml: {OTHER}" in output
        assert f"SOSTRADES_HOST: {HOST}" in output
        assert f"unset SOSTRADES_HOST, or add --host {OTHER}" in output
    assert user.types("calc", "status", "21", "--profile", "test", "--host", HOST).code == 0
    user.world.requests.clear()
    assert user.types("calc", "status", "21", SOSTRADES_PROFILE="test").code == 0
    write(user, f'[profiles.test]\nhost = "{HOST.upper().replace("HTTP", "http")}/"\n')
    assert user.types("calc", "status", "21", "--profile", "test").code == 0


def test_conflict_of_addresses_is_explained(user: User) -> None:
    write(user, f'[profiles.test]\nhost = "{OTHER}"\nformat = "csv"\n')
    assert [item["holds"] for item in explained(user, "host", "--profile", "test")] == [False] * 4
    assert "are two different servers: unset SOSTRADES_HOST" in config(user, "explain", "host", "--profile", "test").err
    rows = {row["key"]: row for row in json.loads(config(user, "list", "--profile", "test", "-F", "json").out)}
    assert (rows["host"]["value"], rows["host"]["source"]) == (None, "nowhere")
    assert rows["profile"]["value"] == "test"
    done = config(user, "get", "host", "--profile", "test")
    assert (done.code, done.out, done.kind) == (2, "", "invalid_setting")
    assert config(user, "get", "format", "--profile", "test").out == "csv\n"
    done = config(user, "set", "host", f"{OTHER}/sos", "--profile", "test")
    assert (done.code, "SOSTRADES_HOST names another server" in done.err) == (0, True)
    done = config(user, "set", "host", HOST, "--profile", "test")
    assert (done.code, "another server" in done.err) == (0, False)


@pytest.mark.parametrize("words", [("foo",), ("foo", "x"), ("foo", "--unset")])
def test_unknown_setting_lists_the_known_ones(user: User, words: tuple[str, ...]) -> None:
    done = config(user, "set", *words)
    assert (done.code, "settings: host, format" in done.err) == (2, True), done.err
    assert "read_timeout" not in done.err


@pytest.mark.parametrize(
    ("key", "hint"), [("read_timeout", "--read-timeout"), ("profile", "--profile, or set SOSTRADES_PROFILE")]
)
@pytest.mark.parametrize("word", ["5", "--unset"])
def test_setting_outside_the_file_names_its_flag_or_variable(user: User, key: str, hint: str, word: str) -> None:
    done = config(user, "set", key, word)
    assert (done.code, f"{key} cannot be stored in config.toml" in done.err) == (2, True)
    assert f": {hint}\n" in done.err


@pytest.mark.parametrize("content", ["a = ", '[profiles.default]\nhosst = "x"\n'])
@pytest.mark.parametrize("line", ["config list", "config explain host", "config set format json", "doctor"])
def test_invalid_settings_are_one_json_object(user: User, line: str, content: str) -> None:
    file = Folders(user.environ).config / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    done = user.types(*line.split(), "-F", "json")
    assert (done.code, json.loads(done.err)["kind"]) == (2, "invalid_setting")
