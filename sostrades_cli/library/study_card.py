"""What is stored about a study on this computer, as HTML for notebooks. Showing it sends no request and cannot fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError
from sostrades_cli.local.run_records import RunRecords
from sostrades_cli.output.html_card import card
from sostrades_cli.output.text import counted, duration

if TYPE_CHECKING:
    from sostrades_cli.app import App


def study_card(app: App, study: int, link: str | None) -> str:
    """Return name, last run, number of parameters and charts, and link of a study, as far as they are known."""
    name = app.cache.name(study)
    rows = [("server", app.host), ("last run", _last_run(app, study)), ("parameters", _counts(app, study))]
    charts = len(app.cache.charts(study))
    rows += [("charts", str(charts) if charts else None), ("link", link)]
    return card(f"Study {study} · {name}" if name else f"Study {study}", rows)


def _counts(app: App, study: int) -> str | None:
    known = app.cache.parameters_of(study).values()
    outputs = sum(parameter.is_computed for parameter in known)
    if not known:
        return None
    # Before the first run of a study, its outputs are unknown.
    texts = [counted(len(known) - outputs, "input"), *([counted(outputs, "output")] if outputs else [])]
    return ", ".join(texts)


def _last_run(app: App, study: int) -> str | None:
    try:
        records = RunRecords(app.folders.state, app.host, study).all()
    except SostradesError:
        # Showing a study in a notebook must not fail.
        return None
    if not records:
        return None
    last = records[-1]
    if last.outcome is None:
        return f"started {last.started}"
    after = f" after {duration(last.duration_s)}" if last.duration_s is not None else ""
    return f"{last.outcome}{after}, {last.ended}"
