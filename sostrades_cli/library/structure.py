"""The structure of a study: its tree, its couplings, and both as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.library.dataframes import frame_from
from sostrades_cli.library.study_base import StudyBase, noted
from sostrades_cli.operations.structure.couplings import read_couplings
from sostrades_cli.operations.structure.tree import kind_of, read_tree, status_of

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


class StructureMethods(StudyBase):
    """Methods of a study for what is in it, and what depends on what.

    All names in their results are full names, as in ``parameters``.
    """

    def tree(self, node: str | None = None, depth: int | None = None) -> pd.DataFrame:
        """Return the nodes of the study, as ``sostrades study tree`` shows them.

        ``node`` selects a node and those below it: a full name, the name without the study's own, or a unique ending.
        ``depth`` limits the levels below it.

        Returns a DataFrame with a row for each node, parents first. Index ``node``: full names, as in ``couplings``
        and ``graph``. Columns: ``parent`` (as in the index, missing at the start), ``depth``
        (int64), ``kind`` (``discipline``, ``coupling``, ``driver``, ``folder``, or the server's word for others),
        ``model`` (classes or modules of the disciplines), ``status`` of the last run (str, missing if unknown),
        ``inputs``, ``outputs`` (lists of full names). Without a finished run, the tree follows from the names of the
        parameters, and ``attrs["note"]`` says so.

        Raises
        ------
        NotFound, AmbiguousName
            No node matches, or several do.

        Source: read-only mode, otherwise the parameters of a load.

        """
        with self._opened() as app:
            tree = read_tree(app.context, self._number, node, depth)
            nodes = [entry.node for entry in tree.entries]
            table: dict[str, list[Any]] = {
                "node": [item.path for item in nodes],
                # The parent of the first node is not in the table if `node` selects a part of the tree.
                "parent": [item.parent if index else None for index, item in enumerate(nodes)],
                "depth": [entry.depth for entry in tree.entries],
                "kind": [kind_of(item) or None for item in nodes],
                "model": [", ".join(item.classes or item.models) or None for item in nodes],
                "status": [status_of(item) or None for item in nodes],
                "inputs": [list(item.inputs) for item in nodes],
                "outputs": [list(item.outputs) for item in nodes],
            }
            frame = frame_from(table, index="node", objects=("inputs", "outputs"))
            return noted(app, frame, [tree.note] if tree.note else [])

    def couplings(self) -> pd.DataFrame:
        """Return the parameters that one discipline computes and another reads.

        Returns a DataFrame with a row for each parameter, producer and consumer, in the order of the tree. Columns:
        ``producer``, ``consumer``, ``parameter`` (full names, str). A coupling on which the sources of the server
        disagree is left out, and ``attrs["note"]`` says so. It also says if the study was changed since its last run.

        Raises
        ------
        Refused
            The study has no finished run, or its structure changed since.

        Source: the diagram of read-only mode, checked against inputs and outputs of the disciplines.

        """
        with self._opened() as app:
            couplings = read_couplings(app.context, self._number)
            columns = zip(*couplings.couplings, strict=True) if couplings.couplings else ((), (), ())
            frame = frame_from(dict(zip(("producer", "consumer", "parameter"), map(list, columns), strict=True)))
            if couplings.notes:
                frame.attrs["note"] = "\n".join(couplings.notes)
            return frame

    def graph(self) -> nx.DiGraph[str]:
        """Return the couplings as a graph of disciplines, for paths, loops and drawings with networkx.

        Nodes are full names of disciplines, with ``models`` (list of str) and ``status`` (str). An edge leads from a
        producer to a consumer, with ``parameters``: a list of full names. Disciplines without couplings are nodes, too.

        Raises
        ------
        Refused
            The study has no finished run, or its structure changed since.

        Source: as for ``couplings``.

        """
        from sostrades_cli.operations.structure.graph import discipline_graph

        with self._opened() as app:
            return discipline_graph(read_couplings(app.context, self._number))
