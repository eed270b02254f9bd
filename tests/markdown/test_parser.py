"""Test that a document parsed in parts has the tokens of the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.markdown.parser import parse, tokens_in_parts

BLOCKS = ["", "# a", "a", "b *c*", "- a", "  b", "    c", "1. a", "> a", ">", "| a | b |", "|---|---|", "---", "==="]
FORMULAS = ["```", "~~~", "$$", "$$a$$", "$$ a", "b $$", "b $$ c", "- $$", "  $$", "> $$", "    $$", "$a$", "\t- a"]
OTHERS = ["[a]", "[a]: b", "[^1]", "[^1]: a", "^[a]", "a\rb", "a\r\nb", "\x0c", "\x85", "\u2028", "***", "* a"]
PIECES = st.sampled_from([*BLOCKS, *FORMULAS, *OTHERS])


def shapes(document: str, part_lines: int | None) -> list[tuple[str, str, int, str, list[str]]]:
    """Return the tokens of a document, without their places."""
    tokens = parse(document).tokens if part_lines is None else tokens_in_parts(document, part_lines)
    return [
        (token.type, token.content, token.level, token.markup, [child.type for child in token.children or ()])
        for token in tokens
    ]


@settings(deadline=None, max_examples=25)
@given(st.lists(PIECES, max_size=30).map("\n".join), st.integers(1, 8))
def test_parts_have_the_tokens_of_the_whole(document: str, part_lines: int) -> None:
    assert shapes(document, part_lines) == shapes(document, None)


@pytest.mark.parametrize("block", ["```\n{}\n```", "$$\n{}\n$$", "- {}", "> {}", "$$\na $$ b\n\n{}\n$$"])
def test_block_may_be_longer_than_a_part(block: str) -> None:
    document = "a\n\n" + block.format("\n\n    a".join("abcdefghij")) + "\n\nb\n"
    assert shapes(document, 3) == shapes(document, None)
