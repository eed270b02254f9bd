"""The interface diagram: the disciplines with exchanges, and the variables between them. It needs no ontology."""

from collections.abc import Callable, Iterator, Sequence

from server_stub.model import Parameter
from server_stub.structure import dot
from server_stub.structure.edges import Edge, by_pair, driver_of, edges_of
from server_stub.study import Results, Study
from server_stub.values import Json, Table

_COLOURS = 12
Label = Callable[[str], str]


def interface_diagram(study: Study, results: Results, label: Label | None) -> Json:
    """Return the diagram. With an ontology, ``label`` returns the label of a variable."""
    edges = edges_of(study.model, results.inputs)
    disciplines = [
        node for node in study.model.present_nodes(results.inputs) if study.model.type_of(node) != "ProxyCoupling"
    ]
    links = _links(study, edges)
    discipline_nodes = [
        {**drawn, "couplings_number": count}
        for drawn in (_discipline(study, node) for node in disciplines)
        if (count := sum(drawn["id"] in (link["from"], link["to"]) for link in links))
    ]
    parameter_nodes = _repeated(study, results, edges, label)
    return {
        "discipline_nodes": discipline_nodes,
        "parameter_nodes": parameter_nodes,
        "links": links,
        "dotString": dot.digraph(_lines(study, discipline_nodes, parameter_nodes, links)),
    }


def _id(study: Study, node: str) -> str:
    return f"{study.short(node)}.{study.model.class_of(node)}"


def _discipline(study: Study, node: str) -> Json:
    return {
        "id": _id(study, node),
        "type": "DisciplineNode",
        "namespace": study.short(node),
        "cluster": study.short(node),
        "classname": study.model.class_of(node),
        "model_name_full_path": study.model.path_of(node),
        "ontology_label": "",
    }


def _repeated(study: Study, results: Results, edges: Sequence[Edge], label: Label | None) -> list[Json]:
    """Return an item per exchange, like the server.

    The server goes through the exchanges of the whole study, then through those of each coupling. A variable that is
    already there is added again as the one that was new last. Source: interface_diagram.py of sostrades-webapi 5.3.4.
    """
    outside = [edge for edge in edges if driver_of(study.model, edge.producer) is None]
    items = []
    known: set[str] = set()
    newest: Json = None
    for edge in (*outside, *edges):
        if edge.parameter.name not in known:
            known.add(edge.parameter.name)
            newest = _parameter(study, edge, results, label)
        items.append(newest)
    return items


def _parameter(study: Study, edge: Edge, results: Results, label: Label | None) -> Json:
    parameter = edge.parameter
    node = {
        "id": study.short(parameter.name),
        "namespace": study.short(edge.producer),
        "type": "ParameterNode",
        "parameter_name": parameter.var_name,
        "datatype": parameter.type,
        "unit": parameter.unit,
        "descriptor": _descriptor(parameter, results),
    }
    return node if label is None else {**node, "label": label(parameter.var_name)}


def _descriptor(parameter: Parameter, results: Results) -> Json:
    """Return the names of the columns of a table, or the keys of a dict."""
    value = results.values.get(parameter.name)
    if isinstance(value, Table):
        return list(value.columns)
    return list(value) if isinstance(value, dict) else None


def _links(study: Study, edges: Sequence[Edge]) -> list[Json]:
    links: dict[str, Json] = {}
    for (producer, consumer), parameters in by_pair(edges).items():
        for parameter in parameters:
            for start, end, constraint in (
                (_id(study, producer), study.short(parameter.name), "false"),
                (study.short(parameter.name), _id(study, consumer), "true"),
            ):
                name = f"{start}->{end}"
                link = {"id": name, "from": start, "to": end, "constraint": constraint, "weight": 0}
                links.setdefault(name, link)
    return list(links.values())


def _lines(study: Study, disciplines: list[Json], parameters: list[Json], links: list[Json]) -> Iterator[str]:
    yield f"graph {dot.attributes(fontsize='20', label=study.model.process, overlap='false', rankdir='LR')}"
    yield f"node {dot.attributes(colorscheme='set312', nodesep='0.04')}"
    contents: dict[str, list[str]] = {study.short(node): [] for node in study.model.nodes}
    for drawn in disciplines:
        contents[drawn["namespace"]].append("")
    colours = [name for name in dot.folders(contents) if contents.get(name)]
    for drawn in disciplines:
        contents[drawn["namespace"]] = [_drawn_discipline(drawn, colours.index(drawn["namespace"]))]
    for drawn in parameters:
        contents[drawn["namespace"]].append(_drawn_parameter(drawn))
    names = dot.folders(contents)
    for name in names:
        if "." not in name:
            yield from _cluster(name, names, contents)
    yield from (dot.edge(link["from"], link["to"], label="", style="dashed") for link in links)


def _cluster(name: str, names: list[str], contents: dict[str, list[str]]) -> Iterator[str]:
    def inside() -> Iterator[str]:
        yield from contents.get(name, ())
        for child in names:
            if child.rpartition(".")[0] == name:
                yield from _cluster(child, names, contents)

    return dot.cluster(name, inside())


def _drawn_discipline(drawn: Json, colour: int) -> str:
    return dot.node(
        drawn["id"],
        label=drawn["classname"],
        tooltip=drawn["model_name_full_path"],
        fillcolor=str(colour % _COLOURS + 1),
        margin="0.01",
        ordering="out",
        shape="ellipse",
        style="filled",
    )


def _drawn_parameter(drawn: Json) -> str:
    contents = ""
    if drawn["descriptor"] is not None:
        heading = "Columns" if drawn["datatype"] == "dataframe" else "Keys"
        contents = f"|{{{heading}:|{{{'|'.join(map(str, drawn['descriptor']))}}}}}"
    text = f"{drawn.get('label') or drawn['parameter_name']}|Unit:{drawn['unit']}, Datatype:{drawn['datatype']}"
    return dot.node(
        drawn["id"],
        label=text + contents,
        tooltip=drawn["parameter_name"],
        fontsize="10",
        margin="0.01",
        shape="record",
    )
