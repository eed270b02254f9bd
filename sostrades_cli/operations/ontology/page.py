"""Make the page of a study's documentation: a single file that needs no scripts and no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.markdown.html import to_html
from sostrades_cli.operations.page_template import Link, PageHead, asset, beginning, html_text, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.markdown.html import HtmlDocument
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.ontology.documents import StudyDocument, StudyDocuments

# The level of a document's title. The headings of its text are below this level.
_LEVEL: Final = 2
# The table of contents has the two highest levels of headings that a document uses.
_CONTENTS_LEVELS: Final = 2


def page_of(context: Context, study: StudyDocuments, url: str | None) -> Iterator[bytes]:
    """Yield the page, document by document. ``url`` is the address of the study's page on the server."""
    facts: list[str | Link] = [
        Link(f"study {study.study}", url),
        "documentation",
        *origin(context.clock.now(), context.api.session.host),
    ]
    head = PageHead(study.name or f"study {study.study}", facts, "; ".join(study.full_notes) or None)
    documents = [
        (document, to_html(document.body, f"d{number}", below=_LEVEL))
        for number, document in enumerate(study.documents, 1)
    ]
    # Without a nonce, no script can run.
    yield beginning(head, None, asset("documents.css")).encode()
    contents = "".join(_contents(document, html, number) for number, (document, html) in enumerate(documents, 1))
    yield (
        f'<div class="sheet"><nav aria-label="Contents"><details open><summary>Contents</summary>{contents}</details>'
        "</nav><main>"
    ).encode()
    for number, (document, html) in enumerate(documents, 1):
        yield f'<section id="d{number}"><h2>{html_text(document.title)}</h2>{_about(document)}'.encode()
        # A lone surrogate, as JSON of the server may contain it, cannot be encoded.
        yield f"{html.html}</section>".encode("utf-8", "replace")
    yield b"</main></div></body></html>\n"


def _contents(document: StudyDocument, html: HtmlDocument, number: int) -> str:
    """Return the entries of a document in the table of contents."""
    highest = min((heading.level for heading in html.headings), default=0)
    entries = "".join(
        f'<li class="l{heading.level - highest}"><a href="#{heading.anchor}">{html_text(heading.text)}</a></li>'
        for heading in html.headings
        if heading.level < highest + _CONTENTS_LEVELS
    )
    title = f'<a href="#d{number}">{html_text(document.title)}</a>'
    return f"<div>{title}<ul>{entries}</ul></div>" if entries else f"<div>{title}</div>"


def _about(document: StudyDocument) -> str:
    """Return the line below the title of a document."""
    parts = [f"<code>{html_text(document.name)}</code>"]
    if document.nodes:
        parts.append(html_text(f"of {', '.join(document.nodes)}"))
    return f'<p class="about">{" · ".join(parts)}</p>'
