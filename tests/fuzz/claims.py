"""Check the claims of a command about a change against the state of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fuzz.workspace import NAME, Typed, Workspace, changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What an error says of a change. Where it says nothing of these, nothing was sent, or it was refused.
NOT_MADE: Final = "and the change was not made"
IN_PART: Final = "and only a part of the change was made"
NOT_READ_BACK: Final = "the change was sent, but the values could not be read back"
NOT_SHOWN: Final = "but it cannot be read back"
OTHER_VALUES: Final = "does not have the values that were sent: "
BEFORE_THAT: Final = "already set and verified: "


def bear_out(
    typed: Typed, asked: Mapping[str, str], files: Iterable[str], workspace: Workspace, before: dict[str, str]
) -> str:
    """Check the claims of a change, and return its outcome: `made`, `not made` or `in doubt`.

    ``asked`` has the wanted value of each parameter as plain text. ``files`` are those sent as files.
    """
    after = workspace.stored_inputs()
    # No third state, and nothing else.
    for name, (old, new) in changed(before, after).items():
        assert name in asked, (typed, name, old, new)
        assert new == asked[name], (typed, name, old, new)
    if typed.code == 0:
        assert {name: after[name] for name in asked} == asked, typed
        return "made"
    words = typed.words
    done = _told_after(typed.error.get("detail") or "", BEFORE_THAT) & set(files)
    assert all(after[name] == asked[name] for name in done), typed
    rest = {name: value for name, value in asked.items() if name not in done}
    if NOT_READ_BACK in words or NOT_SHOWN in words:
        return "in doubt"
    if IN_PART in words:
        assert any(after[name] != value for name, value in rest.items()), typed
        return "in doubt"
    if OTHER_VALUES in words:
        missing = _told_after(typed.error["error"], OTHER_VALUES)
        assert missing, typed
        assert not [name for name in missing if after[name] == asked[name] != before[name]], typed
        return "in doubt"
    assert all(after[name] == before[name] for name in rest), typed
    return "in doubt" if done else "not made"


def _told_after(words: str, mark: str) -> set[str]:
    """Return the parameters listed after some words."""
    listed = words.partition(mark)[2].split("\n")[0]
    return {name.removeprefix(f"{NAME}.") for name in listed.split(", ")}
