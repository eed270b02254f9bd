"""Test `sostrades postproc html`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import QUICK_SERVERS, SERVERS, slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

OFFLINE = "study-21-offline.html"
ROUTE = "/api/v0/post-processing/21/html"
DEFAULT = "study-21-charts.html"


@pytest.fixture(autouse=True)
def _at_home(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the folder of the user, where the default file is written."""
    monkeypatch.chdir(user.folder)


@pytest.mark.parametrize("server", SERVERS)
def test_default_file_is_named_after_the_study(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("postproc", "html", "21")
    assert (done.code, done.out) == (0, f"{DEFAULT}\n")
    assert (user.folder / DEFAULT).read_text() == user.types("api", "GET", ROUTE).out


@pytest.mark.parametrize("server", SERVERS)
def test_output_option_writes_the_exact_page(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("postproc", "html", "21", "-o", "page.html")
    assert (done.code, done.out) == (0, "")
    assert (user.folder / "page.html").read_text() == user.types("api", "GET", ROUTE).out
    assert not (user.folder / DEFAULT).exists()


def test_page_is_printed_to_stdout(user: User) -> None:
    done = user.types("postproc", "html", "21", "-o", "-")
    assert (done.code, done.out) == (0, user.types("api", "GET", ROUTE).out)


@pytest.mark.parametrize("arguments", [(), ("-o", "page.html")])
def test_existing_file_is_rejected_without_overwrite(user: User, arguments: tuple[str, ...]) -> None:
    target = user.folder / (arguments[-1] if arguments else DEFAULT)
    target.write_text("mine")
    assert user.types("postproc", "html", "21", *arguments).code == 2
    assert (user.requests, target.read_text()) == ([], "mine")
    assert user.types("postproc", "html", "21", *arguments, "--overwrite").code == 0
    assert "Plotly.newPlot(" in target.read_text()


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><h1>Please log in</h1></body></html>",
        "<html><body><h1>Post-processing of x (id 99)</h1></body></html>",
        "{}",
        "",
        "<html><body><h1>dice 21</h1> and then nothing",
    ],
)
def test_other_or_partial_pages_become_no_file(user: User, body: str) -> None:
    user.world.faults.arm(Fault("body", count=9, path="html", body=body))
    done = user.types("postproc", "html", "21")
    assert (done.code, done.out) == (7, "")
    assert list(user.folder.glob("*.html*")) == []


def test_page_of_another_content_type_becomes_no_file(user: User) -> None:
    user.world.faults.arm(Fault("body", path="html", body="<h1>dice 21</h1></html>", content_type="application/json"))
    assert user.types("postproc", "html", "21").code == 7
    assert list(user.folder.glob("*.html*")) == []


@pytest.mark.parametrize("kind", ["cut", "drop", "hang", "status"])
def test_broken_transfer_is_retried(user: User, kind: str) -> None:
    user.world.faults.arm(Fault(kind, count=2, path="html"))
    done = user.types("postproc", "html", "21")
    assert done.code == 0
    assert done.err.count("retrying") == 2
    assert (user.folder / DEFAULT).read_text() == user.types("api", "GET", ROUTE).out


def test_page_that_is_always_truncated_leaves_no_file(user: User) -> None:
    user.world.faults.arm(Fault("cut", count=99, path="html"))
    assert user.types("postproc", "html", "21").code == 7
    assert list(user.folder.glob("*.html*")) == []
    (user.folder / DEFAULT).write_text("mine")
    assert user.types("postproc", "html", "21", "--overwrite").code == 7
    assert (user.folder / DEFAULT).read_text() == "mine"


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    user = user_of(server)
    done = user.types("postproc", "html", study)
    assert (done.code, done.out, list(user.folder.glob("*.html*"))) == (code, "", [])


def test_format_option_is_rejected(user: User) -> None:
    assert user.types("postproc", "html", "21", "-F", "json").code == 2
    assert user.requests == []


def test_page_without_charts_is_saved(user: User) -> None:
    assert user.types("postproc", "html", "22").code == 0
    assert "</html>" in (user.folder / "study-22-charts.html").read_text()


# Offline -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_offline_page_has_every_chart_once_and_no_urls(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("postproc", "html", "21", "--offline")
    assert (done.code, done.out) == (0, f"{OFFLINE}\n")
    page = (user.folder / OFFLINE).read_text()
    assert [page.count(f'id="c{number}"') for number in range(1, 12)] == [1] * 10 + [0]
    assert page.count("* plotly.js v") == 1
    assert "cdn.plot.ly/plotly" not in page
    assert "<script src=" not in page


def test_existing_file_is_rejected_for_the_offline_page(user: User) -> None:
    (user.folder / OFFLINE).write_text("mine")
    assert user.types("postproc", "html", "21", "--offline").code == 2
    assert (user.requests, (user.folder / OFFLINE).read_text()) == ([], "mine")
    assert user.types("postproc", "html", "21", "--offline", "--overwrite").code == 0


@pytest.mark.parametrize("options", [(), ("--offline",)])
def test_open_opens_only_a_complete_page(user: User, options: tuple[str, ...]) -> None:
    assert user.types("postproc", "html", "21", "--open", "-o", "page.html", *options).code == 0
    assert user.opened == [(user.folder / "page.html").resolve().as_uri()]
    assert user.types("postproc", "html", "25", "--open", *options).code == 4
    assert len(user.opened) == 1


def test_open_with_stdout_is_rejected(user: User) -> None:
    assert user.types("postproc", "html", "21", "--open", "-o", "-").code == 2
    assert user.requests == []


def test_offline_page_without_some_charts_is_exit_7(user: User) -> None:
    assert user.types("param", "set", "21", "Macro.gamma=0.35", "--yes").code == 0
    user.world.faults.arm(Fault("status", count=99, path="html", status=500))
    done = user.types("postproc", "html", "21", "--offline")
    assert (done.code, done.kind) == (7, "server_fault")
    page = (user.folder / OFFLINE).read_text()
    assert "cannot read the charts page" in page
    assert "missing: numbers" in page
    assert 'id="c9"' in page


def test_offline_page_without_charts_is_exit_5(user: User) -> None:
    done = user.types("postproc", "html", "22", "--offline", "-o", "none.html")
    assert (done.code, "has not been run" in done.err, (user.folder / "none.html").exists()) == (5, True, False)


class InterruptingNetwork(httpx.BaseTransport):
    """A network on which the user presses Ctrl-C."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Be interrupted."""
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("list", "21"), "interrupted\n"),
        (("html", "21", "--offline"), "interrupted\n"),
        (
            ("export", "21", "-d", "charts", "--as", "csv"),
            "interrupted\n  try: run the same command again to continue\n",
        ),
    ],
)
def test_error_of_an_interrupted_read_does_not_mention_a_run(
    user: User, command: tuple[str, ...], expected: str
) -> None:
    user.transport = InterruptingNetwork()
    done = user.types("postproc", *command)
    assert (done.code, done.out, done.err) == (130, "", expected)


def test_offline_page_without_a_link_has_a_note(user: User) -> None:
    user.world.faults.arm(Fault("status", count=1, path="url", status=500))
    done = user.types("postproc", "html", "21", "--offline")
    usual = user.types("postproc", "html", "21", "--offline", "--overwrite")
    assert (done.code, done.out) == (usual.code, usual.out) == (0, f"{OFFLINE}\n")
    assert len(done.err.splitlines()) == len(usual.err.splitlines()) + 1


def test_server_that_never_gives_a_link_needs_no_note(user53: User) -> None:
    usual = user53.types("postproc", "html", "21", "--offline")
    user53.environ["SOSTRADES_API_KEY"] = user53.world.user_key
    assert user53.types("postproc", "html", "21", "--offline", "--overwrite").err == usual.err


@pytest.mark.parametrize("words", ["postproc html 21 -o p.html", slow("postproc html 21 -o -"), "postproc load 21"])
def test_server_charts_of_earlier_values_are_called_stale(user: User, words: str) -> None:
    assert "stale" not in user.types(*words.split(), "--overwrite").err
    assert user.types("param", "set", "21", "gamma=0.25", "--yes").code == 0
    done = user.types(*words.split(), "--overwrite")
    assert done.code == 0
    assert "stale" in done.err
    assert "stale:" not in done.out
