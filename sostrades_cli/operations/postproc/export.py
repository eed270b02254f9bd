"""Export charts to files: points, figures, pages and pictures."""

from __future__ import annotations

import contextlib
import functools
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Literal

from sostrades_cli.clock import RFC3339
from sostrades_cli.errors import SostradesError, UsageError, WriteFailed
from sostrades_cli.operations.postproc import offline_page, plotly_assets, points
from sostrades_cli.operations.postproc.export_folder import ExportFolder
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.metadata import described
from sostrades_cli.operations.postproc.select import require_matching
from sostrades_cli.output.csv_injection import safe_pieces
from sostrades_cli.output.text import counted, encodable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.export_folder import SavedChart
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.plotly_figures.figure import Figure

    Draw = Callable[[Figure], bytes]

FORMS: Final = ("csv", "json", "html", "png", "svg")
PICTURES: Final = frozenset({"png", "svg"})


@dataclass(slots=True)
class ChartExport:
    """The result per chart number: its file, or the error that prevented it."""

    saved: dict[int, SavedChart] = field(default_factory=dict)
    failed: dict[int, SostradesError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportedChart:
    """The result of one chart. ``file`` and ``bytes`` are ``None`` after a failure."""

    number: int
    chart: str
    state: str
    file: str | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class ChartExportReport:
    """The result of each chart, a note on their state, and the error for failed charts."""

    charts: list[ExportedChart]
    note: str | None
    failure: SostradesError | None


def export_charts(
    context: Context,
    study: int,
    path: Path,
    form: str,
    match: str | None,
    environ: Mapping[str, str],
    progress: Callable[[str, int], AbstractContextManager[Callable[[], None]]],
    *,
    overwrite: bool,
    safe_csv: bool = False,
) -> ChartExportReport:
    """Export charts into a folder. ``environ`` may name the browser that draws pictures.

    ``progress`` takes a label and a total, and yields a function to call after each chart. ``safe_csv`` escapes cells
    that a spreadsheet would evaluate.
    """
    if form not in FORMS:
        raise UsageError(f"charts cannot be exported as {form}", hint=f"choose one of {', '.join(FORMS)}")
    # Check the folder and search the browser first, because gathering charts can take minutes.
    folder = ExportFolder(path, overwrite=overwrite)
    browser = None
    if form in PICTURES:
        from sostrades_cli.operations.postproc.images import find_browser

        browser = find_browser(environ)
    gathered = gather(context, study)
    charts = require_matching(gathered, match)
    library = [plotly_assets.LIBRARY] if form == "html" else []
    folder.reserve([*library, *(numbered.file_name(form) for numbered in charts)])
    # The bar counts charts, so it comes after the start of the browser, which takes some seconds.
    with drawing(context, form, browser) as draw, progress(f"study {study}", len(charts)) as step:
        exported = export(gathered, charts, folder, form, draw, step, safe_csv=safe_csv)
    return report(gathered, charts, exported, path)


def export(
    gathered: GatheredCharts,
    charts: Sequence[NumberedChart],
    folder: ExportFolder,
    form: str,
    draw: Draw | None,
    step: Callable[[], None],
    *,
    safe_csv: bool = False,
) -> ChartExport:
    """Write each chart to its file. Files of an interrupted export are kept. ``draw`` draws pictures."""
    exported = ChartExport()
    if form == "html":
        library = plotly_assets.library().encode()
        # One library file of several MB for all pages, instead of a copy in each.
        folder.save(plotly_assets.LIBRARY, sha256(library).hexdigest(), lambda: library)
    for numbered in charts:
        # The options are part of the digest, so an export that is resumed with other options writes the file again.
        source = sha256(
            json.dumps([form, *(["safe"] if safe_csv else []), numbered.document()], sort_keys=True).encode()
        ).hexdigest()
        try:
            exported.saved[numbered.number] = folder.save(
                numbered.file_name(form), source, functools.partial(_content, numbered, form, draw, safe_csv=safe_csv)
            )
        except (WriteFailed, UsageError):
            raise  # such an error of the folder would repeat for every chart
        except SostradesError as error:
            exported.failed[numbered.number] = error
        step()
    # The manifest comes last, so its presence means a complete export.
    folder.finish(_manifest(gathered, charts, form, exported))
    return exported


@contextlib.contextmanager
def drawing(context: Context, form: str, browser: str | None) -> Iterator[Draw | None]:
    """Start the image engine if pictures are requested."""
    if browser is None:
        yield None
        return
    with contextlib.ExitStack() as opened:
        with context.waiting("Starting the browser"):
            # The image engine is slow to import, too.
            from sostrades_cli.operations.postproc.images import engine

            draw = opened.enter_context(engine(browser, form))
        yield draw


def report(
    gathered: GatheredCharts, charts: Sequence[NumberedChart], exported: ChartExport, path: Path
) -> ChartExportReport:
    """Return the result of each chart, and the error for failed charts."""
    results = []
    for numbered in charts:
        saved = exported.saved.get(numbered.number)
        state = "failed" if saved is None else "kept" if saved.kept else "saved"
        state = f"{state}, without numbers" if saved and numbered.lacks_numbers else state
        file, size = (str(path / saved.name), saved.bytes) if saved else (None, None)
        results.append(ExportedChart(numbered.number, numbered.label, state, file, size))
    return ChartExportReport(results, gathered.note, _failure(gathered, charts, exported))


def _content(numbered: NumberedChart, form: str, draw: Draw | None, *, safe_csv: bool) -> bytes:
    if form == "csv":
        return b"".join(safe_pieces([_csv(numbered)])) if safe_csv else _csv(numbered)
    if form == "json":
        return json.dumps(numbered.document()).encode() + b"\n"
    if form == "html":
        page = offline_page.ChartPage(numbered.label, [numbered.source], None, [offline_page.page_chart(numbered)])
        return b"".join(offline_page.page_chunks(page, plotly_assets.LIBRARY))
    if draw is None:
        raise TypeError(form)
    return draw(numbered.chart.figure)


def _csv(numbered: NumberedChart) -> bytes:
    import csv

    import pandas as pd

    table = points.numbers_of(numbered.chart.series())
    # With dtype=object, integers in a column with missing values do not become floats.
    frame = pd.DataFrame(table.rows, columns=[encodable(name) for name in table.columns], dtype=object)
    # With QUOTE_MINIMAL, the csv module does not quote a single carriage return.
    has_return = any(isinstance(cell, str) and "\r" in cell for row in [table.columns, *table.rows] for cell in row)
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if has_return else csv.QUOTE_MINIMAL
    text: str = frame.to_csv(index=False, lineterminator="\n", quoting=quoting)
    return text.encode("utf-8", "backslashreplace")


def _manifest(
    gathered: GatheredCharts, charts: Sequence[NumberedChart], form: str, exported: ChartExport
) -> dict[str, Any]:
    return {
        "server": gathered.host,
        "study": gathered.study,
        "name": gathered.name,
        "status": gathered.status,
        "state": gathered.state,
        "time": gathered.time.strftime(RFC3339),
        "format": form,
        "library": plotly_assets.LIBRARY if form == "html" else None,
        "charts": [_entry(numbered, gathered.state, exported) for numbered in charts],
    }


def _entry(numbered: NumberedChart, state: str, exported: ChartExport) -> dict[str, Any]:
    saved = exported.saved.get(numbered.number)
    entry = described(numbered, state)
    if saved is None:
        return entry | {"file": None, "reason": exported.failed[numbered.number].message}
    return entry | {"file": saved.name, "bytes": saved.bytes, "sha256": saved.sha256}


def _failure(gathered: GatheredCharts, charts: Sequence[NumberedChart], exported: ChartExport) -> SostradesError | None:
    study = gathered.study
    if exported.failed:
        by_number = {numbered.number: numbered for numbered in charts}
        reasons = [f"{by_number[number].label}: {error.message}" for number, error in exported.failed.items()]
        return SostradesError(
            f"{len(exported.failed)} of {counted(len(charts), 'chart')} of study {study} could not be exported",
            detail="\n".join(reasons[:10]),
            hint="run the command again. The manifest lists the reason for each chart",
            study=study,
            causes=list(exported.failed.values()),
        )
    return gathered.failure_of_export(charts)
