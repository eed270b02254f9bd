"""Test the output of `sostrades stub` and `sostrades demo` on a terminal and in a pipe."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import Terminal, slow

from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root, this_runtime
from sostrades_cli.operations.stub import paste_lines, require_free_port
from sostrades_cli.operations.tour import STEPS, tour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = "5a6b7c8d9eafb0c1d2e3f4051627384a"


class InterruptedStream(Terminal):
    """A stream whose reader presses Ctrl-C at the first line, after something else."""

    interrupted = False

    def __init__(self, *, tty: bool, before: Callable[[str], object]) -> None:
        super().__init__(tty=tty)
        self.before = before

    def flush(self) -> None:
        """Flush, and raise the interrupt once there is a line."""
        super().flush()
        line = self.buffer.getvalue()  # type: ignore[attr-defined]
        # Once only: the garbage collector flushes too, and Python 3.13 reports an error in that.
        if not self.interrupted and b"\n" in line:
            self.interrupted = True
            self.before(line.decode())
            raise KeyboardInterrupt


def serve(
    *arguments: str, tty: bool, environ: Mapping[str, str] | None = None, before: Callable[[str], object] = len
) -> tuple[str, str]:
    """Run the stub until it has printed a line. Return both streams."""
    out, err = InterruptedStream(tty=tty, before=before), Terminal(tty=tty)
    runtime = this_runtime()._replace(stdin=Terminal(), stdout=out, stderr=err, environ=environ or {})
    assert framework.run(root, Invocation(runtime, ["stub", *arguments])) == 130
    return out.buffer.getvalue().decode(), err.written  # type: ignore[attr-defined]


@pytest.mark.parametrize("arguments", [[], ["-o", "-"]])
def test_terminal_gets_two_lines_to_paste(arguments: list[str]) -> None:
    out, err = serve(*arguments, tty=True, environ={"NO_COLOR": "1"})
    host, key = out.splitlines()
    assert host.startswith("export SOSTRADES_HOST=http://127.0.0.1:")
    assert key == f"export SOSTRADES_API_KEY={KEY}"
    assert "paste" in err
    assert "Ctrl-C" in err


@pytest.mark.parametrize("tty", [False, True])
def test_env_prints_the_lines_only(tty: bool) -> None:
    out, err = serve("--env", tty=tty, environ={"NO_COLOR": "1"})
    assert [line.partition("=")[0] for line in out.splitlines()] == [
        "export SOSTRADES_HOST",
        "export SOSTRADES_API_KEY",
    ]
    assert "paste" not in err


@pytest.mark.parametrize(
    ("arguments", "state"), [slow([], "on"), (["--ontology", "off"], "off"), slow(["--ontology", "down"], "down")]
)
def test_ontology_service_has_the_given_state(arguments: list[str], state: str) -> None:
    recorded: list[str] = []

    def look(line: str) -> None:
        recorded.append(httpx.get(f"{json.loads(line)['url']}/stub/ontology").json()["state"])

    serve(*arguments, tty=False, before=look)
    assert recorded == [state]


def test_pipe_gets_one_json_object() -> None:
    out, _ = serve(tty=False)
    assert set(json.loads(out)) == {"url", "key", "user_key", "studies"}


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, "export SOSTRADES_HOST=http://127.0.0.1:1"),
        ({"SHELL": "/bin/zsh"}, "export SOSTRADES_HOST=http://127.0.0.1:1"),
        ({"PSModulePath": "x"}, '$env:SOSTRADES_HOST = "http://127.0.0.1:1"'),
        ({"PSModulePath": "x", "MSYSTEM": "MINGW64"}, "export SOSTRADES_HOST=http://127.0.0.1:1"),
    ],
)
def test_lines_are_those_of_the_shell(environ: dict[str, str], line: str) -> None:
    assert paste_lines("http://127.0.0.1:1", "k", environ).splitlines()[0] == line


def test_port_in_use_is_a_usage_error() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        out, err = Terminal(), Terminal()
        runtime = this_runtime()._replace(stdin=Terminal(), stdout=out, stderr=err, environ={})
        assert framework.run(root, Invocation(runtime, ["stub", "--port", str(port)])) == 2
    assert str(port) in err.written
    assert "--port" in err.written
    require_free_port(0)


@pytest.mark.slow  # it starts a process for every step
def test_tour_pauses_between_steps_and_announces_the_next() -> None:
    output = bytearray()
    pauses: list[int] = []

    def pause() -> None:
        pauses.append(output.count(b"$ sostrades "))

    for chunk in tour("documented", {"PATH": "/usr/bin:/bin", "NO_COLOR": "1"}, pause):
        output += chunk
    assert pauses == list(range(1, len(STEPS)))
    text = output.decode()
    assert all(f"$ sostrades {step.line}\n" in text for step in STEPS)
    end = text.partition(f"# {len(STEPS)} steps")[2]
    assert {"sostrades stub", "sostrades auth login", "sostrades --help"} <= {
        known for known in ("sostrades stub", "sostrades auth login", "sostrades --help") if known in end
    }
