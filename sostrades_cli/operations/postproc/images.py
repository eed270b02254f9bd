"""Draw pictures of charts, with plotly's image engine and an installed Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.operations.postproc import plotly_assets
from sostrades_cli.optional_deps import require
from sostrades_cli.plotly_figures.self_contained import self_contained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sostrades_cli.plotly_figures.figure import Figure

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Path of a browser outside PATH. Plotly's engine reads the same variable.
BROWSER_VARIABLE: Final = "BROWSER_PATH"
# The picture of matplotlib is simpler than that of the web page, so it is not a substitute without a question.
WITHOUT_BROWSER: Final = "`study.chart(TITLE).plot(backend='matplotlib').figure.savefig('chart.png')`"
SIZE: Final = {"width": 900, "height": 550}
# Twice the screen resolution, because pictures are often printed in documents.
SCALE: Final = 2
TIMEOUT_S: Final = 60.0
# The image engine logs under these names.
_LOGGERS: Final = ("choreographer", "kaleido", "chrome_wrapper")
# One for all engines of the process, because a logger keeps its handlers.
_NO_OUTPUT: Final = logging.NullHandler()


def find_browser(environ: Mapping[str, str]) -> str:
    """Return the path of Chromium or Chrome.

    Raises
    ------
    ExtraMissing
        The image engine is not installed.
    UsageError
        There is no browser.

    """
    require("kaleido", extra="plots", purpose="a picture of a chart")
    named = environ.get(BROWSER_VARIABLE)
    if named and not Path(named).is_file():
        raise UsageError(
            f"{BROWSER_VARIABLE} is not an existing file: {named}", hint=f"correct or unset {BROWSER_VARIABLE}"
        )
    executable = named or next(
        filter(None, (shutil.which(name, path=environ.get("PATH", "")) for name in BROWSERS)), None
    )
    if executable is None:
        raise UsageError(
            "pictures need Chromium or Chrome, which is not installed",
            hint=f"install it (Debian: `apt install chromium`), or set {BROWSER_VARIABLE}. Without a browser, use "
            f"--as html, csv or json, or draw a chart in Python: {WITHOUT_BROWSER}",
        )
    return executable


@contextlib.contextmanager
def engine(browser: str, form: str) -> Iterator[Callable[[Figure], bytes]]:
    """Start the browser and yield a function that draws figures as ``png`` or ``svg``. Stop the browser at the end.

    Raises
    ------
    UsageError
        The browser does not start.
    SostradesError
        A figure cannot be drawn.

    """
    from kaleido import Kaleido

    # Without a handler, Python writes the tracebacks of messages that the engine ignores to stderr.
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(_NO_OUTPUT)
    template = json.loads(plotly_assets.template())
    options = {"format": form, **SIZE, "scale": SCALE if form == "png" else 1}
    with asyncio.Runner() as runner, contextlib.ExitStack() as opened:
        # Start it before the first chart, so that a broken browser fails at once.
        library = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="sostrades-")), plotly_assets.LIBRARY)
        library.write_text(plotly_assets.library(), encoding="utf-8")
        with _explained(f"cannot start the browser {browser}", UsageError):
            kaleido = runner.run(
                _open(Kaleido(n=1, path=browser, timeout=TIMEOUT_S, mathjax=False, plotlyjs=library.as_uri()))
            )
        opened.callback(lambda: runner.run(_close(kaleido)))

        def draw(figure: Figure) -> bytes:
            alone, lost = self_contained(figure)
            layout = {**alone.layout, "template": template, "autosize": False}
            if lost is not None:
                note = {"text": lost, "xref": "paper", "yref": "paper", "x": 0, "y": 1.05, "showarrow": False}
                # The note is drawn into the picture, because a picture is passed on without its manifest.
                own = layout.get("annotations")
                layout["annotations"] = [*(own if isinstance(own, list) else []), note]
            with _explained("cannot draw the chart"):
                picture: bytes = runner.run(kaleido.calc_fig({"data": alone.traces, "layout": layout}, opts=options))
            return picture

        yield draw


async def _open(kaleido: Any) -> Any:  # noqa: ANN401 - of a library without types
    async with asyncio.timeout(TIMEOUT_S):
        return await kaleido.__aenter__()


async def _close(kaleido: Any) -> None:  # noqa: ANN401 - of a library without types
    await kaleido.__aexit__(None, None, None)


@contextlib.contextmanager
def _explained(subject: str, error_of: type[SostradesError] = SostradesError) -> Iterator[None]:
    """Convert the engine's errors, which have no common base class."""
    from choreographer import errors as browser_errors
    from kaleido.errors import KaleidoError

    closed = (browser_errors.BrowserClosedError, browser_errors.BrowserFailedError, browser_errors.ChannelClosedError)
    missing = (browser_errors.ChromeNotFoundError, browser_errors.BrowserDepsError)
    try:
        yield
    except (KaleidoError, *closed, *missing, RuntimeError, TimeoutError, ValueError, OSError) as error:
        reason = str(error.args[0] if error.args else type(error).__name__).partition("\n")[0]
        raise error_of(f"{subject}: {reason}", hint="save the charts as web pages with --as html") from error
