"""The N2 matrix. The ontology service draws its nodes, so it is empty without the service."""

from collections.abc import Iterable, Iterator, Mapping

from server_stub.ontology.catalogue import Catalogue
from server_stub.structure.edges import Edge, driver_of, edges_of
from server_stub.study import Results, Study
from server_stub.values import Json


def matrix(study: Study, results: Results, whole: Json, catalogue: Catalogue) -> Json:
    """Return the matrix of a whole tree.

    Source: sos_ontology.py of sostrades-ontology 0.1.0 and couplings_force_graph.py of sostrades-webapi 5.3.4.
    """
    tree_nodes: list[Json] = []
    hierarchy: list[Json] = []
    _visit(whole, "", 0, tree_nodes, hierarchy)
    for node in tree_nodes:
        node.update(_labels(catalogue.discipline(node.pop("model"))))
    coupled = dict.fromkeys(name for entries in _used(whole) for name, entry in entries.items() if entry["coupling"])
    parameters = {name: _parameter(name, catalogue) for name in coupled}
    coupling = _Couplings(study, {node["id"]: node for node in tree_nodes}, parameters)
    edges = edges_of(study.model, results.inputs)
    coupling.add(edge for edge in edges if driver_of(study.model, edge.producer) is None)
    _list_links(tree_nodes, coupling.links)
    return {
        "nodes": [*tree_nodes, *parameters.values()],
        "links": [*hierarchy, *coupling.links],
        "treeNodes": tree_nodes,
        "parameterNodes": list(parameters.values()),
        "hierarchyLinks": hierarchy,
        "couplingLinks": coupling.links,
        "groupedLinks": [*hierarchy, *coupling.groups.values()],
    }


def _visit(node: Json, parent: str, level: int, nodes: list[Json], hierarchy: list[Json]) -> None:
    """Add a node and those below it. Folders without a discipline are left out."""
    name = node["full_namespace"]
    if node["node_type"] != "data":
        entries = node["disc_data"].values()
        drawn = {
            "id": name,
            "Parent Node": parent,
            "Name": node["name"],
            "Type": "DisciplineNode",
            "Sub Type": node["node_type"],
            "Level": level,
            "Total Parameters": len(entries),
            "Total Private Parameters": sum(not entry["coupling"] for entry in entries),
            "expandable": int(bool(node["children"])),
            "childrenIDs": list(_below(node)),
            "model": node["model_name_full_path"],
        }
        nodes.append(drawn)
        parent, level = name, level + 1
    for child in node["children"]:
        if child["node_type"] != "data":
            source = child["full_namespace"]
            link = {"source": source, "target": parent, "Type": "PART_OF", "Size": 2}
            hierarchy.append({**link, "id": f"{source}_TO_{parent}_TYPE_PART_OF"})
        _visit(child, parent, level, nodes, hierarchy)


def _below(node: Json) -> Iterator[str]:
    for child in node["children"]:
        if child["node_type"] != "data":
            yield child["full_namespace"]
        yield from _below(child)


def _used(node: Json) -> Iterator[Mapping[str, Json]]:
    yield node["disc_data"]
    for child in node["children"]:
        yield from _used(child)


def _parameter(name: str, catalogue: Catalogue) -> Json:
    known = catalogue.parameter(name.rpartition(".")[2])
    return {"id": name, "Type": "CouplingParameter", "Level": 0, **known}


def _labels(discipline: Json) -> Json:
    names = {"label": "label", "definition": "Definition"}
    return {names[name]: value for name, value in discipline.items() if name in names}


class _Couplings:
    """The links between disciplines and variables, and those between pairs of disciplines."""

    def __init__(self, study: Study, nodes: Mapping[str, Json], parameters: Mapping[str, Json]) -> None:
        self._study, self._nodes, self._parameters = study, nodes, parameters
        self.links: list[Json] = []
        self.groups: dict[str, Json] = {}
        for parameter in parameters.values():
            parameter.update({"in_links": [], "out_links": []})

    def add(self, edges: Iterable[Edge]) -> None:
        """Add the links of every edge. The link of an output is repeated for each consumer."""
        for edge in edges:
            full = self._study.full
            source, target, name = full(edge.producer), full(edge.consumer), full(edge.parameter.name)
            links = [self._link(source, name, source, "OUTPUT"), self._link(name, target, target, "INPUT")]
            self.links += links
            self._parameters[name]["out_links"].append({"link": links[0]["id"], "node": source})
            self._parameters[name]["in_links"].append({"link": links[1]["id"], "node": target})
            self._group(source, target, name, links)

    def _link(self, source: str, target: str, discipline: str, direction: str) -> Json:
        return {
            # The server writes a blank here, although the type has an underscore.
            "id": f"{source}_TO_{target}_TYPE_{direction} OF",
            "source": source,
            "target": target,
            "Type": {"OUTPUT": "OUTPUT_OF", "INPUT": "INPUT_TO"}[direction],
            "Size": 3,
            "ancestors": self._ancestors(discipline),
            "active": 0,
        }

    def _group(self, source: str, target: str, name: str, links: list[Json]) -> None:
        identity = f"{source}_TO_{target}_TYPE_GROUPLINK"
        if identity not in self.groups:
            self.groups[identity] = {
                "id": identity,
                "source": source,
                "sourceLabel": self._nodes[source]["Name"],
                "target": target,
                "targetLabel": self._nodes[target]["Name"],
                "Type": "parameterExchange",
                "Size": 0,
                "parameterList": [],
                "sourceAncestors": self._ancestors(source),
                "targetAncestors": self._ancestors(target),
                "groupedLinks": [],
                "groupedNodes": [],
                "active": 1,
            }
        group = self.groups[identity]
        group["Size"] += 1
        group["parameterList"].append({"id": name, "Name": self._parameters[name].get("label", "")})
        group["groupedLinks"] += links
        group["groupedNodes"].append(name)

    def _ancestors(self, name: str) -> list[str]:
        above = []
        parent = self._nodes[name]["Parent Node"]
        while parent:
            above.append(parent)
            parent = self._nodes[parent]["Parent Node"]
        return above


def _list_links(nodes: list[Json], links: list[Json]) -> None:
    """List the links of each node and of the nodes below it."""
    for node in nodes:
        names = {node["id"], *node["childrenIDs"]}
        node["in_parameter_list"] = [
            link["id"] for link in links if link["Type"] == "INPUT_TO" and link["target"] in names
        ]
        node["out_parameter_list"] = [
            link["id"] for link in links if link["Type"] == "OUTPUT_OF" and link["source"] in names
        ]
