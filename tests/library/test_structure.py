"""The structure of a study in a program: tree, couplings and graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import pytest
from conftest import slow
from structures import sellar_couplings

from sostrades_cli.errors import NotFound, Refused

if TYPE_CHECKING:
    from conftest import User


AT = "sellar.SellarCoupling"


def test_tree_has_a_row_per_node(user: User) -> None:
    tree = user.client().study(28).tree()
    assert tree.index.name == "node"
    assert tree.index.tolist()[:3] == ["sellar", AT, f"{AT}.Sellar_Problem"]
    assert tree["parent"].tolist()[1:3] == ["sellar", AT]
    assert tree["depth"].tolist() == [0, 1, 2, 2, 2]
    assert tree["kind"].tolist() == ["folder", "coupling", *["discipline"] * 3]
    assert tree.loc[f"{AT}.Sellar_1", "outputs"] == [f"{AT}.y_1"]
    assert "note" not in tree.attrs


def test_part_of_the_tree_begins_at_a_node(user: User) -> None:
    study = user.client().study(28)
    part = study.tree("SellarCoupling", depth=0)
    assert (part.index.tolist(), part["parent"].isna().tolist()) == ([AT], [True])
    with pytest.raises(NotFound):
        study.tree("nowhere")


def test_tree_without_a_run_has_a_note(user: User) -> None:
    tree = user.client().study(22).tree()
    assert tree.index.tolist() == ["crash", "crash.Macro", "crash.Carbon", "crash.Damage", "crash.Energy mix"]
    assert tree["kind"].isna().all()
    assert tree.attrs["note"]


def test_couplings_of_sellar_are_exact(user: User) -> None:
    frame = user.client().study(28).couplings()
    assert frame.columns.tolist() == ["producer", "consumer", "parameter"]
    assert set(frame.itertuples(index=False, name=None)) == {tuple(coupling) for coupling in sellar_couplings()}
    assert len(frame) == 4


@pytest.mark.parametrize("number", [21, 28, *map(slow, (13, 29, 33))])
def test_names_of_the_tables_join(user: User, number: int) -> None:
    study = user.client().study(number)
    tree, couplings, graph = study.tree(), study.couplings(), study.graph()
    assert couplings["producer"].isin(tree.index).all()
    assert couplings["consumer"].isin(tree.index).all()
    assert set(graph) <= set(tree.index)
    assert couplings["parameter"].isin(tree["outputs"].explode()).all()


def test_couplings_after_a_change_are_those_of_the_run_before(user: User) -> None:
    study = user.client().study(21)
    before = study.couplings()
    study["gamma"] = 0.31
    after = study.couplings()
    assert after.equals(before)
    assert after.attrs["note"]


def test_study_without_couplings_has_an_empty_table(user: User) -> None:
    frame = user.client().study(27).couplings()
    assert (len(frame), frame.columns.tolist()) == (0, ["producer", "consumer", "parameter"])


def test_graph_is_one_of_networkx(user: User) -> None:
    graph = user.client().study(28).graph()
    at = "sellar.SellarCoupling."
    assert set(graph) == {f"{at}{name}" for name in ("Sellar_1", "Sellar_2", "Sellar_Problem")}
    assert graph.edges[f"{at}Sellar_1", f"{at}Sellar_2"]["parameters"] == [f"{at}y_1"]
    assert graph.nodes[f"{at}Sellar_1"]["status"] == "DONE"
    assert sorted(map(sorted, nx.simple_cycles(graph))) == [[f"{at}Sellar_1", f"{at}Sellar_2"]]


def test_study_without_a_run_has_no_couplings(user: User) -> None:
    with pytest.raises(Refused) as caught:
        user.client().study(22).couplings()
    assert caught.value.hint == "sostrades calc run 22"
