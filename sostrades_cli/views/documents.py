"""The documentation of a study: as a text, as a Markdown file with pictures, and as a page."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.files.atomic import is_special
from sostrades_cli.files.file_formats import PAGES, ending_of
from sostrades_cli.markdown.pictures import without_pictures
from sostrades_cli.operations.ontology.markdown_file import composed, with_picture_files, write_picture_files
from sostrades_cli.operations.ontology.page import page_of
from sostrades_cli.operations.postproc.page_facts import web_address
from sostrades_cli.output.results import Stream, Text

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.ontology.documents import StudyDocument, StudyDocuments

_INLINED: Final = "pictures are in the text as base64, `-o docs.md` writes them as files"


def documents_result(
    context: Context, study: StudyDocuments, file: Path | None, *, overwrite: bool, is_raw: bool
) -> Text | Stream:
    """Return the documentation for a terminal, a pipe or a file, and write the pictures of a Markdown file.

    ``is_raw`` says that the Markdown is printed, with its pictures in it, unless there is a file.

    Raises
    ------
    FileConflict
        A picture's file exists, and ``overwrite`` is not set.

    """
    ending = ending_of(file) if file is not None else ""
    if ending in PAGES:
        page = contextlib.nullcontext(page_of(context, study, web_address(context, study.study)))
        # The page is built locally, so there is nothing to retry.
        return Stream(lambda: page, lambda once: once(), trusted=True, notes=study.full_notes)
    text = composed(study.documents)
    notes = study.notes if file is None else study.full_notes
    if file is not None and ending == "md" and not is_special(file):
        folder = file.with_name(f"{file.stem}.files")
        text, pictures = with_picture_files(text, folder.name)
        write_picture_files(folder, pictures, overwrite=overwrite)
    elif is_raw and without_pictures(text)[1]:
        notes = (*notes, _INLINED)
    documents = [(document.title, document.body) for document in study.documents]
    return Text(text, documents_payload(study), notes=notes, documents=documents)


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
