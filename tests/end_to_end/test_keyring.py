"""Test a real keyring: gnome-keyring on its own bus."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

UNLOCK = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
needs_keyring = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="gnome-keyring and dbus are not installed (.ci/run installs them)",
)


def _on_a_bus(shell: Shell, script: str, *, unlock: bool = True) -> tuple[int, str, str]:
    begin = f"{UNLOCK}; unset SOSTRADES_API_KEY; " if unlock else "unset SOSTRADES_API_KEY; "
    done = shell.runs(f"dbus-run-session -- bash -c '{begin}{script}'")
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@needs_keyring
def test_key_is_stored_used_and_removed(shell: Shell) -> None:
    script = (
        f"echo {shell.key} | sostrades auth login --with-key && sostrades auth status -F json && "
        "sostrades study url 21 && sostrades auth logout && sostrades study url 21"
    )
    code, out, err = _on_a_bus(shell, script)
    assert code == 4
    assert '"source": "keyring", "key": "accepted"' in out
    assert "/study/21\n" in out
    assert "sostrades auth login" in err
    assert shell.key not in out + err


@pytest.mark.slow
@needs_keyring
def test_rejected_key_is_not_stored(shell: Shell) -> None:
    script = f'echo {"0" * 32} | sostrades auth login --with-key; echo "login $?"; sostrades auth status'
    code, out, _ = _on_a_bus(shell, script)
    assert "login 4" in out
    assert (code, "absent" in out) == (4, True)


@pytest.mark.slow
@needs_keyring
def test_key_belongs_to_its_server(shell: Shell) -> None:
    other = "http://127.0.0.1:9"
    script = f"echo {shell.key} | sostrades auth login --with-key >/dev/null; sostrades study url 21 --host {other}"
    code, _, err = _on_a_bus(shell, script)
    assert code == 4
    assert f"there is no API key for {other}" in err


@pytest.mark.parametrize("backend", ["null", pytest.param("fail", marks=pytest.mark.slow)])
def test_missing_keyring_is_exit_4(shell: Shell, backend: str) -> None:
    lines = (f"echo {shell.key} | sostrades auth login --with-key", "sostrades study url 21")
    for line in lines:
        script = f"unset SOSTRADES_API_KEY DBUS_SESSION_BUS_ADDRESS; {line}"
        done = shell.runs(script, PYTHON_KEYRING_BACKEND=f"keyring.backends.{backend}.Keyring")
        assert (done.returncode, done.stdout) == (4, "")
        assert "SOSTRADES_API_KEY" in done.stderr
