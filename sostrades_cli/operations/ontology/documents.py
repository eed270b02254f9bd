"""Read the documentation of a study: of its process, and of the Python modules of its nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import ASK_FOR_UPDATE, NO_READ_ONLY_MODE
from sostrades_cli.errors import NoRoute, NoValue, Refused
from sostrades_cli.operations.ontology.metadata import LIVE, SAVED, KnownMetadata, read_metadata
from sostrades_cli.operations.ontology.service import Unavailable, ask_service
from sostrades_cli.operations.structure.node_lookup import find_node, is_below
from sostrades_cli.operations.structure.read import read_structure, stored_structure
from sostrades_cli.operations.study.load import means_no_read_only_file
from sostrades_cli.operations.thread_pool import in_parallel
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sostrades_cli.api.structure import StudyNode, StudyStructure
    from sostrades_cli.operations.context import Context

JOBS: Final = 4
# The caveat is part of the Markdown, so it does not contain the names of nodes, which are not Markdown.
CAVEAT: Final = (
    "The nodes of this document share a Python module, and may be of several classes. "
    "The ontology documents only one class of a module."
)
# Modules of the engine: couplings and drivers, which model authors do not document.
_ENGINE: Final = "sostrades_core.execution_engine."
_FIRST_HEADING: Final = re.compile(r"\s*#{1,2}[ \t]+([^\n]*?)[ \t#]*(?:\n|$)")
# A title is plain text, so a heading with formulas, links or emphasis cannot be one.
_MARKUP: Final = re.compile(r"[$\[\]*_`<>\\]")


@dataclass(frozen=True, slots=True)
class StudyDocument:
    """The documentation of a module or of the process, as Markdown.

    ``name`` is the full name of the module or the process. ``nodes`` are the nodes that use the module, without the
    study's own name. A process has none. ``label`` is the ontology's label, empty if it is unknown or may belong to
    another class. ``is_shared`` means that the nodes may be of several classes, while the ontology documents only one
    class per module. ``source`` is ``saved`` or ``live``.
    """

    name: str
    nodes: tuple[str, ...]
    label: str
    is_shared: bool
    source: str
    markdown: str

    @property
    def title(self) -> str:
        """Return a heading: the label, the nodes, or the name of the process with the first heading of its text."""
        if self.nodes:
            return self.label or listed(self.nodes)
        name = self.name.rpartition(".")[2]
        heading = self._first_heading
        if not heading or _MARKUP.search(heading) or heading.casefold() == name.casefold():
            return f"Process {name}"
        return f"Process {name}: {heading}"

    @property
    def body(self) -> str:
        """Return the Markdown below the title: with a caveat if needed, without a heading that repeats the title."""
        if self.is_shared:
            return f"> **Note:** {CAVEAT}\n\n{self.markdown}"
        match = _FIRST_HEADING.match(self.markdown)
        heading = self._first_heading.casefold()
        if match is None or not heading:
            return self.markdown
        title = self.title.casefold()
        # The title is the path of a node in this study. The author of a model wrote at most its last part.
        is_title = heading in {title, title.rpartition(".")[2], title.partition(": ")[2], self.name.rpartition(".")[2]}
        return self.markdown[match.end() :] if is_title else self.markdown

    @property
    def _first_heading(self) -> str:
        match = _FIRST_HEADING.match(self.markdown)
        return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class StudyDocuments:
    """The documentation of a study. ``name`` is the study's own name. The document of the process comes first.

    ``undocumented`` are nodes without documentation. It is empty if some documentation cannot be read. ``troubles`` are
    notes on other missing parts, with reasons.
    """

    study: int
    name: str
    documents: tuple[StudyDocument, ...]
    undocumented: tuple[str, ...]
    troubles: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Return notes on missing and doubtful documentation, with the names of the first few nodes."""
        return self._notes(listed)

    @property
    def full_notes(self) -> tuple[str, ...]:
        """Return the same notes with the names of all nodes, for a file."""
        return self._notes(", ".join)

    def _notes(self, names: Callable[[Sequence[str]], str]) -> tuple[str, ...]:
        without = f"without documentation: {names(self.undocumented)}" if self.undocumented else None
        shared = [
            f"{names(document.nodes)} share a module and may be of several classes, of which the ontology documents one"
            for document in self.documents
            if document.is_shared
        ]
        return tuple(filter(None, [*self.troubles, without, *shared]))


def read_documents(context: Context, study: int, node: str | None = None) -> StudyDocuments:
    """Return the documentation of a study, or of a node and the nodes below it.

    Raises
    ------
    NoValue
        There is no documentation. The message says whether it does not exist, or whether no source was available.
    NotFound, AmbiguousName
        No node matches, or several do.
    Refused
        The study has no finished run, so its modules are unknown.
    ServerFault
        The server gave no answer, so it is unknown whether there is documentation.

    """
    structure, outdated = _structure(context, study)
    start = structure.name if node is None else find_node(study, structure, node).path
    nodes = [child for child in structure.nodes if is_below(child.path, start)]
    modules = list(dict.fromkeys(module for child in nodes for module in child.models))
    known = read_metadata(context, study, modules, ())
    with context.waiting(f"Reading the documentation of study {study}"):
        texts, unread = _texts(context, study, modules, known)
        process, why_no_process = _process(context, structure) if start == structure.name else (None, None)
    documents = [process] if process is not None else []
    documents += [_document(structure, module, texts[module], known) for module in modules if module in texts]
    used = {name for document in documents for name in document.nodes}
    missing = tuple(
        short_key(structure.name, child.path)
        for child in nodes
        if any(not module.startswith(_ENGINE) for module in child.models)
        and short_key(structure.name, child.path) not in used
    )
    if not documents:
        raise known.failure or _nothing(study, node, known.reason or unread, why_no_process)
    others = f"the documentation of other nodes cannot be read: {unread}" if unread else None
    troubles = tuple(filter(None, [outdated, why_no_process, others]))
    return StudyDocuments(study, structure.name, tuple(documents), () if unread else missing, troubles)


def _structure(context: Context, study: int) -> tuple[StudyStructure, str | None]:
    """Return the structure, and a note if it belongs to an earlier run."""
    try:
        return read_structure(context, study), None
    except NoRoute as error:
        # The routes for documentation came with the same version, so the cache does not help.
        raise _unknown(study, error) from error
    except Refused as error:
        # A change deletes the read-only file, but not the documentation that the last run saved.
        stored = stored_structure(context, study)
        if stored is None:
            raise (_unknown(study, error) if means_no_read_only_file(error) else error) from error
        return stored[1], f"study {study} was changed since its last finished run, whose nodes are documented here"


def _unknown(study: int, error: Refused | NoRoute) -> Refused | NoRoute:
    """Return the error for a study whose modules are unknown. Without them, there is no name to look up."""
    if isinstance(error, NoRoute):
        return error.reworded(
            f"the documentation of study {study} cannot be read, because {NO_READ_ONLY_MODE}",
            detail="it has no routes for documentation either, and a run of the study does not change that",
            hint=ASK_FOR_UPDATE,
            study=study,
        )
    return error.reworded(
        f"the documentation of study {study} cannot be found, because the structure of the study is not known",
        study=study,
    )


def _texts(
    context: Context, study: int, modules: Sequence[str], known: KnownMetadata
) -> tuple[dict[str, tuple[str, str]], str]:
    """Return the source and the text of each module that has documentation, and why others cannot be read."""
    # A run saves labels and documentation together, so without the labels no request is needed.
    with_saved = modules if known.absence is None else ()
    saved = dict(in_parallel(lambda module: context.api.ontology.saved_document(study, module), with_saved, JOBS))
    texts = {module: (SAVED, text) for module, text in saved.items() if isinstance(text, str) and text}
    for module in modules:
        # An empty saved text means that the module had no documentation. No answer means that it was not saved.
        if isinstance(saved.get(module), str):
            continue
        live = _live(context, module)
        if isinstance(live, Unavailable):
            return texts, live
        texts |= {module: (LIVE, live)} if live else {}
    return texts, ""


def _live(context: Context, name: str) -> str | Unavailable:
    return ask_service(context, lambda api: api.live_document(name))


def _process(context: Context, structure: StudyStructure) -> tuple[StudyDocument | None, str | None]:
    """Return the documentation of the process and why it is unavailable. No run saves it, so it is always live."""
    if not structure.process:
        return None, None
    live = _live(context, structure.process)
    if isinstance(live, Unavailable):
        return None, f"without the documentation of the process: {live}"
    document = StudyDocument(structure.process, (), "", is_shared=False, source=LIVE, markdown=live)
    return (document if live else None), None


def _document(structure: StudyStructure, module: str, text: tuple[str, str], known: KnownMetadata) -> StudyDocument:
    users = [node for node in structure.nodes if module in node.models]
    is_shared = _may_have_several_classes(users)
    info = known.metadata.modules.get(module)
    return StudyDocument(
        module,
        tuple(short_key(structure.name, node.path) for node in users),
        "" if info is None or is_shared else info.label,
        is_shared,
        *text,
    )


def _may_have_several_classes(users: Iterable[StudyNode]) -> bool:
    """Return whether the nodes of a module may be of several classes.

    The ontology has one entry per module, that of its last class.
    """
    classes = [node.classes for node in users]
    return len(classes) > 1 and not (all(classes) and len({name for names in classes for name in names}) == 1)


def _nothing(study: int, node: str | None, unread: str, why_no_process: str | None) -> NoValue:
    """Return the error for a study without documentation: it does not exist, or it cannot be read."""
    subject = f"study {study}" if node is None else f"{node:.120} of study {study}"
    if unread:
        return NoValue(
            f"there is no documentation of {subject}",
            detail=unread,
            hint="repeat this command when the ontology service of the server works",
            study=study,
        )
    return NoValue(
        f"the ontology has no documentation of {subject}",
        detail=why_no_process,
        hint=f"read labels and definitions of the parameters instead: `sostrades param list {study} --labels`",
        study=study,
    )
