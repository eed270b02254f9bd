"""The guided tour: runs this program against a stub, and passes its output on."""

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

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

SPEED: Final = 4.0
GAMMA: Final = "dice.Macro.gamma"
TABLE: Final = "dice.Macro.population"


@dataclass(frozen=True, slots=True)
class TourStep:
    """A command line, and a check of its output and of the working folder."""

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


def tour(behaviour: str, environ: Mapping[str, str]) -> Generator[bytes, None, None]:
    """Start a stub and yield the output of the tour as it arrives.

    Raises
    ------
    SostradesError
        A step failed, or its output is not the expected one.

    """
    from server_stub.server import running  # noqa: PLC0415 - the extra may be missing
    from server_stub.worlds import build_world  # noqa: PLC0415

    world = build_world("demo", server=behaviour, speed=SPEED)
    with running(world) as url, tempfile.TemporaryDirectory(prefix="sostrades-demo-") as folder:
        yield from _steps({**environ, **_settings(url, world.key, folder)}, Path(folder))


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


def _steps(environ: Mapping[str, str], folder: Path) -> Iterator[bytes]:
    yield f"# a stub listens on {environ['SOSTRADES_HOST']}, runs are {SPEED:g} times as fast as usual\n".encode()
    for step in STEPS:
        yield f"\n$ sostrades {step.line}\n".encode()
        # The same interpreter and package, not another installation in PATH.
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
            raise SostradesError(f"the step did not do what it says: sostrades {step.line} (exit {process.returncode})")
    yield f"\n# {len(STEPS)} steps, each did what it says\n".encode()
