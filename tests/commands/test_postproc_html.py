"""`sostrades postproc html`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import SERVERS

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

OFFLINE = "study-21-offline.html"
ROUTE = "/api/v0/post-processing/21/html"
DEFAULT = "study-21-charts.html"


@pytest.fixture(autouse=True)
def _at_home(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the user's folder: the default file goes into the current one."""
    monkeypatch.chdir(user.folder)


@pytest.mark.parametrize("server", SERVERS)
def test_the_page_goes_to_a_file_named_after_the_study(user_of: Callable[..., User], server: str) -> None:
    """Without -o the page is saved under a name made from the study, which is all of standard output."""
    user = user_of(server)
    done = user.types("postproc", "html", "21")
    assert (done.code, done.out) == (0, f"{DEFAULT}\n")
    assert (user.folder / DEFAULT).read_text() == user.types("api", "GET", ROUTE).out


@pytest.mark.parametrize("server", SERVERS)
def test_the_page_goes_to_the_file_that_is_named(user_of: Callable[..., User], server: str) -> None:
    """`-o FILE` holds the page exactly; standard output is empty."""
    user = user_of(server)
    done = user.types("postproc", "html", "21", "-o", "page.html")
    assert (done.code, done.out) == (0, "")
    assert (user.folder / "page.html").read_text() == user.types("api", "GET", ROUTE).out
    assert not (user.folder / DEFAULT).exists()


def test_the_page_goes_to_standard_output(user: User) -> None:
    """`-o -` prints the page, exactly."""
    done = user.types("postproc", "html", "21", "-o", "-")
    assert (done.code, done.out) == (0, user.types("api", "GET", ROUTE).out)


@pytest.mark.parametrize("arguments", [(), ("-o", "page.html")])
def test_an_existing_file_is_refused_without_a_request(user: User, arguments: tuple[str, ...]) -> None:
    """An existing file is exit 2 and stays as it is; `--overwrite` replaces it."""
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
def test_another_page_becomes_no_file(user: User, body: str) -> None:
    """A login page, another study's page, no page and half a page are exit 7 and leave no file."""
    user.world.faults.arm(Fault("body", count=9, path="html", body=body))
    done = user.types("postproc", "html", "21")
    assert (done.code, done.out) == (7, "")
    assert list(user.folder.glob("*.html*")) == []


def test_a_page_of_another_content_type_becomes_no_file(user: User) -> None:
    """What does not say that it is HTML is exit 7."""
    user.world.faults.arm(Fault("body", path="html", body="<h1>dice 21</h1></html>", content_type="application/json"))
    assert user.types("postproc", "html", "21").code == 7
    assert list(user.folder.glob("*.html*")) == []


@pytest.mark.parametrize("kind", ["cut", "drop", "hang", "status"])
def test_a_broken_transfer_is_repeated(user: User, kind: str) -> None:
    """A transfer that breaks is asked for again, every wait shown, and the file is whole."""
    user.world.faults.arm(Fault(kind, count=2, path="html"))
    done = user.types("postproc", "html", "21")
    assert done.code == 0
    assert done.err.count("retrying") == 2
    assert (user.folder / DEFAULT).read_text() == user.types("api", "GET", ROUTE).out


def test_a_page_that_is_always_cut_leaves_nothing(user: User) -> None:
    """When no transfer is whole there is no file, not even a part, and the old one stays."""
    user.world.faults.arm(Fault("cut", count=99, path="html"))
    assert user.types("postproc", "html", "21").code == 7
    assert list(user.folder.glob("*.html*")) == []
    (user.folder / DEFAULT).write_text("mine")
    assert user.types("postproc", "html", "21", "--overwrite").code == 7
    assert (user.folder / DEFAULT).read_text() == "mine"


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5, and no file appears."""
    user = user_of(server)
    done = user.types("postproc", "html", study)
    assert (done.code, done.out, list(user.folder.glob("*.html*"))) == (code, "", [])


def test_a_format_is_refused(user: User) -> None:
    """The page is a page: `-F json` is exit 2 without a request."""
    assert user.types("postproc", "html", "21", "-F", "json").code == 2
    assert user.requests == []


def test_a_page_without_charts_is_a_page(user: User) -> None:
    """The page of a study that never ran is saved, too."""
    assert user.types("postproc", "html", "22").code == 0
    assert "</html>" in (user.folder / "study-22-charts.html").read_text()


# Offline -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_the_offline_page_has_every_chart_once(user_of: Callable[..., User], server: str) -> None:
    """Each of the ten charts is on it once, plotly's library once, and no address that anything is loaded from."""
    user = user_of(server)
    done = user.types("postproc", "html", "21", "--offline")
    assert (done.code, done.out) == (0, f"{OFFLINE}\n")
    page = (user.folder / OFFLINE).read_text()
    assert [page.count(f'id="c{number}"') for number in range(1, 12)] == [1] * 10 + [0]
    assert page.count("* plotly.js v") == 1
    assert "cdn.plot.ly/plotly" not in page
    assert "<script src=" not in page


def test_the_offline_page_needs_a_name_of_its_own(user: User) -> None:
    """An existing file is exit 2 without a request, and stays as it is."""
    (user.folder / OFFLINE).write_text("mine")
    assert user.types("postproc", "html", "21", "--offline").code == 2
    assert (user.requests, (user.folder / OFFLINE).read_text()) == ([], "mine")
    assert user.types("postproc", "html", "21", "--offline", "--overwrite").code == 0


@pytest.mark.parametrize("options", [(), ("--offline",)])
def test_a_page_is_opened_when_it_is_whole(user: User, options: tuple[str, ...]) -> None:
    """`--open` opens the file, and not one that could not be written."""
    assert user.types("postproc", "html", "21", "--open", "-o", "page.html", *options).code == 0
    assert user.opened == [(user.folder / "page.html").resolve().as_uri()]
    assert user.types("postproc", "html", "25", "--open", *options).code == 4
    assert len(user.opened) == 1


def test_standard_output_cannot_be_opened(user: User) -> None:
    """`--open` with `-o -` is exit 2 without a request."""
    assert user.types("postproc", "html", "21", "--open", "-o", "-").code == 2
    assert user.requests == []


def test_an_offline_page_that_lacks_charts_says_so(user: User) -> None:
    """Where the server's page fails, the file has what there is, says what is missing, and it is exit 7."""
    assert user.types("param", "set", "21", "Macro.gamma=0.35", "--yes").code == 0
    user.world.faults.arm(Fault("status", count=99, path="html", status=500))
    done = user.types("postproc", "html", "21", "--offline")
    assert (done.code, done.kind) == (7, "server_fault")
    page = (user.folder / OFFLINE).read_text()
    assert "cannot read the charts page" in page
    assert "missing: numbers" in page
    assert 'id="c9"' in page


def test_a_study_without_charts_has_no_offline_page(user: User) -> None:
    """For a study that never ran there is nothing to show: exit 5, no file, and why."""
    done = user.types("postproc", "html", "22", "--offline", "-o", "none.html")
    assert (done.code, "has not been run" in done.err, (user.folder / "none.html").exists()) == (5, True, False)


class Interrupting(httpx.BaseTransport):
    """A network on which the user loses patience."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Be interrupted."""
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("list", "21"), "interrupted\n"),
        (("html", "21", "--offline"), "interrupted\n"),
        (
            ("export", "21", "-d", "charts", "--as", "csv"),
            "interrupted\n  try: run the same command again to continue\n",
        ),
    ],
)
def test_an_interrupted_reading_is_no_run_that_goes_on(user: User, command: tuple[str, ...], told: str) -> None:
    """Ctrl-C while charts are read is exit 130 and one line that promises nothing of the server."""
    user.transport = Interrupting()
    done = user.types("postproc", *command)
    assert (done.code, done.out, done.err) == (130, "", told)
