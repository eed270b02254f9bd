"""Write the documentation of a study as one Markdown text, with its pictures in the text or as files beside it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from sostrades_cli.files.atomic import atomic, is_special, make_folder
from sostrades_cli.files.file_formats import ending_of
from sostrades_cli.files.file_names import safe_name
from sostrades_cli.files.targets import check_target
from sostrades_cli.markdown.pictures import SCHEME, without_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.markdown.pictures import Picture
    from sostrades_cli.operations.ontology.documents import StudyDocument

# The lengths are bounded so that a hostile text cannot make the patterns slow.
_FOOTNOTE: Final = re.compile(r"\[\^([^\]\s]{1,100})\]")
_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\]^\n][^\]\n]{0,200})\]:", re.MULTILINE)
# The address of a picture, with the label in front of it in `[label]: ADDRESS` and `[label](ADDRESS)`.
_PICTURE: Final = re.compile(rf"(?:\[([^\]\n]{{1,200}})\](?::[ \t]*|\())?{SCHEME}(\d{{1,6}})(?!\d)")
_LONGEST: Final = 60


def composed(documents: Sequence[StudyDocument]) -> str:
    """Return all documents as one Markdown text. A single document is unchanged, unless it needs a caveat.

    Footnotes, and definitions that several documents share, get the number of their document as a prefix.
    """
    if len(documents) == 1 and not documents[0].is_shared:
        return documents[0].markdown.rstrip("\n")
    counts = Counter(label for document in documents for label in set(_labels(document.markdown)))
    shared = {label for label, count in counts.items() if count > 1}
    parts = [
        f"# {document.title}\n\n{_with_own_labels(document.body, number, shared).strip()}"
        for number, document in enumerate(documents, 1)
    ]
    return "\n\n".join(parts)


def _labels(markdown: str) -> list[str]:
    return _DEFINITION.findall(markdown)


def _with_own_labels(markdown: str, number: int, shared: set[str]) -> str:
    text = _FOOTNOTE.sub(rf"[^{number}-\1]", markdown)
    for label in set(_labels(markdown)) & shared:
        text = text.replace(f"][{label}]", f"][{number}-{label}]").replace(f"[{label}]:", f"[{number}-{label}]:")
    return text


class _MarkdownWithFiles(NamedTuple):
    """A Markdown text that refers to picture files, and the content of these files by name."""

    text: str
    files: dict[str, bytes]


def _with_picture_files(markdown: str, folder: str) -> _MarkdownWithFiles:
    """Return a text whose pictures are files in ``folder``, and these files.

    A picture of an unknown kind stays in the text. An SVG picture does, too, because an SVG file can run scripts.
    """
    text, pictures = without_pictures(markdown)
    files: dict[str, bytes] = {}

    def replaced(match: re.Match[str]) -> str:
        number = int(match[2])
        if number >= len(pictures):
            return match[0]
        picture = pictures[number]
        prefix = match[0].removesuffix(f"{SCHEME}{match[2]}")
        if picture.kind in {"", "svg"}:
            return f"{prefix}{picture.uri}"
        name = _file_name(match[1] or "", number, picture)
        files[name] = picture.content
        return f"{prefix}{quote(folder)}/{name}"

    return _MarkdownWithFiles(_PICTURE.sub(replaced, text), files)


def _file_name(label: str, number: int, picture: Picture) -> str:
    """Return a safe file name: the number of the picture, which makes it unique, its label, and its kind."""
    stem = re.sub(r"\.\w{1,5}$", "", label)[:_LONGEST] or "picture"
    return f"{number + 1}-{safe_name(stem, _LONGEST)}.{picture.kind.replace('jpeg', 'jpg')}"


def markdown_text(documents: Sequence[StudyDocument], file: Path | None, *, overwrite: bool) -> str:
    """Return the documents as one text. The pictures of a Markdown file ``x.md`` are written into ``x.files``.

    Raises
    ------
    FileConflict
        The file of a picture exists, and ``overwrite`` is not set.

    """
    markdown = composed(documents)
    if file is None or ending_of(file) != "md" or is_special(file):
        return markdown
    folder = file.with_name(f"{file.stem}.files")
    text, files = _with_picture_files(markdown, folder.name)
    if files:
        make_folder(folder)
    # All conflicts are found before the first file is written.
    for name in files:
        check_target(folder / name, overwrite=overwrite)
    for name, content in files.items():
        with atomic(folder / name) as opened:
            opened.write(content)
    return text
