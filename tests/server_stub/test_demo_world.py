"""The studies of the demo world."""

import json
import math
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

TYPES = {"int", "float", "string", "bool", "list", "dict", "array", "dataframe"}


def test_study_21_has_every_type_of_parameter(api: "Api") -> None:
    loaded = api.load(21)
    assert {entry["type"] for entry in loaded.values()} == TYPES
    assert loaded["dice.Macro.regions"]["value"] == {"Europe": "://dataframe", "Asia": "://dataframe"}
    assert loaded["dice.Macro.not_known"]["value"] is None
    assert loaded["dice.Macro.no_limit"]["value"] is None
    assert loaded["dice.Macro.remark"] == {
        "type": "string",
        "unit": None,
        "var_name": "remark",
        "value": None,
        "optional": True,
    }
    assert loaded["dice.Macro.nested"]["value"] == {"A": {"x": 1.0, "y": None}, "B": {"x": 2.0}}
    assert "dice.Energy mix.share of wind [%] & sun" in loaded
    assert max(len(name.split(".")[-1]) for name in loaded) > 100


def test_load_does_not_show_outputs_and_locked_inputs(api: "Api") -> None:
    loaded = api.load(21)
    assert "dice.Macro.locked" not in loaded
    assert "dice.Damage.total_damage" not in loaded
    assert "dice.residuals_history" in loaded
    assert {frozenset(entry) for entry in loaded.values()} == {
        frozenset({"type", "unit", "var_name", "value", "optional"})
    }


def test_output_of_study_21_can_be_downloaded(api: "Api") -> None:
    header, value = api.download(21, "dice.Damage.total_damage").splitlines()
    assert header == "value"
    assert float(value) > 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dice.Macro.gamma", "value\n0.3\n"),
        ("dice.Macro.use_damage", "value\nTrue\n"),
        ("dice.Macro.no_limit", "value\ninf\n"),
        ("dice.Macro.not_known", 'value\n""\n'),
        ("dice.Macro.weights", "value\n0.2\n0.3\n0.5\n"),
        ("dice.Macro.shares", "variable,value\ncoal,0.4\nwind,0.6\n"),
        ("dice.Macro.nested", "variable,value\nA,\"{'x': 1.0, 'y': nan}\"\nB,{'x': 2.0}\n"),
        (
            "dice.Macro.regions",
            "variable,years,share\nEurope,2020,0.25\nEurope,2030,0.2\nAsia,2020,0.5\nAsia,2030,0.6\n",
        ),
        (
            "dice.Macro.events",
            (
                'name,active,comment,amount\n"Paris, 2015",True,"said ""now""",1.5\n'
                "Glasgow,False,,\nBelém ☃,True,naïve,3.0\n"
            ),
        ),
    ],
)
def test_download_is_csv_by_type(api: "Api", name: str, text: str) -> None:
    assert api.download(21, name) == text


def test_matrix_cannot_be_downloaded(api: "Api") -> None:
    answer = api.post("/study-case/21/parameter/download", {"parameter_key": "dice.Macro.matrix"})
    assert answer.status_code == 400
    assert answer.get_json()["description"] == (
        "InvalidFile(The following file dice.Macro.matrix.csv raise this error while trying to read it : "
        "Shape of passed values is (2, 2), indices imply (2, 1))"
    )


@pytest.mark.slow
def test_study_23_has_the_scale_of_witness(api: "Api") -> None:
    """86 disciplines, 2,241 parameters of which 540 numerical, 490 tables, 344 charts."""
    loaded = api.load(23)
    disciplines = api.get("/calculation/status/23").get_json()["disciplines_status"]
    document = api.get("/study-case/23/read-only-mode").get_json()
    numerical = [entry for entry in every_parameter(document["treenode"]).values() if entry["numerical"]]
    charts = api.get("/post-processing/23").get_json()
    assert len(disciplines) == 86
    assert len(loaded) == 2241
    assert len(numerical) == 540
    assert sum(entry["value"] == "://dataframe" for entry in loaded.values()) == 490
    assert sum(map(len, charts.values())) == 344


def every_parameter(node: dict[str, Any]) -> dict[str, Any]:
    """Collect the data of a node and of all nodes below it."""
    result = dict(node["data"])
    for child in node["children"]:
        result |= every_parameter(child)
    return result


def test_study_23_takes_ten_seconds_to_load(api: "Api") -> None:
    """Too short a wait gives an empty object, as from a study that never loads."""
    assert api.get("/study-case/23/5").get_json() == {}
    api.clock.advance(5.0)
    assert len(api.get("/study-case/23/5").get_json()) == 2241


def test_table_of_study_23_has_81_rows(api: "Api") -> None:
    name = next(name for name, entry in api.load(23).items() if "table 1" in entry["var_name"])
    assert len(api.download(23, name).splitlines()) == 82


def test_witness_world_has_a_coarse_and_a_full_study(build: "Build") -> None:
    api = build("witness")
    assert sorted(api.world.studies) == [23, 31, 32, 33]
    assert len(api.load(31)) == 673


def test_world_is_the_same_at_every_start(build: "Build") -> None:
    first, second = build(), build()
    for path in ("/study-case/23", "/study-case/21/read-only-mode", "/post-processing/21/html"):
        assert first.get(path).data == second.get(path).data


@pytest.mark.parametrize(
    ("study", "status"),
    [(21, "FINISHED"), (22, ""), (23, "FINISHED"), (24, ""), (26, "RUNNING"), (27, "FINISHED")],
)
def test_studies_start_in_different_states(api: "Api", study: int, status: str) -> None:
    assert api.status(study) == status


def test_study_25_is_forbidden(api: "Api") -> None:
    """The routes of the read-only file have other texts."""
    assert api.get("/calculation/status/25").status_code == 403
    assert api.get("/study-case/25/read-only-mode").status_code == 400


def test_study_24_never_finishes_loading(api: "Api") -> None:
    """The answer is an empty object after exactly the requested time."""
    before = api.clock.now()
    assert api.get("/study-case/24/7").get_json() == {}
    assert api.clock.now() - before == pytest.approx(7.0)


def test_speed_does_not_shorten_the_requested_wait(build: "Build") -> None:
    api = build(speed=50.0)
    before = api.clock.now()
    assert api.get("/study-case/24/7").get_json() == {}
    assert api.clock.now() - before == pytest.approx(7.0)


def test_study_26_runs_forever_without_a_change(api: "Api") -> None:
    before = api.get("/calculation/status/26").data
    api.clock.advance(10_000.0)
    assert api.get("/calculation/status/26").data == before


def test_read_only_file_has_more_than_the_load(api: "Api") -> None:
    """Outputs, ranges, possible values, the coupling flag."""
    document = api.get("/study-case/21/read-only-mode").get_json()
    result = every_parameter(document["treenode"])
    assert result["dice.Damage.total_damage"]["io_type"] == "out"
    assert result["dice.Macro.savings_rate"]["range"] == [0.0, 1.0]
    assert result["dice.Macro.scenario"]["possible_values"] == ["cloudy", "sunny", "rainy"]
    assert result["dice.Damage.temperature"]["coupling"] is True
    assert set(api.load(21)) == {
        name
        for name, entry in result.items()
        if (entry["numerical"] or (entry["io_type"] == "in" and not entry["coupling"]))
        and entry["var_name"] != "locked"
    }


def test_restricted_viewer_gets_the_file_without_data(api: "Api") -> None:
    whole = api.get("/study-case/21/read-only-mode").get_json()
    api.key = next(key for key, owned in api.world.keys.items() if owned.owner.name == "viewer")
    reduced = api.get("/study-case/21/read-only-mode").get_json()
    assert every_parameter(reduced["treenode"]) == {}
    assert reduced["post_processings"] == whole["post_processings"]
    assert api.load(21) == {}


def test_commenter_gets_only_solver_settings(api: "Api") -> None:
    api.key = next(key for key, owned in api.world.keys.items() if owned.owner.name == "commenter")
    loaded = api.load(21)
    assert loaded
    assert "dice.Macro.gamma" not in loaded


def test_json_has_only_the_last_bundle_of_a_discipline(api: "Api") -> None:
    """The read-only file and the page have all bundles."""
    charts = api.get("/post-processing/21").get_json()
    document = api.get("/study-case/21/read-only-mode").get_json()
    assert len(document["post_processings"]["dice.Macro"]) == 2
    assert "Hidden in JSON" not in json.dumps(charts)
    assert "Hidden in JSON" in api.get("/post-processing/21/html").text
    assert sum(map(len, charts.values())) >= 8


class Page(HTMLParser):
    """A parser of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.graphs: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record graphs and headings."""
        named = dict(attrs)
        self._open = tag
        if named.get("class") == "plotly-graph-div":
            self.graphs.append(str(named["id"]))

    def handle_data(self, data: str) -> None:
        """Record the text of headings."""
        if self._open in ("h1", "h3"):
            self.headings.append(data.strip())
            self._open = ""


def test_page_has_every_figure_as_four_json_arguments(api: "Api") -> None:
    text = api.get("/post-processing/21/html").text
    page = Page(text)
    decoder = json.JSONDecoder()
    result = []
    end = 0
    # Going on from the end of the last argument: a trace has the name of the call in its own text.
    while call := re.compile(r"Plotly\.newPlot\(\s+").search(text, end):
        end, arguments = call.end(), []
        for _ in range(4):
            argument, end = decoder.raw_decode(text, end)
            arguments.append(argument)
            end = re.compile(r"[\s,]*").match(text, end).end()  # type: ignore[union-attr]
        result.append(arguments)
    assert [arguments[0] for arguments in result] == page.graphs
    assert all(5_000 < len(json.dumps(arguments[2]["template"])) < 9_000 for arguments in result)
    assert page.headings[0] == "Study case dice (id: 21)"
    assert page.headings[1:] == ["dice.Macro", "dice.Carbon", "dice.Damage"]


def test_numpy_numbers_are_only_on_the_page(api: "Api") -> None:
    charts = api.get("/post-processing/21").get_json()["dice.Damage"]
    numpy = next(chart for chart in charts if chart["data"][0].get("name") == "numpy")
    assert numpy["data"][0]["y"] == "://ndarray"
    assert "://ndarray" not in api.get("/post-processing/21/html").text.replace("\\u002f", "/")


def test_csv_of_a_chart_keeps_nan_and_inf(api: "Api") -> None:
    charts = api.get("/post-processing/21").get_json()["dice.Damage"]
    gaps = next(chart for chart in charts if "gaps" in chart["layout"]["title"]["text"])
    assert gaps["data"][0]["y"][-2:] == [None, None]
    assert gaps["csv_data"][-2].endswith("nan")
    assert gaps["csv_data"][-1].endswith("inf")
    assert math.isfinite(gaps["data"][0]["y"][0])
