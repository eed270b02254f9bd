"""What notebooks show of clients, studies, runs and errors, and how parameters are read and set by index."""

from __future__ import annotations

import inspect
import traceback
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

import sostrades_cli
from sostrades_cli import Client, RunOutcome, SostradesError, Study
from sostrades_cli.errors import InvalidSetting, InvalidValue, NotFound, RunFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import User

HOSTILE = "<script>alert(1)</script>&\x1b[31m"


class Page(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect a tag and its link."""
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Collect a text."""
        self.text += f" {data}"


def page(shown: Any) -> Page:
    """Return what a notebook shows."""
    return Page(shown._repr_html_())


def test_card_of_a_study_has_its_cached_facts(user: User) -> None:
    study = user.client().study(21)
    new = page(study)
    assert "21" in new.text
    assert "input" not in new.text
    study.run()
    study.outputs()
    study.charts()
    asked = len(user.requests)
    known = page(study)
    assert len(user.requests) == asked
    for fact in ("dice", "FINISHED", "inputs", "outputs", "charts", study.number, study._scope.host):
        assert str(fact) in known.text
    assert known.links == [study._scope.host]


def test_link_is_shown_after_it_was_read(user: User) -> None:
    study = user.client().study(21)
    link = study.url()
    assert link in page(study).links


def test_study_is_shown_without_a_server_and_without_a_key(user: User) -> None:
    del user.environ["SOSTRADES_API_KEY"]
    client = user.client(host="https://nowhere.example")
    assert "nowhere.example" in page(client.study(21)).text
    assert "nowhere.example" in page(client).text
    client.close()
    assert "21" in page(client.study(21)).text
    runs = user.folder / "state" / "runs"
    runs.parent.mkdir(exist_ok=True)
    runs.write_text("not a folder")
    assert "21" in page(client.study(21)).text


def test_text_of_the_server_is_escaped(user: User) -> None:
    study = user.client().study(21)
    study._scope.app.cache.store_name(21, HOSTILE)
    shown = page(study)
    assert "script" not in shown.tags
    assert "<script>" in shown.text
    assert "\x1b" not in study._repr_html_()
    shown = page(RunOutcome(1, HOSTILE, 1.0, {HOSTILE: HOSTILE}))
    assert "script" not in shown.tags
    assert "<script>" in shown.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://[", "/study/21", "https://x/'><script>"])
def test_only_a_web_address_is_a_link(user: User, link: str) -> None:
    study = user.client().study(21)
    study._scope.links[21] = link
    shown = page(study)
    assert "script" not in shown.tags
    assert link in shown.text
    assert (link in shown.links) == link.startswith("http")


def test_outcome_shows_the_run(user: User) -> None:
    shown = page(user.client().study(21).run())
    for fact in ("21", "FINISHED", "4 DONE"):
        assert fact in shown.text


def test_parameter_is_read_and_set_by_index(anyone: User) -> None:
    study = anyone.client().study(21)
    assert study["gamma"] == 0.3
    assert study[["gamma", "periods"]] == {"gamma": 0.3, "periods": 11}
    study["gamma"] = 0.4
    assert (study["Macro.gamma"], study.get("dice.Macro.gamma")) == (0.4, 0.4)
    assert study.history()["new"].tolist() == [0.4]
    with pytest.raises(InvalidValue):
        study["gamma"] = "much"
    with pytest.raises(NotFound):
        _ = study["gama"]


def test_study_is_not_a_container(user: User) -> None:
    study: Any = user.client().study(21)
    with pytest.raises(TypeError):
        list(study)
    with pytest.raises(TypeError):
        _ = "gamma" in study
    assert user.requests == []


def test_keys_are_completed_from_the_cache(user: User) -> None:
    study = user.client().study(21)
    assert study._ipython_key_completions_() == []
    study.parameters()
    asked = len(user.requests)
    assert "Macro.gamma" in study._ipython_key_completions_()
    assert len(user.requests) == asked


def public_functions() -> Iterator[tuple[str, Any]]:
    """Yield the public classes and their public functions."""
    for name in sostrades_cli.__all__:
        item = getattr(sostrades_cli, name)
        if inspect.isclass(item):
            yield name, item
            for member, function in inspect.getmembers(item, inspect.isfunction):
                if not member.startswith("_"):
                    yield f"{name}.{member}", function


def test_signatures_have_no_quoted_types() -> None:
    quoted = []
    for name, function in public_functions():
        signature = inspect.signature(function)
        annotations = [parameter.annotation for parameter in signature.parameters.values()]
        quoted += [name for text in map(repr, [*annotations, signature.return_annotation]) if text[:1] in {"'", '"'}]
    assert quoted == []


def test_signature_of_a_method_is_readable() -> None:
    assert str(inspect.signature(Study.start)) == (
        "(self, *, set: Mapping[str, Any] | None = None, attach: bool = False) -> RunStatus"
    )
    assert "host: str | None = None" in str(inspect.signature(Client))


def raised(user: User, kind: str) -> SostradesError:
    """Return an error of the library."""
    client = user.client()
    calls: dict[str, Callable[[], object]] = {
        "settings": lambda: Client(runtime=user.program._replace(environ={"HOME": str(user.folder)})),
        "study": lambda: client.study("no such name"),
        "key": lambda: client.study(21).get("gama"),
        "none": lambda: client.status([]),
        "run": lambda: client.study(22).run(),
    }
    with pytest.raises(SostradesError) as caught:
        calls[kind]()
    return caught.value


@pytest.mark.parametrize(
    ("kind", "error"),
    [("settings", InvalidSetting), ("study", UsageError), ("key", NotFound), ("none", UsageError), ("run", RunFailed)],
)
def test_notebook_shows_an_error_and_a_hint_without_a_trace(user: User, kind: str, error: type) -> None:
    caught = raised(user, kind)
    # IPython calls this method, as the test of the notebook shows.
    lines = caught._render_traceback_()
    assert lines[0] == f"{error.__name__}: {caught.message}"
    assert caught.hint
    assert any(caught.hint in line for line in lines)
    assert "line " not in lines[0]
    assert len(lines) <= 13
    # It is a normal exception elsewhere.
    assert "Traceback" in "".join(traceback.format_exception(caught))


def test_control_characters_of_an_error_are_visible_in_a_notebook() -> None:
    error = NotFound("bad \x1b[31m\u202e \u00e9 \xa0", hint="x")
    error.add_note("note\x07\nsecond")
    assert error._render_traceback_() == ["NotFound: bad \\x1b[31m\\u202e \u00e9 \xa0", "note\\x07", "second"]
