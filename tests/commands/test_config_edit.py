"""Test `sostrades config edit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conftest import Outcome, User

VALID = '# mine\n[profiles.default]\nhost = "https://corp.example/api"\n'


def config_of(user: User) -> Path:
    """Return the path of config.toml."""
    return Folders(user.environ).config / "config.toml"


def put(user: User, text: str = VALID) -> Path:
    """Write config.toml."""
    file = config_of(user)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def types_texts(texts: Iterable[str], recorded: list[str] | None = None) -> Callable[[Path], object]:
    """Return an editor that saves a text each time it is opened, and records what it was given."""
    left = list(texts)

    def edit(file: Path) -> None:
        if recorded is not None:
            recorded.append(file.read_text())
        file.write_text(left.pop(0))

    return edit


def edits(user: User, *, stdin: bytes = b"", tty: bool = False) -> Outcome:
    """Type the command, with EDITOR set."""
    return user.types("config", "edit", stdin=stdin, tty=tty, EDITOR="ed")


def test_valid_text_replaces_the_file(user: User) -> None:
    file, recorded = put(user), []  # type: ignore[var-annotated]
    user.edit = types_texts([VALID.replace("mine", "ours")], recorded)
    done = edits(user)
    assert (done.code, done.out, recorded) == (0, f"{file}\n", [VALID])
    assert file.read_text() == VALID.replace("mine", "ours")
    assert [item.name for item in file.parent.iterdir() if not item.name.startswith(".")] == ["config.toml"]
    assert user.requests == []


def test_file_that_does_not_exist_begins_with_comments(user: User) -> None:
    recorded: list[str] = []
    user.edit = types_texts([VALID], recorded)
    assert edits(user).code == 0
    assert "[profiles.default]" in recorded[0]
    assert config_of(user).read_text() == VALID


def test_removed_draft_changes_nothing(user: User) -> None:
    file = put(user)
    user.edit = lambda path: path.unlink()
    done = edits(user)
    assert (done.code, done.kind, file.read_text()) == (2, "usage", VALID)
    user.edit = types_texts([VALID.replace("mine", "ours")])
    assert edits(user).code == 0


def test_unchanged_text_writes_nothing(user: User) -> None:
    assert user.prints("config", "path")["exists"] is False
    assert edits(user).code == 0
    assert not config_of(user).exists()
    file = put(user)
    time = file.stat().st_mtime_ns
    done = edits(user)
    assert (done.code, file.stat().st_mtime_ns) == (0, time)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[profiles.default\n", 1),
        ('[profiles.default]\n\nhots = "x"\n', 3),
        ('[profiles.default]\nformat = "xml"\n', 2),
        ('[profiles.other]\n# x\nhost = "http://corp.example"\n', 3),
        ("[profiles.default]\nhost = 5\n", 2),
    ],
)
def test_invalid_text_is_an_error_with_its_line(user: User, text: str, line: int) -> None:
    """The file stays as it is, and the text is there again in the next call."""
    file, recorded = put(user), []  # type: ignore[var-annotated]
    user.edit = types_texts([text])
    done = edits(user)
    assert (done.code, done.out, done.kind, file.read_text()) == (2, "", "invalid_setting", VALID)
    assert f"line {line}" in done.err
    user.edit = types_texts([VALID + "# more\n"], recorded)
    assert (edits(user).code, recorded, file.read_text()) == (0, [text], VALID + "# more\n")


def test_aliases_are_checked(user: User) -> None:
    put(user)
    user.edit = types_texts([VALID + '[profiles.default.aliases]\ndice = "x"\n'])
    done = edits(user)
    assert (done.code, "dice" in done.err) == (2, True)


@pytest.mark.parametrize("answer", [b"\n", b"y\n", b"Y\n"])
def test_invalid_text_can_be_edited_again_at_a_terminal(user: User, answer: bytes) -> None:
    file, recorded = put(user), []  # type: ignore[var-annotated]
    user.edit = types_texts(["[oops\n", VALID + "# more\n"], recorded)
    done = edits(user, stdin=answer, tty=True)
    assert (done.code, recorded, file.read_text()) == (0, [VALID, "[oops\n"], VALID + "# more\n")
    assert "line 1" in done.err


@pytest.mark.parametrize("answer", [b"n\n", b"what\n"])
def test_other_answers_end_with_the_error(user: User, answer: bytes) -> None:
    file = put(user)
    user.edit = types_texts(["oops"])
    assert edits(user, stdin=answer, tty=True).code == 2
    assert file.read_text() == VALID


def test_broken_file_can_be_repaired(user: User) -> None:
    file = put(user, "oops")
    user.edit = types_texts([VALID])
    assert (edits(user).code, file.read_text()) == (0, VALID)


def test_change_by_another_program_is_kept(user: User) -> None:
    file = put(user)
    other = VALID.replace("mine", "theirs")

    def edit(draft: Path) -> None:
        draft.write_text(VALID.replace("mine", "ours"))
        file.write_text(other)

    user.edit = edit
    done = edits(user)
    assert (done.code, done.kind, file.read_text()) == (2, "file_conflict", other)
    [draft] = file.parent.glob("*draft*")
    assert (draft.read_text(), str(draft) in done.err) == (VALID.replace("mine", "ours"), True)


def test_failed_editor_changes_nothing(user: User) -> None:
    def edit(_: Path) -> None:
        raise UsageError("ed: Editing failed", hint="set EDITOR")

    file = put(user)
    user.edit = edit
    assert (edits(user).code, file.read_text()) == (2, VALID)
    assert list(file.parent.glob("*draft*")) == []


def test_editor_without_a_terminal_must_be_named(user: User) -> None:
    done = user.types("config", "edit")
    assert (done.code, done.kind) == (2, "usage")
    assert user.types("config", "edit", VISUAL="ed").code == 0
