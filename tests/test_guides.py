"""Run the examples on the hand-written pages of docs/ and check their outputs."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow
from documents import pages
from documents.terminal import Terminal

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

FOLDERS = ("tutorials", "how-to", "explanation")
GUIDES = [pages.DOCS / "index.md", *(file for folder in FOLDERS for file in sorted((pages.DOCS / folder).glob("*.md")))]
GUIDES += [pages.DOCS / "reference" / f"{name}.md" for name in pages.WRITTEN_BY_HAND]


# Their examples run many cases, or compare many exports.
LONG = {"compare-studies", "find-the-best-inputs", "find-what-drives-a-result", "set-many-parameters", "study-in-git"}


def with_block(pattern: re.Pattern[str]) -> list[Any]:
    """Return the guides that contain a block. The long ones are left to the slow tests."""
    guides = [file for file in GUIDES if pattern.search(file.read_text(encoding="utf-8"))]
    return [slow(file) if file.stem in LONG else file for file in guides]


def name_of(file: Path) -> str:
    """Return the name of a page as a test id."""
    return file.stem


@pytest.mark.parametrize("file", with_block(pages.SESSION), ids=name_of)
def test_console_examples_are_current(user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path) -> None:
    monkeypatch.chdir(tmp_path)
    text = file.read_text(encoding="utf-8")
    for name, content in pages.files_of(text).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    pages.check(file, pages.with_outputs(text, Terminal(user).types))


@pytest.mark.slow  # it waits for runs on a true clock
@pytest.mark.parametrize("file", with_block(pages.PROGRAM), ids=name_of)
def test_python_examples_are_current(
    user_of: Callable[..., User], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    world = build_world("demo", server="documented", speed=50.0)
    with running(world) as url:
        for name, value in {**user_of().environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}.items():
            monkeypatch.setenv(name, value)
        pages.check(file, pages.with_results(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", GUIDES, ids=name_of)
def test_toml_and_python_blocks_are_valid(file: Path) -> None:
    """Blocks without an example are parsed."""
    text = file.read_text(encoding="utf-8")
    for block in re.findall(r"^```toml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        assert tomllib.loads(block)
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        compile(block, file.name, "exec")


def test_settings_page_lists_every_variable() -> None:
    """Variables of events are on the page of events."""
    sources = "".join(file.read_text("utf-8") for file in (pages.ROOT / "sostrades_cli").rglob("*.py"))
    variables = set(re.findall(r'"(SOSTRADES_[A-Z_]+)"', sources))
    text = "".join((pages.DOCS / "reference" / f"{name}.md").read_text("utf-8") for name in ("settings", "events"))
    assert variables
    assert {name for name in variables if name not in text} == set()


def test_every_dependency_has_a_reason() -> None:
    """The architecture page has a line for each."""
    text = (pages.DOCS / "architecture.md").read_text(encoding="utf-8")
    project = tomllib.loads((pages.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[>\[]", line)[0] for line in project["dependencies"]]
    assert [name for name in names if f"| {name} |" not in text] == []


def test_routes_for_curl_exist() -> None:
    """Each route in the table of curl calls is a route of API v0."""
    document = json.loads((pages.ROOT / "server_stub" / "openapi.json").read_text("utf-8"))
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    text = (pages.DOCS / "how-to" / "from-curl.md").read_text(encoding="utf-8")
    called = re.findall(r"`(GET|POST) (/api/v0/\S+?)`", text)
    assert len(called) > 5
    assert [call for call in called if (call[0], call[1].replace("/21", "/{study_id}")) not in routes] == []


def test_events_page_names_every_event_and_field() -> None:
    text = (pages.DOCS / "reference" / "events.md").read_text(encoding="utf-8")
    schema = pages.DOCS / "schemas" / "v1" / "events.json"
    for name, event in json.loads(schema.read_text("utf-8"))["$defs"].items():
        assert f"| `{name}` |" in text
        assert [field for field in event["properties"] if f"`{field}`" not in text] == []
