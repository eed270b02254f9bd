"""The documentation of a study: as a text, and as a page."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.markdown.pictures import without_pictures
from sostrades_cli.operations.ontology.page import page_of
from sostrades_cli.operations.postproc.page_facts import web_address
from sostrades_cli.output.results import Text
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.ontology.documents import StudyDocument, StudyDocuments

_INLINED: Final = "pictures are in the text as base64, `-o docs.md` writes them as files"


def documentation_page(context: Context, study: StudyDocuments) -> Stream:
    """Return the documentation as a page."""
    page = contextlib.nullcontext(page_of(context, study, web_address(context, study.study)))
    return Stream(lambda: page, transfer_once, trusted=True, notes=study.full_notes)


def documentation_text(study: StudyDocuments, markdown: str, *, to_file: bool, is_raw: bool) -> Text:
    """Return the documentation for a terminal, a pipe or a file.

    ``is_raw`` means that the Markdown itself is printed, including its pictures.
    """
    notes = study.full_notes if to_file else study.notes
    # A picture of base64 can fill many screens.
    if is_raw and not to_file and without_pictures(markdown)[1]:
        notes = (*notes, _INLINED)
    documents = [(document.title, document.body) for document in study.documents]
    return Text(markdown, documents_payload(study), notes=notes, documents=documents)


def documents_payload(study: StudyDocuments) -> dict[str, Any]:
    """Return the JSON of the documentation."""
    return {
        "study": study.study,
        "name": study.name,
        "documents": [_document_payload(document) for document in study.documents],
        "undocumented": list(study.undocumented),
    }


def _document_payload(document: StudyDocument) -> dict[str, Any]:
    return {
        "kind": "module" if document.nodes else "process",
        "name": document.name,
        "title": document.title,
        "label": document.label or None,
        "nodes": list(document.nodes),
        "shared": document.is_shared,
        "source": document.source,
        "markdown": document.markdown,
    }
