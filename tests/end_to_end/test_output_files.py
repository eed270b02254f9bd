"""Test `-o` with pipes in a real shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file


@pytest.mark.slow
def test_pipes_of_a_shell_need_no_overwrite(shell: Shell) -> None:
    script = """
    sostrades param get 21 Macro.gamma -q -o >(cat > one); wait $!
    sostrades study load 21 -q -o /dev/stdout | head -1
    """
    done = shell.runs(script)
    assert (done.returncode, done.stderr) == (0, "")
    assert (shell.folder / "one").read_text() == shell.runs("sostrades param get 21 Macro.gamma").stdout
    assert done.stdout.startswith("parameter\t")


def test_redirected_file_is_not_replaced_by_its_device_name(shell: Shell) -> None:
    """Redirected standard output exists already: `-o -` writes to it."""
    done = shell.runs("{ echo first; sostrades param get 21 Macro.gamma -o /dev/stdout; echo $?; } > out")
    assert "--overwrite" in done.stderr
    assert (shell.folder / "out").read_text() == "first\n2\n"
