"""A world without studies, and a way to enter small ones by hand."""

from collections.abc import Mapping
from dataclasses import replace

from server_stub.model import Model, Parameter
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.study import Study
from server_stub.values import Value
from server_stub.world import World
from server_stub.worlds.people import populate, rights_of_everybody


def build(world: World) -> None:
    """Enter the people."""
    populate(world)


def add_study(
    world: World,
    study_id: int,
    name: str,
    *parameters: Parameter,
    values: Mapping[str, Value] | None = None,
    **model: Value,
) -> Study:
    """Enter a study of these parameters; more of the model by the names of its fields.

    Its disciplines are the nodes of the parameters, and all of them get their settings. `values` are those that
    differ from the defaults, by names without the study's.
    """
    nodes = tuple(dict.fromkeys(("", *(one.node for one in parameters))))
    settings = [*coupling_settings(), *(one for node in nodes[1:] for one in discipline_settings(node))]
    made = replace(Model(f"{name}_process", nodes, (*settings, *parameters)), **model)
    study = world.add_study(study_id, name, made, rights_of_everybody(world))
    study.values = made.configured({**study.values, **(values or {})})
    return study
