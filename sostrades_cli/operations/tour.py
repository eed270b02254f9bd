"""Run the guided tour: this program against a stub, with its output passed on."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import SostradesError
from sostrades_cli.optional_deps import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

SPEED: Final = 4.0
GAMMA: Final = "Macro.gamma"
TABLE: Final = "Macro.population"


@dataclass(frozen=True, slots=True)
class TourStep:
    """A command line with its purpose, and a check of its output and of the working folder."""

    purpose: str
    line: str
    holds: Callable[[str, Path], bool]


STEPS: Final = (
    TourStep("Check the API key", "auth status", lambda out, _: "accepted" in out),
    TourStep("Show some parameters of study 21", "study load 21 --match '*.Macro.*'", lambda out, _: GAMMA in out),
    TourStep("List inputs and outputs", "param list 21 --match Damage", lambda out, _: "Damage" in out),
    TourStep(
        "Download a table",
        f"param download 21 {TABLE} -o population.csv",
        lambda _, folder: (folder / "population.csv").stat().st_size > 0,
    ),
    TourStep("Change a parameter", f"param set 21 {GAMMA}=0.25", lambda out, _: "0.25" in out),
    TourStep("Read it back", f"param get 21 {GAMMA}", lambda out, _: out.strip() == "0.25"),
    TourStep("Run the study and watch it", "calc run 21", lambda out, _: "FINISHED" in out),
    TourStep("List the charts", "postproc list 21", lambda out, _: "Emissions" in out),
    TourStep("Draw a chart", "postproc show 21 'Emissions and price'", lambda out, _: "CO2 [Gt]" in out),
    TourStep(
        "Save all charts as a web page",
        "postproc html 21 -o page.html",
        lambda _, folder: b"plotly" in (folder / "page.html").read_bytes(),
    ),
    TourStep("Show the state of the run", "calc status 21", lambda out, _: "FINISHED" in out),
)
_NEXT: Final = """
What to try next:
  sostrades stub                     run the stub, and type these commands
  sostrades auth login --host URL    log in to your own server
  sostrades --help                   see all commands
"""


def tour(
    behaviour: str, environ: Mapping[str, str], pause: Callable[[], object] | None = None
) -> Generator[bytes, None, None]:
    """Start a stub and yield the output of the tour as it arrives. ``pause`` is called between two steps.

    Raises
    ------
    SostradesError
        A step failed, or its output is not as expected.

    """
    from server_stub.server import running
    from server_stub.worlds import build_world

    world = build_world("demo", server=behaviour, speed=SPEED)
    with running(world) as url, tempfile.TemporaryDirectory(prefix="sostrades-demo-") as folder:
        yield from _steps({**environ, **_settings(url, world.key, folder)}, Path(folder), pause)


def _settings(url: str, key: str, folder: str) -> dict[str, str]:
    """Return environment variables that keep the tour apart from the user's files and settings."""
    own = {f"SOSTRADES_{name}_DIR": f"{folder}/.{name.lower()}" for name in ("CONFIG", "CACHE", "STATE")}
    columns, lines = shutil.get_terminal_size()
    return {
        "SOSTRADES_HOST": url,
        "SOSTRADES_API_KEY": key,
        "SOSTRADES_PROFILE": "default",
        # The steps write into a pipe, where the default format is tsv, but the tour is for people.
        "SOSTRADES_FORMAT": "table",
        "COLUMNS": str(columns),
        "LINES": str(lines),
        **own,
    }


def _steps(environ: Mapping[str, str], folder: Path, pause: Callable[[], object] | None) -> Iterator[bytes]:
    yield f"# A stub server runs on {environ['SOSTRADES_HOST']}, at {SPEED:g} times the normal speed.\n".encode()
    for number, step in enumerate(STEPS, start=1):
        if pause is not None and number > 1:
            pause()
        yield f"\n# {number}/{len(STEPS)} {step.purpose}\n$ sostrades {step.line}\n".encode()
        yield from _step(step, environ, folder)
    yield f"\n# {len(STEPS)} steps done: each gave the expected result.\n{_NEXT}".encode()


def _step(step: TourStep, environ: Mapping[str, str], folder: Path) -> Iterator[bytes]:
    # This interpreter and package are used, not another installation in PATH.
    arguments = [sys.executable, "-m", "sostrades_cli", *shlex.split(step.line)]
    output = b""
    with (
        subprocess.Popen(  # noqa: S603 - this program, with the arguments of the table above
            arguments, env=dict(environ), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
        contextlib.ExitStack() as interrupted,
    ):
        interrupted.callback(process.terminate)
        for line in process.stdout or ():
            output += line
            yield line
        interrupted.pop_all()  # the process has ended, so there is nothing to terminate
    if process.returncode != 0 or not step.holds(output.decode("utf-8", "replace"), folder):
        raise SostradesError(
            f"this step of the tour failed: sostrades {step.line} (exit {process.returncode})",
            hint=f"report the output above: {repository()}",
        )
