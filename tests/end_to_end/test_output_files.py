"""`-o` with the names of open files, in a real shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file


@pytest.mark.slow
def test_open_files_are_written_on(shell: Shell) -> None:
    """What a shell has opened goes on where it stands, is not replaced, and needs no --overwrite."""
    script = """
    { echo first; sostrades param get 21 Macro.gamma -o /dev/stdout; echo last; } > out
    { echo first; sostrades param get 21 Macro.gamma -q -o /dev/fd/3; echo last >&3; } 3> three
    sostrades param get 21 Macro.gamma -q -o /dev/stderr 2> two
    sostrades param get 21 Macro.gamma -q -o >(cat > four); wait $!
    sostrades study load 21 -q -o /dev/stdout | head -1
    """
    done = shell.runs(script)
    assert (done.returncode, done.stderr) == (0, "")
    texts = [(shell.folder / name).read_text() for name in ("out", "three", "two", "four")]
    assert texts == ["first\n0.3\nlast\n", "0.3\nlast\n", "0.3\n", "0.3\n"]
    assert done.stdout.splitlines()[-1].startswith("parameter\t")
