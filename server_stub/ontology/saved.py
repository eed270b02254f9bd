"""The files that the server saves beside the read-only file at the end of a run."""

from collections.abc import Iterator

from server_stub.ontology.catalogue import Catalogue
from server_stub.structure.tree import tree
from server_stub.study import Study
from server_stub.values import Json


def usages(study: Study, catalogue: Catalogue) -> Json:
    """Return the saved metadata: ``{}`` after a run without the service, and nothing without a finished run.

    Source of the names: loaded_tree_node.py of sostrades-webapi 5.3.4.
    """
    results = study.saved
    if results is None:
        return None
    if not results.described:
        return {}
    whole = tree(study, results, with_data=True)
    return catalogue.usages({"disciplines": sorted({*_modules(whole)}), "parameter_usages": sorted({*_keys(whole)})})


def documentation(study: Study, name: str, catalogue: Catalogue) -> str | None:
    """Return the saved text: "" after a run without the service, and nothing for an unknown module."""
    results = study.saved
    if results is None or name not in _modules(tree(study, results, with_data=False)):
        return None
    return catalogue.document(name) if results.described else ""


def _modules(node: Json) -> Iterator[str]:
    yield from node["models_full_path_list"]
    for child in node["children"]:
        yield from _modules(child)


def _keys(node: Json) -> Iterator[str]:
    for entry in node["data"].values():
        yield entry["variable_key"]
    for discipline in node["data_management_disciplines"].values():
        for group in ("disciplinary_inputs", "disciplinary_outputs"):
            for entry in discipline[group].values():
                yield entry["variable_key"]
    for child in node["children"]:
        yield from _keys(child)
