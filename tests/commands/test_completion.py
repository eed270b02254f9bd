"""Test `sostrades completion`: the script and the files it is installed in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.cli.shell_completion import SHELLS, script_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User


@pytest.fixture
def home(user: User, tmp_path: Path) -> Path:
    """Give the user an empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    user.environ["HOME"] = str(folder)
    user.environ["SOSTRADES_HOST"] = ""
    return folder


def states(user: User, shell: str, option: str = "--status") -> list[str]:
    """Return the states of the files of a shell."""
    done = user.types("completion", shell, option, "-F", "json")
    assert (done.code, done.err) == (0, "")
    return [part["state"] for part in json.loads(done.out)]


def files(folder: Path) -> list[str]:
    """Return the files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("shell", SHELLS)
def test_script_is_printed_without_a_host(user: User, home: Path, shell: str) -> None:
    done = user.types("completion", shell)
    assert (done.code, done.out, done.err) == (0, script_of(shell), "")
    assert files(home) == []


def test_stored_format_does_not_apply_to_the_script(user: User, home: Path) -> None:
    assert user.types("completion", "bash", SOSTRADES_FORMAT="json").out == script_of("bash")
    file = home / "script.bash"
    assert user.types("completion", "bash", "-o", str(file), SOSTRADES_FORMAT="json").code == 0
    assert file.read_text(encoding="utf-8") == script_of("bash")
    assert user.prints("completion", "bash")["script"] == script_of("bash")
    assert json.loads(user.types("completion", "bash", "--status", SOSTRADES_FORMAT="json").out)


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", [".bashrc", ".local/share/bash-completion/completions/sostrades"]),
        ("zsh", [".local/share/sostrades/_sostrades", ".zshrc"]),
        ("fish", [".config/fish/completions/sostrades.fish"]),
        (
            "powershell",
            [".config/powershell/Microsoft.PowerShell_profile.ps1", ".local/share/sostrades/sostrades.ps1"],
        ),
    ],
)
def test_install_is_idempotent_and_uninstall_removes_all(
    user: User, home: Path, shell: str, expected: list[str]
) -> None:
    assert set(states(user, shell)) == {"absent"}
    assert set(states(user, shell, "--install")) == {"current"}
    assert files(home) == expected
    before = {name: (home / name).read_bytes() for name in expected}
    assert set(states(user, shell, "--install")) == {"current"}
    assert {name: (home / name).read_bytes() for name in expected} == before
    assert all((home / name).stat().st_mode & 0o777 == 0o600 for name in expected)
    assert set(states(user, shell, "--uninstall")) == {"absent"}
    assert files(home) == []
    assert set(states(user, shell, "--uninstall")) == {"absent"}


@pytest.mark.parametrize("content", [b"export A=1\n", b"export A=1", b"", b"caf\xe9 # latin-1\r\n", b"a\n\n\n"])
def test_rest_of_the_startup_file_is_kept(user: User, home: Path, content: bytes) -> None:
    """Permissions and a symbolic link are kept too."""
    true = home / "dotfiles"
    true.write_bytes(content)
    true.chmod(0o640)
    (home / ".bashrc").symlink_to(true)
    states(user, "bash", "--install")
    assert (home / ".bashrc").is_symlink()
    assert true.read_bytes().startswith(content)
    assert true.stat().st_mode & 0o777 == 0o640
    states(user, "bash", "--uninstall")
    assert true.read_bytes().rstrip(b"\n") == content.rstrip(b"\n")


def test_startup_file_that_install_created_stays_if_it_was_used_since(user: User, home: Path) -> None:
    states(user, "zsh", "--install")
    with (home / ".zshrc").open("a") as startup:
        startup.write("export A=1\n")
    states(user, "zsh", "--install")
    states(user, "zsh", "--uninstall")
    assert (home / ".zshrc").read_text() == "export A=1\n"


def test_empty_startup_file_of_the_user_is_kept(user: User, home: Path) -> None:
    """Without a .zshrc, zsh asks a new user for settings."""
    (home / ".zshrc").touch()
    states(user, "zsh", "--install")
    states(user, "zsh", "--uninstall")
    assert (home / ".zshrc").read_text() == ""


def test_script_of_another_version_is_outdated(user: User, home: Path) -> None:
    states(user, "fish", "--install")
    (home / ".config/fish/completions/sostrades.fish").write_text("# old\n")
    assert states(user, "fish") == ["outdated"]
    assert states(user, "fish", "--install") == ["current"]


def test_unwritable_home_is_a_usage_error(user: User, home: Path) -> None:
    (home / ".local").write_text("a file")
    (home / ".bashrc").write_text("export A=1\n")
    done = user.types("completion", "bash", "--install")
    assert done.code == 2
    assert str(home / ".local") in done.err
    assert (home / ".bashrc").read_text() == "export A=1\n"


def test_folders_of_the_environment_are_used(user: User, home: Path) -> None:
    for shell in SHELLS:
        places = {name: str(home / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR")}
        (home / "ZDOTDIR").mkdir(exist_ok=True)
        assert user.types("completion", shell, "--install", **places).code == 0
    assert files(home) == [
        ".bashrc",
        "XDG_CONFIG_HOME/fish/completions/sostrades.fish",
        "XDG_CONFIG_HOME/powershell/Microsoft.PowerShell_profile.ps1",
        "XDG_DATA_HOME/bash-completion/completions/sostrades",
        "XDG_DATA_HOME/sostrades/_sostrades",
        "XDG_DATA_HOME/sostrades/sostrades.ps1",
        "ZDOTDIR/.zshrc",
    ]


@pytest.mark.parametrize(
    ("variables", "profile"),
    [
        ({"SOSTRADES_POWERSHELL_PROFILE": "{home}/my profile.ps1"}, "my profile.ps1"),
        ({"USERPROFILE": "{home}/Ann"}, "Ann/Documents/PowerShell/Microsoft.PowerShell_profile.ps1"),
        (
            {
                "USERPROFILE": "{home}/Ann",
                "PSModulePath": "{home}/Ann/OneDrive/Documents/WindowsPowerShell/Modules;/Program Files/x/Modules",
            },
            "Ann/OneDrive/Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1",
        ),
        (
            {"USERPROFILE": "{home}/Ann", "PSModulePath": "/Program Files/WindowsPowerShell/Modules"},
            "Ann/Documents/PowerShell/Microsoft.PowerShell_profile.ps1",
        ),
    ],
)
def test_profile_of_powershell_is_found(user: User, home: Path, variables: dict[str, str], profile: str) -> None:
    """It is the file of the variable, or the one of the edition on Windows, which sets USERPROFILE."""
    environ = {name: value.format(home=home) for name, value in variables.items()}
    environ["XDG_DATA_HOME"] = str(home / "Ann's")
    assert user.types("completion", "powershell", "--install", **environ).code == 0
    script = f"{home}/Ann''s/sostrades/sostrades.ps1"
    assert f"if (Test-Path -LiteralPath '{script}') {{ . '{script}' }}" in (home / profile).read_text().splitlines()


def test_options_exclude_each_other(user: User, home: Path) -> None:
    assert user.types("completion", "bash", "--install", "--uninstall").code == 2
    missing = user.types("completion")
    assert missing.code == 2
    assert "bash, fish, powershell, zsh" in missing.err
    assert files(home) == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ("[profiles\n", {}),
        ("profiles = 3\n", {}),
        ("", {"SOSTRADES_PROFILE": "tset"}),
        ("", {"SOSTRADES_FORMAT": "xml"}),
        ("", {"SOSTRADES_HOST": "no address"}),
    ],
)
def test_script_is_printed_despite_invalid_settings(user: User, shell: str, text: str, environ: dict[str, str]) -> None:
    """Startup files print the script: it must not fail."""
    (user.folder / "config").mkdir()
    (user.folder / "config" / "config.toml").write_text(text)
    done = user.types("completion", shell, **environ)
    assert (done.code, done.out, done.err) == (0, script_of(shell), "")
    assert user.types("alias", "list", **environ).code == 2
