"""The execution sequence: the steps of a run, with loops and parallel groups."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server_stub.model import Model, Parameter
from server_stub.structure import dot
from server_stub.structure.edges import by_pair, driver_of, edges_of
from server_stub.study import Results, Study
from server_stub.values import Json

Pairs = Mapping[tuple[str, str], list[Parameter]]


@dataclass
class _Graph:
    """The nodes and links of the diagram by id, in the order of the server."""

    nodes: dict[str, Json] = field(default_factory=dict)
    links: dict[str, Json] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, kind: str) -> int:
        """Count a node of a kind."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]

    def link(self, start: str, end: str, parameters: Sequence[str], kind: str) -> None:
        """Add a link, or add parameters to it."""
        name = f"{start}->{end}"
        link = self.links.setdefault(name, {"id": name, "from": start, "to": end, "parameters": [], "type": kind})
        link["parameters"] = list(dict.fromkeys([*link["parameters"], *parameters]))


def execution_sequence(study: Study, results: Results) -> Json:
    """Return the diagram. A driver is one step, without the disciplines that it runs.

    Source: execution_workflow_graph.py of sostrades-webapi 5.3.4.
    """
    model = study.model
    nodes = [
        node
        for node in model.present_nodes(results.inputs)
        if model.type_of(node) != "ProxyCoupling" and driver_of(model, node) is None
    ]
    outside = [edge for edge in edges_of(model, results.inputs) if {edge.producer, edge.consumer} <= {*nodes}]
    pairs = by_pair(outside)
    graph = _Graph()
    for (producer, consumer), parameters in pairs.items():
        names = [f"{model.path_of(producer)}_input_{parameter.var_name}" for parameter in parameters]
        graph.link(study.identifier(producer), study.identifier(consumer), names, "couplingLink")
    ordered = steps(nodes, pairs)
    for step in ordered:
        _add_step(study, graph, step)
    _add_outputs(study, results, graph, ordered[-1] if ordered else [])
    _add_group_links(graph)
    return {
        "nodes_list": list(graph.nodes.values()),
        "links_list": list(graph.links.values()),
        "dotString": dot.digraph(_lines(graph)),
    }


def steps(nodes: Sequence[str], pairs: Pairs) -> list[list[list[str]]]:
    """Return the steps in the order of execution. Each is a list of parallel tasks, and a task is a list of nodes.

    A task of several nodes is a loop. The engine starts at the end, so every task runs as late as possible.
    """
    following = {node: {end for start, end in pairs if start == node} for node in nodes}
    loops = _loops(nodes, following)
    left = list(loops)
    ordered: list[list[list[str]]] = []
    while left:
        waiting = {node for task in left for node in task}
        last = [task for task in left if not any(following[node] & (waiting - {*task}) for node in task)]
        ordered.insert(0, last)
        left = [task for task in left if task not in last]
    return ordered


def _loops(nodes: Sequence[str], following: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the nodes in groups: two nodes are in a loop if each can be reached from the other."""
    reached = {node: _reached(node, following) for node in nodes}
    tasks: list[list[str]] = []
    for node in nodes:
        if not any(node in task for task in tasks):
            tasks.append([node, *(other for other in nodes if other != node and _both(reached, node, other))])
    return tasks


def _both(reached: Mapping[str, set[str]], node: str, other: str) -> bool:
    return other in reached[node] and node in reached[other]


def _reached(node: str, following: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [node]
    while waiting:
        new = following[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return reached


def _add_step(study: Study, graph: _Graph, tasks: list[list[str]]) -> None:
    if len(tasks) == 1:
        _add_task(study, graph, tasks[0], level=0, parent=None)
        return
    number = graph.number("parallel")
    group = f"parallelDiscs{number}"
    children = [_add_task(study, graph, task, level=1, parent=group) for task in tasks]
    graph.nodes[group] = {
        "id": group,
        "type": "ParallelNode",
        "label": f"Parallel Nodes {number}",
        "status": "",
        "disc_name": "",
        "level": 0,
        "parent": None,
        "children": children,
        "is_MDA": False,
    }


def _add_task(study: Study, graph: _Graph, task: list[str], *, level: int, parent: str | None) -> str:
    """Add a discipline or a loop, and return its id. The disciplines of a loop stand before it."""
    if len(task) == 1:
        return _add_discipline(study, graph, task[0], level=level, parent=parent)
    number = graph.number("loop")
    loop = f"cycleDisc{number}"
    children = [_add_discipline(study, graph, node, level=level + 1, parent=loop) for node in task]
    graph.nodes[loop] = {
        "id": loop,
        "type": "MDANode",
        "disc_name": "",
        "label": f"MDA {number}",
        "status": "",
        "level": level,
        "parent": parent,
        "children": children,
        "is_MDA": True,
    }
    return loop


def _add_discipline(study: Study, graph: _Graph, node: str, *, level: int, parent: str | None) -> str:
    name = study.identifier(node)
    graph.nodes[name] = {
        "id": name,
        "type": "DisciplineNode",
        "disc_name": study.model.type_of(node),
        "label": study.short(node),
        "status": "DONE",
        "level": level,
        "parent": parent,
        "path": study.model.path_of(node),
        "children": [],
    }
    return name


def _add_outputs(study: Study, results: Results, graph: _Graph, last: list[list[str]]) -> None:
    """Add a node for the outputs of each last task. Of a loop, the server takes the first discipline."""
    for node, *_others in last:
        outputs = _outputs(study.model, results, node)
        if outputs:
            number = graph.number("output")
            name = f"outputNode{number}"
            graph.nodes[name] = {
                "id": name,
                "type": "OutputNode",
                "disc_name": "",
                "label": f"Output {number}",
                "status": "",
                "level": "",
                "parent": None,
                "children": [],
                "is_MDA": False,
            }
            graph.link(study.identifier(node), name, outputs, "outputLink")


def _outputs(model: Model, results: Results, node: str) -> list[str]:
    return [
        f"{model.path_of(node)}_{'input' if parameter.coupling else 'output'}_{parameter.var_name}"
        for parameter in model.present(results.inputs)
        if parameter.writer == node and not parameter.numerical
    ]


def _add_group_links(graph: _Graph) -> None:
    """Add the links from and to the groups: those of their members together."""
    groups = [name for name, node in graph.nodes.items() if node["children"]]
    for name in (*graph.nodes, *groups):
        for link in [link for link in graph.links.values() if link["from"] == name]:
            for group in _groups_above(graph, link["to"], without=name):
                graph.link(name, group, link["parameters"], link["type"])
        for link in [link for link in graph.links.values() if link["to"] == name]:
            for group in _groups_above(graph, link["from"], without=name):
                graph.link(group, name, link["parameters"], link["type"])
    for name, node in graph.nodes.items():
        node["inLinks"] = [link["id"] for link in graph.links.values() if link["to"] == name]
        node["outLinks"] = [link["id"] for link in graph.links.values() if link["from"] == name]
        node["hasLinks"] = bool(node["inLinks"] or node["outLinks"])


def _groups_above(graph: _Graph, name: str, *, without: str) -> Iterator[str]:
    parent = graph.nodes[name]["parent"]
    while parent is not None:
        if parent != without:
            yield parent
        parent = graph.nodes[parent]["parent"]


def _lines(graph: _Graph) -> Iterator[str]:
    yield f"graph {dot.attributes(rankdir='LR')}"
    drawn = [name for name, node in graph.nodes.items() if node["hasLinks"] and node["level"] == 1]
    for name in drawn:
        node = graph.nodes[name]
        yield dot.node(name, label=f"{node['label']}\n{node['type']}", tooltip=name)
    for link in graph.links.values():
        if link["from"] in drawn and link["to"] in drawn:
            yield dot.edge(link["from"], link["to"], label="")
