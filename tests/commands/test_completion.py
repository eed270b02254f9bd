"""`sostrades completion`: the script, and its place in a home."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.completion.shell_scripts import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User


@pytest.fixture
def home(user: User, tmp_path: Path) -> Path:
    """Give the user an empty home."""
    folder = tmp_path / "home"
    folder.mkdir()
    user.environ["HOME"] = str(folder)
    user.environ["SOSTRADES_HOST"] = ""
    return folder


def states(user: User, shell: str, option: str = "--status") -> list[str]:
    """Return the states of what a shell needs."""
    done = user.types("completion", shell, option, "-F", "json")
    assert (done.code, done.err) == (0, "")
    return [part["state"] for part in json.loads(done.out)]


def files(folder: Path) -> list[str]:
    """Return the files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed(user: User, home: Path, shell: str) -> None:
    """Without an option the script goes to standard output, as the shell shall read it; no address is needed."""
    done = user.types("completion", shell)
    assert (done.code, done.out, done.err) == (0, SCRIPTS[shell], "")
    assert files(home) == []


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", [".bashrc", ".local/share/bash-completion/completions/sostrades"]),
        ("zsh", [".local/share/sostrades/_sostrades", ".zshrc"]),
        ("fish", [".config/fish/completions/sostrades.fish"]),
    ],
)
def test_it_is_installed_and_taken_away(user: User, home: Path, shell: str, expected: list[str]) -> None:
    """`--install` writes the script where the shell finds it, twice is as once, `--uninstall` leaves nothing of it."""
    assert set(states(user, shell)) == {"absent"}
    assert set(states(user, shell, "--install")) == {"current"}
    assert files(home) == expected
    before = {name: (home / name).read_bytes() for name in expected}
    assert set(states(user, shell, "--install")) == {"current"}
    assert {name: (home / name).read_bytes() for name in expected} == before
    assert all((home / name).stat().st_mode & 0o777 == 0o600 for name in expected)
    assert set(states(user, shell, "--uninstall")) == {"absent"}
    assert "".join((home / name).read_text() for name in files(home)) == ""
    assert set(states(user, shell, "--uninstall")) == {"absent"}


@pytest.mark.parametrize("content", [b"export A=1\n", b"export A=1", b"", b"caf\xe9 # latin-1\r\n", b"a\n\n\n"])
def test_a_startup_file_keeps_all_that_is_in_it(user: User, home: Path, content: bytes) -> None:
    """What else stands in .bashrc stays, byte for byte, and so do its permissions; a link stays a link."""
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


def test_an_old_script_is_told(user: User, home: Path) -> None:
    """A script of another version is outdated, and --install makes it current."""
    states(user, "fish", "--install")
    (home / ".config/fish/completions/sostrades.fish").write_text("# old\n")
    assert states(user, "fish") == ["outdated"]
    assert states(user, "fish", "--install") == ["current"]


def test_a_home_that_cannot_be_written_is_a_clear_error(user: User, home: Path) -> None:
    """A file where a folder belongs is exit 2, and the startup file is as it was."""
    (home / ".local").write_text("a file")
    (home / ".bashrc").write_text("export A=1\n")
    done = user.types("completion", "bash", "--install")
    assert done.code == 2
    assert str(home / ".local") in done.err
    assert (home / ".bashrc").read_text() == "export A=1\n"


def test_folders_of_the_environment_are_kept_to(user: User, home: Path) -> None:
    """XDG_DATA_HOME, XDG_CONFIG_HOME and ZDOTDIR move the files."""
    for shell in SCRIPTS:
        places = {name: str(home / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR")}
        (home / "ZDOTDIR").mkdir(exist_ok=True)
        assert user.types("completion", shell, "--install", **places).code == 0
    assert files(home) == [
        ".bashrc",
        "XDG_CONFIG_HOME/fish/completions/sostrades.fish",
        "XDG_DATA_HOME/bash-completion/completions/sostrades",
        "XDG_DATA_HOME/sostrades/_sostrades",
        "ZDOTDIR/.zshrc",
    ]


def test_two_wishes_at_once_are_refused(user: User, home: Path) -> None:
    """--install and --uninstall exclude each other, a shell must be named, and nothing is written."""
    assert user.types("completion", "bash", "--install", "--uninstall").code == 2
    missing = user.types("completion")
    assert missing.code == 2
    assert "Choose from: bash, fish, zsh" in missing.err
    assert files(home) == []


@pytest.mark.parametrize("shell", SCRIPTS)
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
def test_a_script_needs_no_settings(user: User, shell: str, text: str, environ: dict[str, str]) -> None:
    """Settings that cannot be used keep no shell from its script, and its startup file from complaining."""
    (user.folder / "config").mkdir()
    (user.folder / "config" / "config.toml").write_text(text)
    done = user.types("completion", shell, **environ)
    assert (done.code, done.out, done.err) == (0, SCRIPTS[shell], "")
    assert user.types("alias", "list", **environ).code == 2
