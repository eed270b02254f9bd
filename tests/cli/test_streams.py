"""Test the standard streams of the process, including the behaviour of Windows as far as other systems can show it."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.cli.streams import WindowsPipe, exact_input, exact_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXT = "café ☃\nnext\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        os.close(descriptor)


def as_on_windows(descriptor: int, environ: Mapping[str, str]) -> io.TextIOBase:
    """Return the output of a process whose streams are opened as on Windows."""
    stream = open(descriptor, "w", encoding="cp1252", newline="\r\n", closefd=False)  # noqa: SIM115 - a descriptor
    return exact_output(stream, environ, windows=True)  # type: ignore[return-value] # a text file


@pytest.mark.parametrize(
    ("environ", "content"),
    [
        ({}, TEXT.encode()),
        ({"PYTHONIOENCODING": "cp1252"}, b"caf\xe9 \\u2603\nnext\n"),
    ],
)
def test_pipe_on_windows_has_exact_lines_in_utf_8(
    pipe: tuple[int, int], environ: dict[str, str], content: bytes
) -> None:
    output = as_on_windows(pipe[1], environ)
    output.write(TEXT)
    output.flush()
    assert os.read(pipe[0], 100) == content


def test_bytes_and_strings_keep_their_order(pipe: tuple[int, int]) -> None:
    output = as_on_windows(pipe[1], {})
    output.write("1\n")
    output.flush()
    output.buffer.write(b"2\n")  # type: ignore[attr-defined] # a text file over bytes
    output.flush()
    assert os.read(pipe[0], 100) == b"1\n2\n"


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="only Linux has a descriptor that refuses a write in this way")
def test_invalid_argument_of_a_closed_pipe_is_a_broken_pipe() -> None:
    """Windows raises this error if the reader has closed the pipe."""
    with WindowsPipe(os.eventfd(0), "wb") as output, pytest.raises(BrokenPipeError):
        output.write(b"x")


def test_other_write_errors_are_unchanged(pipe: tuple[int, int]) -> None:
    output = WindowsPipe(pipe[1], "wb", closefd=False)
    os.set_blocking(pipe[1], False)
    with open(os.devnull, "rb") as null:  # noqa: PTH123 - not a file of ours
        os.dup2(null.fileno(), pipe[1])
    with pytest.raises(OSError, match="descriptor") as caught:
        output.write(b"x")
    assert not isinstance(caught.value, BrokenPipeError)


@pytest.mark.parametrize(
    ("environ", "windows", "read"),
    [
        ({}, True, "\ufeffcafé"),
        ({"PYTHONIOENCODING": "cp1252"}, True, "ï»¿cafÃ©"),
        ({}, False, "ï»¿cafÃ©"),
    ],
)
def test_piped_input_is_utf_8_on_windows(environ: dict[str, str], windows: bool, read: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO("\ufeffcafé".encode()), encoding="cp1252")
    assert exact_input(stream, environ, windows=windows).read() == read


def test_other_systems_keep_their_encoding() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert exact_output(stream, {}, windows=False) is stream
    stream.write(TEXT)
    stream.flush()
    assert stream.buffer.getvalue() == b"caf\\xe9 \\u2603\nnext\n"  # type: ignore[attr-defined] # in memory


def test_terminal_of_windows_is_unchanged() -> None:
    class Console(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    console = Console(io.BytesIO(), encoding="utf-8")
    assert exact_output(console, {}, windows=True) is console
    assert sys.stdout is not console


SIGNS = "✓ dice · 0.3 → 0.25 … é"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("on_terminal", [True, False])
def test_signs_in_messages_have_ascii_forms(encoding: str, on_terminal: bool) -> None:
    class Screen(io.TextIOWrapper):
        def isatty(self) -> bool:
            return on_terminal

    stream = Screen(io.BytesIO(), encoding=encoding)
    exact_output(stream, {}, messages=not on_terminal, windows=False).write(SIGNS)
    stream.flush()
    written = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined] # in memory
    assert written.startswith("+ dice")
    assert "0.3 -> 0.25" in written
    assert "\\u2" not in written


def test_values_in_a_pipe_keep_their_codes() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    exact_output(stream, {}, windows=False).write("→")
    stream.flush()
    assert stream.buffer.getvalue() == b"\\u2192"  # type: ignore[attr-defined] # in memory
