"""The file of read-only mode, and the study object around it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from server_stub.model import Bundle, Charts
from server_stub.ontology.catalogue import Catalogue
from server_stub.structure.interface import interface_diagram
from server_stub.structure.matrix import matrix
from server_stub.structure.sequence import execution_sequence
from server_stub.structure.tree import tree
from server_stub.study import Results, Study
from server_stub.values import Json, dumps, encode


def stamp(seconds: float) -> str:
    """Return a time like the database of the server: in UTC, without a time zone."""
    return datetime.fromtimestamp(seconds, tz=UTC).replace(tzinfo=None).isoformat(" ")


def study_case(study: Study, status: str, *, has_file: bool) -> Json:
    """Return the database row of a study."""
    cpu, memory = study.run.machine(study.pace.now()) if study.run is not None and has_file else ("", "")
    flags = ("is_manager", "is_contributor", "is_commenter", "is_restricted_viewer", "is_favorite")
    return {
        "id": study.id,
        "name": study.name,
        "process": study.model.process,
        "repository": study.model.repository,
        "process_display_name": study.model.process,
        "repository_display_name": study.model.repository,
        "creation_date": stamp(int(study.created_at)),
        "modification_date": stamp(study.modified_at),
        "execution_status": status,
        "creation_status": "CREATION PENDING" if study.is_copy else "CREATION DONE",
        "study_type": "Study",
        "group_name": study.group_name,
        "group_id": study.group_id,
        "group_confidential": False,
        "is_reference_running": False,
        "regeneration_id": None,
        "regeneration_status": None,
        **dict.fromkeys(flags, False),
        "is_last_study_opened": False,
        "opening_date": "",
        "error": None,
        "study_pod_flavor": None,
        "execution_pod_flavor": None,
        "generation_pod_flavor": None,
        "last_memory_usage": memory,
        "last_cpu_usage": cpu,
        "has_read_only_file": has_file,
        "is_stand_alone": False,
    }


def update_answer(study: Study) -> Json:
    """Return the answer to a parameters POST. It only confirms that the change was accepted."""
    return {
        "study_case": study_case(study, "NOT EXECUTED", has_file=False),
        "treenode": {},
        "post_processings": {},
        "plotly": {},
        "n2_diagram": {},
        "user_id_execution_authorized": 1,
        "no_data": False,
        "read_only": False,
        # Only a study with a run has this flag.
        "can_reload": study.run is not None,
        "load_status": "in_progress",
        "dashboard": {},
    }


def document(study: Study, results: Results, charts: Charts, catalogue: Catalogue | None, *, with_data: bool) -> Json:
    """Return the whole file, without data for a restricted viewer. Without a catalogue, it has no labels."""
    label = None if catalogue is None else _label_of(catalogue)
    whole = tree(study, results, with_data=True)
    return {
        # The file has this status, because it is written before the run ends.
        "study_case": {
            **study_case(study, "RUNNING", has_file=True),
            **({} if catalogue is None else {"process_display_name": catalogue.process_label(study.model)}),
        },
        "treenode": whole if with_data else tree(study, results, with_data=False),
        "post_processings": {
            study.full(node): [_bundle(study, node, bundle) for bundle in bundles] for node, bundles in charts.items()
        },
        "plotly": {},
        "n2_diagram": {
            "n2_diagram": {} if catalogue is None else matrix(study, results, whole, catalogue),
            "interface_diagram": interface_diagram(study, results, label),
            "execution_sequence": execution_sequence(study, results),
        },
        "user_id_execution_authorized": 0,
        "no_data": False,
        "read_only": True,
        "can_reload": True,
        "load_status": "read_only_mode",
        "dashboard": {},
    }


def _label_of(catalogue: Catalogue) -> Callable[[str], str]:
    def label(name: str) -> str:
        return str(catalogue.parameter(name).get("label", ""))

    return label


class _Source:
    """All inputs of a file. Equal sources make equal files."""

    def __init__(self, study: Study, results: Results, catalogue: Catalogue, *, with_data: bool) -> None:
        self.study, self.results, self.with_data = study, results, with_data
        self.catalogue = catalogue if results.described else None
        # Values may be lists, which cannot be hashed.
        self._contents = (
            id(study.model),
            study.execution,
            repr(study_case(study, "", has_file=True)),
            repr(results),
            with_data,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and self._contents == other._contents

    def __hash__(self) -> int:
        return hash(self._contents)


def file(study: Study, results: Results, catalogue: Catalogue, *, with_data: bool) -> bytes:
    """Return the file as it is stored."""
    return _written(_Source(study, results, catalogue, with_data=with_data))


# Tests build many worlds with the same studies. Only a few files are cached, because they may have several megabytes.
@lru_cache(maxsize=4)
def _written(source: _Source) -> bytes:
    charts = source.study.model.charts(source.results.values)
    whole = document(source.study, source.results, charts, source.catalogue, with_data=source.with_data)
    return dumps(whole).encode()


def _bundle(study: Study, node: str, bundle: Bundle) -> Json:
    chosen = list(bundle.filters)
    charts_filter = {
        "filter_name": "Charts",
        "filter_values": chosen,
        "selected_values": chosen,
        "filter_key": "graphs",
        "multiple_selection": True,
    }
    return {
        "name": bundle.name,
        "discipline_name": study.full(node),
        "filters": [charts_filter],
        "post_processings": encode(bundle.charts),
    }
