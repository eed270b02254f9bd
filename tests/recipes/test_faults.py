"""Test that the page on fault injection matches the stub."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from recipes import pages

from server_stub.faults import KINDS, Fault
from server_stub.middleware import HANG_SECONDS, SLOW_SECONDS

if TYPE_CHECKING:
    from recipes.workspace import Workspace


@pytest.mark.slow
def test_lines_print_the_output_on_the_page(workspace: Workspace) -> None:
    pages.check_sessions("faults", workspace)


def test_page_lists_every_field_and_every_kind() -> None:
    rows = re.findall(r"^\| (`.*?`) \|.*\| (.*?) ?\|$", pages.page("faults"), re.MULTILINE)
    named = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    fields = {field.name: field.default for field in dataclasses.fields(Fault)}
    assert named == set(fields)
    text = pages.page("faults")
    assert all(f"`{kind}`" in text for kind in KINDS)
    assert (fields["count"], fields["status"], fields["seconds"], fields["when"]) == (1, 503, None, "before")
    [(_, seconds)] = [row for row in rows if "`seconds`" in row[0]]
    assert [float(number) for number in re.findall(r"\d+", seconds)] == [SLOW_SECONDS, HANG_SECONDS]
