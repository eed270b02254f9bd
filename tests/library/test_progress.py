"""The progress of long calls in terminals and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyte
import pytest
from conftest import Terminal, mostly_slow

from sostrades_cli import Client
from sostrades_cli.errors import RunFailed
from sostrades_cli.library.progress import progress_html, shown_run, shown_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli import Event

CASES = [{"case": "low", "gamma": 0.1}, {"case": "high", "gamma": 0.4}]
CALLS = ("parameters", "run", "watch", "several", "sweep", "iterator")


def client_at(user: User, stream: Terminal, *, term: str = "xterm", **options: Any) -> Client:
    """Return a client of a program whose standard error is a stream. Its notes do not go there."""
    environ = {**user.environ, "TERM": term}
    runtime = user.program._replace(stderr=stream, environ=environ)
    return Client(notify=user.noted.append, runtime=runtime, **options)


def calls_of(user: User, client: Client, **options: Any) -> dict[str, Callable[[], object]]:
    """Return the long calls by name."""
    study, folder = client.study(21), user.folder
    return {
        "parameters": lambda: study.parameters(**options),
        "run": lambda: study.run(**options),
        "watch": lambda: study.watch(**options),
        "several": lambda: client.watch([21, 22], **options),
        "sweep": lambda: study.sweep(pd.DataFrame(CASES), "total_damage", folder / "a.csv", **options),
        "iterator": lambda: study.sweep(iter(CASES), "total_damage", folder / "b.csv", **options),
    }


def left_on(stream: Terminal) -> str:
    """Return what a terminal shows in the end."""
    screen = pyte.Screen(100, 24)
    pyte.Stream(screen).feed(stream.written.replace("\n", "\r\n"))
    return "".join(screen.display).strip()


@pytest.mark.parametrize("name", [name for name in CALLS if name != "several"])
def test_terminal_shows_a_bar_and_removes_it(user: User, name: str) -> None:
    stream = Terminal(tty=True)
    calls_of(user, client_at(user, stream))[name]()
    expected = {"parameters": "loading study 21", "sweep": "2 of 2 cases", "iterator": "2 cases"}
    assert expected.get(name, "study 21 FINISHED") in stream.written
    assert left_on(stream) == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    mostly_slow([(name, kind) for kind in ("pipe", "dumb", "client", "call") for name in CALLS], every=5),
)
def test_nothing_is_shown_elsewhere_or_without_progress(user: User, name: str, kind: str) -> None:
    stream = Terminal(tty=kind != "pipe")
    client = client_at(user, stream, term="dumb" if kind == "dumb" else "xterm", progress=kind != "client")
    client.study(22).start()
    call = calls_of(user, client, **({"progress": False} if kind == "call" else {}))[name]
    if name == "several":
        with pytest.raises(RunFailed):
            call()
    else:
        call()
    assert stream.written == ""


def test_bar_is_removed_after_an_error(user: User) -> None:
    stream = Terminal(tty=True)
    with pytest.raises(RunFailed):
        client_at(user, stream).study(22).run()
    assert "study 22 FAILED" in stream.written
    assert left_on(stream) == ""


def test_call_in_a_callback_has_no_bar_of_its_own(user: User) -> None:
    stream = Terminal(tty=True)
    client = client_at(user, stream)
    study = client.study(21)
    study.run(on_event=lambda _: study.parameters())
    assert "loading" not in stream.written
    # The next call has one again.
    study.parameters()
    assert "loading" in stream.written


def test_share_of_a_run_never_decreases(user: User) -> None:
    shown: list[tuple[str, float | None]] = []
    study = user.client().study(21)
    study.start()
    events = shown_run(study.events(), lambda *facts: shown.append(facts), user.world.clock.now)
    names = [event.name for event in events]
    assert len(shown) == len(names)
    shares = [share for _, share in shown if share is not None]
    assert shares == sorted(shares)
    assert (shares[-1], shown[0][1]) == (1.0, None)
    assert "disciplines" in shown[-1][0]


def test_bar_of_several_runs_counts_their_ends(user: User) -> None:
    shown: list[tuple[str, float | None]] = []
    client = user.client()
    events: list[Event] = []
    for number in (21, 22):
        client.study(number).start()
    with pytest.raises(RunFailed):
        client.watch([21, 22], on_event=events.append)
    assert len(list(shown_runs(iter(events), lambda *facts: shown.append(facts), 2))) == len(events)
    assert [share for _, share in shown][-1] == 1.0
    assert {share for _, share in shown} == {0.0, 0.5, 1.0}


def test_text_of_the_server_is_escaped_in_a_notebook() -> None:
    html = progress_html("<script>\x1b[31m", 0.5)
    assert "<script>" not in html
    assert "\x1b" not in html
    assert "value='0.5000'" in html
    assert "value" not in progress_html("loading", None)
