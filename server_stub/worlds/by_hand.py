"""A world without studies, and a function to add small ones."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from server_stub.model import Model, Parameter
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.study import Study
from server_stub.values import Value
from server_stub.world import World
from server_stub.worlds.people import default_rights, populate


def build(world: World) -> None:
    """Add the users."""
    populate(world)


def add_study(
    world: World,
    study_id: int,
    name: str,
    *parameters: Parameter,
    values: Mapping[str, Value] | None = None,
    **model: Value,
) -> Study:
    """Add a study with these parameters. More fields of the model are given by name.

    The disciplines are the nodes of the parameters, and all get their settings. ``values`` are those that differ from
    the defaults, by names without the study name.
    """
    nodes = tuple(dict.fromkeys(("", *(parameter.node for parameter in parameters))))
    settings = [*coupling_settings(), *chain.from_iterable(map(discipline_settings, nodes[1:]))]
    made = replace(Model(f"{name}_process", nodes, (*settings, *parameters)), **model)
    study = world.add_study(study_id, name, made, default_rights(world))
    study.values = made.configured({**study.values, **(values or {})})
    return study
