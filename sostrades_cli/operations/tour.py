"""The guided tour: real processes of this program against a stub, their output passed on as it comes."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SPEED: Final = 4.0
GAMMA: Final = "dice.Macro.gamma"
TABLE: Final = "dice.Macro.population"


@dataclass(frozen=True, slots=True)
class TourStep:
    """A command line, and what must be true of its output and of the folder afterwards."""

    line: str
    holds: Callable[[str, Path], bool]


STEPS: Final = (
    TourStep("auth status", lambda out, _: "accepted" in out),
    TourStep("study load 21 --match '*.Macro.*'", lambda out, _: GAMMA in out),
    TourStep("param list 21 --match Damage", lambda out, _: "Damage" in out),
    TourStep(
        f"param download 21 {TABLE} -o population.csv", lambda _, folder: (folder / "population.csv").stat().st_size > 0
    ),
    TourStep(f"param set 21 {GAMMA}=0.25", lambda out, _: "0.25" in out),
    TourStep(f"param get 21 {GAMMA}", lambda out, _: out.strip() == "0.25"),
    TourStep("calc run 21", lambda out, _: "FINISHED" in out),
    TourStep("postproc list 21", lambda out, _: "Emissions" in out),
    TourStep("postproc show 21 'Emissions and price'", lambda out, _: "CO2 [Gt]" in out),
    TourStep("postproc html 21 -o page.html", lambda _, folder: b"plotly" in (folder / "page.html").read_bytes()),
    TourStep("calc status 21", lambda out, _: "FINISHED" in out),
)


@contextlib.contextmanager
def tour(behaviour: str, environ: Mapping[str, str], *, on_terminal: bool) -> Iterator[Iterator[bytes]]:
    """Start a stub and yield the output of the tour, piece by piece.

    Raises
    ------
    SostradesError
        A step did not do what it says.

    """
    from server_stub.serving import running  # noqa: PLC0415 - the extra may be missing
    from server_stub.worlds import build_world  # noqa: PLC0415

    world = build_world("demo", server=behaviour, speed=SPEED)
    with running(world) as url, tempfile.TemporaryDirectory(prefix="sostrades-demo-") as folder:
        yield _steps({**environ, **_settings(url, world.key, folder)}, Path(folder), on_terminal=on_terminal)


def _settings(url: str, key: str, folder: str) -> dict[str, str]:
    """Return an environment in which the tour touches nothing of the user's."""
    own = {f"SOSTRADES_{name}_DIR": f"{folder}/.{name.lower()}" for name in ("CONFIG", "CACHE", "STATE")}
    return {
        "SOSTRADES_HOST": url,
        "SOSTRADES_API_KEY": key,
        "SOSTRADES_PROFILE": "default",
        "SOSTRADES_FORMAT": "",
        **own,
    }


def _steps(environ: Mapping[str, str], folder: Path, *, on_terminal: bool) -> Iterator[bytes]:
    yield f"# a stub listens on {environ['SOSTRADES_HOST']}, runs are {SPEED:g} times as fast as usual\n".encode()
    for step in STEPS:
        yield f"\n$ sostrades {step.line}\n".encode()
        arguments = [sys.executable, "-m", "sostrades_cli", *shlex.split(step.line)]
        run = _in_terminal if on_terminal else _in_pipe
        output = b""
        with run(arguments, environ, folder) as (process, chunks):
            for chunk in chunks:
                output += chunk
                yield chunk
            code = process.wait()
        if code != 0 or not step.holds(output.decode("utf-8", "replace"), folder):
            raise SostradesError(f"the step did not do what it says: sostrades {step.line} (exit {code})")
    yield f"\n# {len(STEPS)} steps, each did what it says\n".encode()


@contextlib.contextmanager
def _in_pipe(
    arguments: list[str], environ: Mapping[str, str], folder: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Iterator[bytes]]]:
    with (
        subprocess.Popen(  # noqa: S603 - this program, with the arguments of the table above
            arguments, env=dict(environ), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
        _ended(process),
    ):
        yield process, process.stdout or iter(())


@contextlib.contextmanager
def _in_terminal(
    arguments: list[str], environ: Mapping[str, str], folder: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Iterator[bytes]]]:
    """Give each command a terminal of its own, as wide as ours, so that it looks as it will look."""
    import pty  # noqa: PLC0415 - not on every platform
    import termios  # noqa: PLC0415

    ours, theirs = pty.openpty()
    with contextlib.suppress(OSError, termios.error):
        termios.tcsetwinsize(theirs, termios.tcgetwinsize(sys.stdout.fileno()))
    try:
        with (
            subprocess.Popen(  # noqa: S603 - as above
                arguments, env=dict(environ), cwd=folder, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
            ) as process,
            _ended(process),
        ):
            os.close(theirs)
            yield process, _terminal_chunks(ours)
    finally:
        os.close(ours)


def _terminal_chunks(descriptor: int) -> Iterator[bytes]:
    """Read until the other end is closed, which Linux reports as an error."""
    with contextlib.suppress(OSError):
        while chunk := os.read(descriptor, 65536):
            yield chunk


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave no process behind when the tour is interrupted."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
