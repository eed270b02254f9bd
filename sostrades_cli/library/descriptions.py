"""Descriptions of a study and its parameters: documentation, labels and definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sostrades_cli.library.signatures import readable
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.operations.ontology.markdown_file import composed

if TYPE_CHECKING:
    from sostrades_cli.operations.ontology.documents import StudyDocuments


@readable
class Documentation(str):
    """The documentation of a study as Markdown. A notebook shows it with its headings, formulas and pictures.

    ``documents`` maps each module, or the process, to its own Markdown. ``undocumented`` are nodes without any, and
    ``notes`` say what is missing and why.
    """

    __slots__ = ("documents", "notes", "undocumented")
    documents: dict[str, str]
    undocumented: list[str]
    notes: list[str]

    def __new__(cls, study: StudyDocuments) -> Self:
        """Build the text from the documents of a study."""
        self = super().__new__(cls, composed(study.documents))
        self.documents = {document.name: document.markdown for document in study.documents}
        self.undocumented = list(study.undocumented)
        self.notes = list(study.notes)
        return self

    def _repr_markdown_(self) -> str:
        return str(self)


class DescriptionMethods(StudyBase):
    """Methods of a study for the meaning of its parts."""

    def docs(self, node: str | None = None) -> Documentation:
        """Return the documentation of the process and the disciplines, as ``sostrades study docs`` shows it.

        ``node`` selects a node and those below it: a full name, the name without the study's own, or a unique ending.

        Returns a str with the Markdown of all documents. Its attributes are ``documents`` (Markdown by module or
        process), ``undocumented`` (nodes) and ``notes``. In a notebook, it is shown as formatted text.

        Raises
        ------
        NoValue
            There is no documentation; ``detail`` says why.
        NotFound, AmbiguousName
            No node matches, or several do.
        Refused
            The study has no finished run.

        Source: what the last finished run has kept, otherwise the ontology service.

        """
        from sostrades_cli.operations.ontology.documents import read_documents

        with self._opened() as app:
            documents = read_documents(app.context, self._number, node)
            for note in documents.notes:
                app.notes.inform(note)
            return Documentation(documents)

    def describe(self, key: str) -> dict[str, Any]:
        """Return the details of a parameter, as ``sostrades param show -F json`` prints them.

        ``key`` is as in ``get``.

        Returns a dict with ``name``, ``type``, ``unit``, ``kind``, ``range``, ``possible_values``, ``value``,
        ``settable``, ``reason``, and for some parameters ``default``, ``table`` and ``unreadable``. The ``value`` of a
        table is the server's placeholder ``"://dataframe"`` or ``"://ndarray"``, as in ``parameters``; ``table`` has
        its size and first rows, and ``get`` its content. ``ontology`` is ``None`` or a dict with ``label``,
        ``definition``, ``definition_source``, ``unit`` (``None`` if blank), ``source`` (``saved`` or ``live``) and
        ``differences`` from the study, whose own unit, range and choices apply.

        Raises
        ------
        NotFound
            There is no such parameter.

        Source: load, read-only mode, ``POST .../parameter/download``, and what the last finished run has kept of the
        ontology, otherwise its service.

        """
        from sostrades_cli.operations.param.details import read_details
        from sostrades_cli.views.parameter_card import payload_of

        with self._opened() as app:
            return payload_of(read_details(app.context, self._number, key))
