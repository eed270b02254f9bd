"""The exchanges of a study: a discipline writes a variable, and another one reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server_stub.model import Model, Parameter, Values


@dataclass(frozen=True)
class Edge:
    """A variable on its way from a discipline to another one."""

    producer: str
    consumer: str
    parameter: Parameter


def edges_of(model: Model, inputs: Values) -> tuple[Edge, ...]:
    """Return the exchanges by producer, consumer and variable, without those of a discipline with itself."""
    order = {node: index for index, node in enumerate(model.nodes)}
    edges = [
        Edge(parameter.writer, reader, parameter)
        for parameter in model.present(inputs)
        if parameter.writer is not None and parameter.writer in order
        for reader in parameter.readers or ()
        if reader in order and reader != parameter.writer
    ]
    # The sort is stable, so variables keep the order of their declaration.
    return tuple(sorted(edges, key=lambda edge: (order[edge.producer], order[edge.consumer])))


def driver_of(model: Model, node: str) -> str | None:
    """Return the driver that runs a discipline, or nothing for a discipline outside all drivers."""
    parts = node.split(".")
    above = (".".join(parts[:depth]) for depth in range(1, len(parts)))
    return next((name for name in above if model.is_driver(name)), None)


def by_pair(edges: Iterable[Edge]) -> Mapping[tuple[str, str], list[Parameter]]:
    """Return the variables of each pair of disciplines."""
    pairs: dict[tuple[str, str], list[Parameter]] = {}
    for edge in edges:
        pairs.setdefault((edge.producer, edge.consumer), []).append(edge.parameter)
    return pairs
