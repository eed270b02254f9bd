"""Test the documentation site: its navigation, its links, and the length of the README."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urldefrag

import pytest
import yaml
from documents.pages import DOCS, ROOT

import sostrades_cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

README: Final = ROOT / "README.md"
SITE: Final = ROOT / "mkdocs.yml"
MOST_LINES: Final = 250
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REPOSITORY: Final = PROJECT["urls"]["Repository"]
PAGES: Final = sorted(DOCS.rglob("*.md"))
# A picture or a link, with its target.
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
# Where a project like this one could be published.
ADDRESS: Final = re.compile(r"(?:https?://|git@)[\w.:/@-]*sostrades[\w./@-]*", re.IGNORECASE)
# The server that this is a client of, and addresses that stand for the reader's own server.
NOT_OURS: Final = re.compile(
    r"https://github\.com/os-climate/|https://www\.sostrades\.org/ontology|https?://(?:corp|test|old|your|gui)\.\w+"
)


class Links(HTMLParser):
    """The links and anchors of an HTML page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect `href`, `src` and `id`."""
        for name, value in attrs:
            if name in {"href", "src"} and value:
                self.targets.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


def without_code(text: str) -> str:
    """Return Markdown without its blocks of code."""
    return re.sub(
        r"^    .*$", "", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE), flags=re.MULTILINE
    )


def entries(navigation: object) -> Iterator[str]:
    """Yield the pages of a navigation."""
    if isinstance(navigation, str):
        yield navigation
    elif isinstance(navigation, dict):
        for inner in navigation.values():
            yield from entries(inner)
    elif isinstance(navigation, list):
        for inner in navigation:
            yield from entries(inner)


def test_every_page_is_in_the_navigation_once() -> None:
    [(_, after)] = re.findall(r"(^nav:\n)(.*)", SITE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert sorted(entries(yaml.safe_load(after))) == [str(file.relative_to(DOCS)) for file in PAGES]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(DOCS)))
def test_every_link_of_a_page_resolves(file: Path) -> None:
    """Links into the repository must lead to its files."""
    broken = []
    for link in LINK.findall(without_code(file.read_text("utf-8"))):
        target, _ = urldefrag(link)
        if target.startswith(REPOSITORY):
            result = exists_in_repository(target)
        else:
            result = "://" in target or not target or (file.parent / unquote(target)).exists()
        broken += [] if result else [link]
    assert broken == []


def exists_in_repository(address: str) -> bool:
    """Return whether an address of the repository is its front page or one of its files."""
    path = re.sub(r"^/(?:blob|raw)/main/", "", address.removeprefix(REPOSITORY))
    return not path or (ROOT / path).is_file()


def test_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize(("language", "most"), [("console", 8), ("pycon", 15), ("yaml", 12)])
def test_examples_of_the_readme_are_short(language: str, most: int) -> None:
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    assert [block for block in blocks if len(block.splitlines()) > most] == []


def test_links_of_the_readme_are_absolute() -> None:
    """A package index shows the README without the files beside it."""
    links = LINK.findall(without_code(README.read_text("utf-8")))
    assert [link for link in links if not link.startswith("https://")] == []
    ours = [link for link in links if link.startswith(REPOSITORY)]
    assert len(ours) > 10
    assert [link for link in ours if not exists_in_repository(urldefrag(link)[0])] == []


def test_project_has_one_repository_address() -> None:
    """`pyproject.toml` defines it."""
    files = [README, SITE, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *PAGES]
    files += [file for name in ("sostrades_cli", "server_stub") for file in (ROOT / name).rglob("*.py")]
    result = {f"{file.name}: {address}" for file in files for address in ADDRESS.findall(file.read_text("utf-8"))}
    assert {item for item in result if REPOSITORY not in item and not NOT_OURS.search(item)} == set()
    assert f"\nrepo_url: {REPOSITORY}\n" in SITE.read_text("utf-8")


def test_package_index_is_not_mentioned() -> None:
    """The package is on no index, so its bare name cannot be installed."""
    install = re.compile(r"(?:pip|pipx|uv tool) install (?:-q )?['\"]?sostrades\b(?!\[[\w,]+\] @)")
    assert [str(file) for file in (README, *PAGES) if install.search(file.read_text("utf-8"))] == []


def test_pages_contain_no_local_folders() -> None:
    result = [str(file) for file in (README, *PAGES) if re.search(r"/tmp/|/root/|/work/", file.read_text("utf-8"))]  # noqa: S108
    assert result == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site. A warning fails the build."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_links_pictures_and_anchors_of_the_built_site_resolve(site: Path) -> None:
    pages = {file: Links(file.read_text("utf-8")) for file in site.rglob("*.html") if file.name != "404.html"}
    assert len(pages) == len(PAGES)
    broken = []
    for file, links in pages.items():
        for link in links.targets:
            target, anchor = urldefrag(link)
            if "://" in target or target.startswith("data:"):
                continue
            path = (file.parent / unquote(target)).resolve() if target else file
            if not path.exists() or (anchor and path in pages and unquote(anchor) not in pages[path].anchors):
                broken.append(f"{file.relative_to(site)}: {link}")
    assert broken == []


@pytest.mark.slow
def test_python_api_describes_every_public_name(site: Path) -> None:
    anchors = Links((site / "reference" / "python.html").read_text("utf-8")).anchors
    names = {anchor.rpartition(".")[2] for anchor in anchors}
    assert [name for name in sostrades_cli.__all__ if name not in names and name != "__version__"] == []


@pytest.mark.slow
def test_built_site_has_no_external_resources(site: Path) -> None:
    """Including the index of its search."""
    fetching = re.compile(r"""<(?:script|img|iframe)[^>]*\ssrc="https?:|<link[^>]*\brel="(?!canonical)[^>]*"https?:""")
    assert [str(file) for file in site.rglob("*.html") if fetching.search(file.read_text("utf-8"))] == []
    styles = [file.read_text("utf-8") for file in site.rglob("*.css")]
    assert not any(re.search(r"url\(['\"]?https?:|@import", style) for style in styles)
    assert (site / "search" / "search_index.js").exists()


@pytest.fixture
def window(site: Path) -> Iterator[Page]:
    """Return a window of Chromium with the home page, opened from its folder."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed (.ci/run installs it)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for this only

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        yield page
        browser.close()


@pytest.mark.slow
def test_search_works_in_pages_opened_from_a_folder(window: Page) -> None:
    requested: list[str] = []
    window.on("request", lambda request: requested.append(request.url))
    window.reload()
    window.fill("input[name=query]", "outage")
    window.wait_for_selector(".md-search-result__link[href*='events']", timeout=20_000)
    assert [url for url in requested if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.slow
def test_copy_button_copies_only_commands(window: Page) -> None:
    button = window.locator(".language-console .md-code__button").first
    button.wait_for(state="attached")
    button.click(force=True)
    copied = window.evaluate("navigator.clipboard.readText()")
    lines = [line for line in copied.splitlines() if line]
    assert lines
    assert all(line.startswith("sostrades ") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("width", [420, 1300])
def test_no_page_is_wider_than_its_window(window: Page, site: Path, width: int) -> None:
    """Wide tables and long lines scroll in their own boxes."""
    window.set_viewport_size({"width": width, "height": 900})
    wide = []
    for file in sorted(site.rglob("*.html")):
        window.goto(file.as_uri())
        if window.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(str(file.relative_to(site)))
    assert wide == []
