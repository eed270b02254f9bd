"""The command of a profile that prints the key, such as ``pass show sostrades``. Its output is never shown."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import InvalidSetting, KeySourceError
from sostrades_cli.local.server_address import checked_host
from sostrades_cli.system import in_slices, words_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

# A password manager may ask for its own password first.
KEY_COMMAND_LIMIT_S: Final = 60.0
MOST_BYTES: Final = 64 * 1024
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_RUN_IT: Final = "run the command yourself to see why: `sostrades config get key_command` shows it"


class KeyCommand(NamedTuple):
    """A ``key_command`` and the server of its profile, ``None`` if the profile has none."""

    line: str
    host: str | None


def key_command_of(table: Mapping[str, object]) -> KeyCommand | None:
    """Return the ``key_command`` of a profile with the server that it is for.

    Raises
    ------
    InvalidSetting
        The command or the address of the server is invalid.

    """
    line, host = table.get("key_command"), table.get("host")
    if line is None or line == "":
        return None
    server = checked_host(host, allow_http=True) if isinstance(host, str) and host else None
    return KeyCommand(checked_line(line, "key_command in config.toml"), server)


def checked_line(value: object, source: str) -> str:
    """Return a command that can be split into words.

    Raises
    ------
    InvalidSetting
        The value is not a text, has no words, or unbalanced quotes.

    """
    hint = 'write it as in key_command = "pass show sostrades"'
    if not isinstance(value, str):
        raise InvalidSetting(f"{source} must be a text, got {value!r}", hint=hint)
    try:
        words = words_of(value)
    except ValueError as error:
        raise InvalidSetting(f"{source}: cannot parse {value!r}: {error}", hint=hint) from error
    if not words:
        raise InvalidSetting(f"{source} is empty", hint=hint)
    return value


def text_of(content: bytes) -> str:
    """Return the text of a file or of the output of a program, without its byte order mark."""
    # PowerShell writes UTF-16 by default.
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    return content.decode(encoding, errors="replace")


def output_of(line: str, environ: Mapping[str, str], limit_s: float = KEY_COMMAND_LIMIT_S) -> str:
    """Run a command without a shell, and return the first line of its output.

    Raises
    ------
    KeySourceError
        There is no such program, it failed, printed nothing, or did not end within ``limit_s``.

    """
    name = words_of(line)[0]
    process = _started(line, environ)
    try:
        output = _read(process, limit_s)
        if output is None or not _ends(process, limit_s):
            raise _failed(name, f"it did not end within {limit_s:g} s")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise _failed(name, f"it ended with exit code {process.returncode}")
    lines = text_of(output).strip().splitlines()
    if not lines:
        raise _failed(name, "it printed nothing")
    return lines[0]


def _started(line: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    import shutil
    import subprocess

    name, *arguments = words_of(line)
    # Windows starts a script such as `key.cmd` only by its path.
    program = shutil.which(name, path=environ.get("PATH"))
    if program is None:
        raise _failed(name, "there is no such program", "correct it: `sostrades config set key_command COMMAND`")
    try:
        return subprocess.Popen(  # noqa: S603 - the user's own
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # messages may contain the key, too
            env=dict(environ),
        )
    except OSError as error:
        raise _failed(name, f"it cannot be run: {error.strerror}") from error


def _read(process: subprocess.Popen[bytes], limit_s: float) -> bytes | None:
    """Return the output of a process up to a limit, ``None`` if it does not end in time."""
    import threading

    pieces: list[bytes] = []

    def work() -> None:
        assert process.stdout is not None  # noqa: S101 - for mypy: it is a pipe
        with process.stdout as pipe:
            pieces.append(pipe.read(MOST_BYTES))

    # A process of the command may hold the pipe open for ever. A daemon thread does not keep this one alive.
    thread = threading.Thread(target=work, name="key_command", daemon=True)
    thread.start()
    for slice_s in in_slices(limit_s):
        thread.join(slice_s)
        if not thread.is_alive():
            break
    return pieces[0] if pieces else None


def _ends(process: subprocess.Popen[bytes], limit_s: float) -> bool:
    import subprocess

    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _failed(name: str, reason: str, hint: str = _RUN_IT) -> KeySourceError:
    # Without its arguments, which may be secrets, too.
    return KeySourceError(f"cannot get the API key from key_command ({name}): {reason}", hint=hint)
