"""The meaning of a study in a program: documentation, labels and definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import NotFound, NoValue

if TYPE_CHECKING:
    from conftest import User


def test_documentation_is_markdown(user: User) -> None:
    docs = user.client().study(21).docs()
    assert docs == user.types("study", "docs", "21").out.removesuffix("\n")
    assert docs._repr_markdown_() == docs
    assert "cliproc.discs.Macro" in docs.documents
    assert docs.undocumented == ["Energy mix"]
    assert user.noted


def test_documentation_of_a_node_is_its_own(user: User) -> None:
    docs = user.client().study(21).docs("Damage")
    assert [*docs.documents] == ["cliproc.discs.Damage"]
    with pytest.raises(NotFound):
        user.client().study(21).docs("nowhere")


def test_study_without_documentation_is_an_error(user: User) -> None:
    with pytest.raises(NoValue):
        user.client().study(28).docs()


def test_description_is_that_of_the_command(user: User) -> None:
    study = user.client().study(21)
    assert study.describe("gamma") == user.prints("param", "show", "21", "gamma")
    assert study.describe("population")["ontology"]["label"] == "World population"
    with pytest.raises(NotFound):
        study.describe("nothing like this")
