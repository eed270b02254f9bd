"""`sostrades postproc html`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SERVERS = ("documented", "5.0", "5.3")
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
    assert (user.asked, target.read_text()) == ([], "mine")
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
    assert done.err.count("asking again") == 2
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
    assert user.asked == []


def test_a_page_without_charts_is_a_page(user: User) -> None:
    """The page of a study that never ran is saved, too."""
    assert user.types("postproc", "html", "22").code == 0
    assert "</html>" in (user.folder / "study-22-charts.html").read_text()
