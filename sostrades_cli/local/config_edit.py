"""Editing config.toml: the editor gets a draft, which replaces the file only if every setting in it is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import FileConflict, InvalidSetting
from sostrades_cli.files.atomic import atomic, beforehand
from sostrades_cli.local.aliases import alias_faults
from sostrades_cli.local.config_file import check_writable, line_in, parsed_config, writing
from sostrades_cli.local.settings import STORED, Flags, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders

# With the ending of TOML, so that editors colour it.
DRAFT: Final = "config.draft.toml"
# The editor starts with this text if there is no config.toml yet.
_NEW: Final = b"""\
# Settings of sostrades. Remove the # in front of a line to use it.

[profiles.default]
# host = "https://corp.example/sostrades"
# format = "json"
"""


class EditedConfig(NamedTuple):
    """config.toml, and whether it changed."""

    path: Path
    is_changed: bool


def edit_config(
    folders: Folders, edit: Callable[[Path], None], edits_again: Callable[[InvalidSetting], bool]
) -> EditedConfig:
    """Let the user edit config.toml. ``edits_again`` is asked after each invalid text.

    A draft that is not valid is kept, and opened by the next call.

    Raises
    ------
    InvalidSetting
        The text is invalid; the message has the line, and config.toml is unchanged.
    FileConflict
        Another program changed config.toml in the meantime.
    UsageError
        The editor does not start, or nothing can be written.

    """
    check_writable(folders)
    path, draft = folders.config / "config.toml", folders.config / DRAFT
    before = _content(path)
    original = _NEW if before is None else before
    if not draft.is_file():
        with beforehand(), atomic(draft, private=True) as file:
            file.write(original)
    try:
        _edit_until_valid(draft, edit, edits_again)
    finally:
        # The editor may have removed it.
        is_left = draft.is_file()
        is_changed = is_left and draft.read_bytes() != original
        if is_left and not is_changed:
            draft.unlink()
    if is_changed:
        with writing(folders):
            _replace(path, before, draft)
    return EditedConfig(path, is_changed)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _replace(path: Path, before: bytes | None, draft: Path) -> None:
    """Replace config.toml by the draft, unless it changed in the meantime."""
    if _content(path) != before:
        raise FileConflict(
            f"{path} was changed while you edited it, so it was not replaced",
            hint=f"your text is in {draft}: compare the two files, then run `sostrades config edit` again",
        )
    with beforehand(), atomic(path, private=True, named=True) as file:
        file.write(draft.read_bytes())
    draft.unlink()


def _edit_until_valid(draft: Path, edit: Callable[[Path], None], edits_again: Callable[[InvalidSetting], bool]) -> None:
    while True:
        edit(draft)
        try:
            _check(draft)
        except InvalidSetting as error:
            if not edits_again(error):
                error.add_detail("config.toml is unchanged")
                error.hint = f"run `sostrades config edit` to continue, or remove {draft}"
                raise
        else:
            return


def _check(draft: Path) -> None:
    """Check every setting and alias of every profile."""
    content = draft.read_bytes()
    config = parsed_config(content, draft)
    profiles = config.get("profiles", {})
    for name, table in profiles.items() if isinstance(profiles, dict) else ():
        faults = alias_faults(config, name)
        if faults:
            raise faults[0]
        for key in STORED if isinstance(table, dict) else ():
            _check_setting(draft, content.decode("utf-8-sig"), name, table, key)


def _check_setting(draft: Path, text: str, profile: str, table: Mapping[str, object], key: str) -> None:
    """Check one setting of a profile, so that its line is known."""
    if key not in table:
        return
    # Whether a host without TLS is valid depends on this other setting.
    related = {name: table[name] for name in ("allow_http", key) if name in table}
    try:
        resolve(Flags(profile=profile), {}, {"profiles": {profile: related}})
    except InvalidSetting as error:
        line = line_in(text, profile, key)
        raise InvalidSetting(f"{draft}{f', line {line}' if line else ''}: {error.message}", hint=error.hint) from error
