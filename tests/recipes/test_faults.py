"""What the page says of faults on demand is what the stub does."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from recipes import pages

from server_stub.faults import KINDS, Fault

if TYPE_CHECKING:
    from recipes.place import Place


@pytest.mark.slow
def test_the_lines_print_what_the_page_shows(place: Place) -> None:
    """A lost answer, two bad gateways and a server that is gone end as the page shows."""
    pages.check_sessions("faults", place)


def test_the_page_names_every_field_and_every_kind() -> None:
    """The table has all that a fault can be, with what holds unless it is said."""
    rows = re.findall(r"^\| (`.*?`) \|.*\| (.*?) ?\|$", pages.page("faults"), re.MULTILINE)
    named = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    fields = {field.name: field.default for field in dataclasses.fields(Fault)}
    assert named == set(fields)
    text = pages.page("faults")
    assert all(f"`{kind}`" in text for kind in KINDS)
    assert (fields["count"], fields["status"], fields["seconds"], fields["when"]) == (1, 503, 1.0, "before")
