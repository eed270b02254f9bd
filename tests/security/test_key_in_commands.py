"""Search for the key in everything that commands leave behind: streams, files, addresses."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest
from conftest import HOST, slow
from reference.command_tree import COMMANDS, parsed
from reference.shell import COLLEAGUE, shell_of
from reference.standing import SERVES, SLOW, prepare
from security.searching import E_MAIL, Search, Wire

from sostrades_cli.local.config_file import Folders, store
from sostrades_cli.local.credential import Credential
from sostrades_cli.local.key_files import StoredKeys
from sostrades_cli.local.keyring_entry import KeyringEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

MANNERS = [(), ("-v",), ("--debug",), ("-F", "json"), ("-v", "--debug", "-F", "json")]
LOUDEST = ("-v", "--debug")
FIRST = [(path, command.examples[0]) for path, command in COMMANDS.items() if path != SERVES and command.examples]
ALL = [(path, example) for path, command in COMMANDS.items() if path != SERVES for example in command.examples]
# What a source gives: the key, other texts with the key in them, nothing.
CONTENTS = ["KEY", "KEY\nKEY KEY", "'KEY'", "KEY KEY", "KEYé", ""]
NO_KEY = "0123456789abcdef" * 2


def as_environment(user: User) -> None:
    """Keep the key in SOSTRADES_API_KEY."""


def as_keyring(user: User) -> None:
    """Move the key into the keyring."""
    user.keyring.stored["default", HOST] = user.environ.pop("SOSTRADES_API_KEY")


def as_member(user: User) -> None:
    """Use the key of a group with the e-mail of a member."""
    user.environ["SOSTRADES_API_KEY"] = f"{user.world.key}:{E_MAIL}"


def as_base64(user: User) -> None:
    """Give the key in its base64 form."""
    user.environ["SOSTRADES_API_KEY"] = Credential(user.world.key, "").forms()[1]


def as_file(user: User) -> None:
    """Move the key into the file of a secret."""
    (user.folder / "secret").write_text(user.environ.pop("SOSTRADES_API_KEY"), encoding="utf-8")
    user.environ["SOSTRADES_API_KEY_FILE"] = str(user.folder / "secret")


def as_command(user: User) -> None:
    """Let a command print the key, and repeat it on standard error."""
    as_file(user)
    file = user.environ.pop("SOSTRADES_API_KEY_FILE")
    store(Folders(user.environ), "default", "key_command", f"sh -c 'cat {file} >&2; cat {file}'")


def searched(
    user: User, folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, manner: tuple[str, ...], kept: object
) -> Search:
    """Run an example with more options, and search all of its output."""
    folder.mkdir(parents=True)
    temporary = folder / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    shell = shell_of(user, folder / "work", monkeypatch)
    kept(user)  # type: ignore[operator] # one of the functions above
    search = Search(user.world.key)
    assert user.transport is not None
    user.transport = Wire(user.transport, search, temporary)
    prepare(shell, line)
    if parsed(line).pipe and not manner:
        search.outcome(shell.types(line), line)
    done = shell.types(line, *manner)
    assert not any(odd in done.err for odd in ("a bug in sostrades", "cannot write the result")), done.err
    search.outcome(done, f"{line} {' '.join(manner)}")
    search.below(folder, "key.txt")
    for words, variables in user.programs:
        search.within(repr((words, variables)), f"a program of {line}")
    search.within(repr(user.opened), f"what {line} opened")
    return search


@pytest.mark.slow
def test_no_command_prints_the_key(
    user_of: Callable[..., User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorized = 0
    for number, (path, line) in enumerate(FIRST):
        if line in SLOW:
            continue
        user = user_of()
        search = searched(user, tmp_path / str(number), monkeypatch, line, LOUDEST, as_environment)
        assert search.findings == [], path
        authorized += user.transport.authorized > 0  # type: ignore[union-attr] # the wire
    assert authorized > len(FIRST) // 2


@pytest.mark.parametrize("source", ["SOSTRADES_API_KEY_FILE", "key_command", "keys.json"])
@pytest.mark.parametrize(
    ("manner", "contents"),
    [(LOUDEST, ["KEY\nKEY KEY"]), *(slow(manner, CONTENTS) for manner in (LOUDEST, *MANNERS))],
)
def test_no_source_leaves_the_key_anywhere(
    user_of: Callable[..., User], source: str, manner: tuple[str, ...], contents: list[str], tmp_path: Path
) -> None:
    """Whether the source works, fails, or gives too much: no stream and no file has the key, not even a traceback."""
    user = user_of()
    search = Search(user.world.key)
    key, secret = user.environ.pop("SOSTRADES_API_KEY"), tmp_path / "secret"
    lines = [
        ("calc", "status", "21"),
        ("auth", "status"),
        ("config", "explain", "key"),
        ("config", "list"),
        ("doctor",),
    ]
    lines += [("param", "set", "21", "Macro.gamma=0.4"), ("param", "history", "21"), ("auth", "logout")]
    for content in (pattern.replace("KEY", key) for pattern in contents):
        secret.write_text(content, encoding="utf-8")
        if source == "SOSTRADES_API_KEY_FILE":
            user.environ[source] = str(secret)
        elif source == "key_command":
            store(
                Folders(user.environ), "default", "key_command", f"sh -c 'cat {secret} >&2; cat {secret}; exit $CODE'"
            )
        for number, line in enumerate(lines):
            if source == "keys.json":
                user.keyring.stored.clear()
                StoredKeys(Folders(user.environ)).put(KeyringEntry("default", HOST), content or key)
            bundle = ("--bundle", str(tmp_path / f"{number}.zip"), "--overwrite") if line == ("doctor",) else ()
            for code in ("0", "3") if source == "key_command" else ("0",):
                search.outcome(user.types(*line, *bundle, *manner, CODE=code), " ".join(line))
    search.below(tmp_path, "secret", "keys.json")
    assert search.findings == []


@pytest.mark.slow
@pytest.mark.parametrize("kept", [as_environment, as_keyring, as_member, as_base64, as_file, as_command])
@pytest.mark.parametrize("manner", MANNERS, ids=" ".join)
def test_no_example_prints_the_key(
    user_of: Callable[..., User],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept: Callable[[User], None],
    manner: tuple[str, ...],
) -> None:
    for number, (path, line) in enumerate(ALL):
        if "--as png" in line and not shutil.which("chromium"):
            continue
        if line.startswith("sostrades demo") and manner:
            continue  # a server and processes of its own, once is enough
        if "-F" in manner and "json" not in COMMANDS[path].options.formats:
            continue
        search = searched(user_of(), tmp_path / str(number), monkeypatch, line, manner, kept)
        assert search.findings == [], line


def test_search_finds_an_existing_key(tmp_path: Path) -> None:
    """A search that finds nothing would prove nothing."""
    assert E_MAIL == COLLEAGUE
    search = Search(NO_KEY)
    (tmp_path / "a.txt").write_text(Credential(f"{NO_KEY}:{E_MAIL}", "").forms()[0], encoding="utf-8")
    search.below(tmp_path)
    assert search.findings
    search.findings.clear()
    search.within(f"x{NO_KEY[16:]}y", "a text")
    assert search.findings
