"""Test Markdown of the server on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_marks import MARKS

from sostrades_cli.markdown.formulas import as_text
from sostrades_cli.output.markdown_view import LINES, shown_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = r"""# Carbon[^1]

Text with $\alpha_1$ and
$$E = \frac{a+b}{2}$$
more, a [link](https://x.org/page) and ![alt][name.png].

| Symbol | Meaning |
|---|---|
| `x` | a *value* |

- one
- two

[^1]: A note.

[name.png]:data:image/png;base64,iVBORw0KGgo=
"""
PIECES = st.sampled_from(
    [
        *MARKS,
        "[bold]",
        *(
            "\x1b[31m",
            "\x1b]0;x\x07",
            "\x9b",
            "\u202e",
            "[a\x1b](https://x.org/\x1b)",
            "![\x1b](\x1b.png)",
            "[^1]",
            "\ud800",
        ),
        *(
            "[^1]: note\x1b\n",
            "![b][b]\n\n[b]:data:image/png;base64,iVBORw0KGgo=\n",
            "<b>",
        ),
    ]
)


def shown(content: str, *, color: bool = False, width: int = 60) -> str:
    """Return a document as a terminal shows it."""
    text = "".join(shown_documents([("Title", content)], "utf-8", color=color, width=width))
    return "\n".join(line.rstrip() for line in text.split("\n"))


def test_document_is_readable() -> None:
    text = shown(DOCUMENT)
    assert text.startswith("Title\n\nCarbon[1]\n")
    assert "Text with α₁ and\n\n    E = (a+b)/2\n\nmore, a link (https://x.org/page) and [picture: alt].\n" in text
    assert "x" in text
    assert "a value" in text
    assert " • one\n • two\n" in text
    assert "[1] A note." in text
    assert "iVBOR" not in text


@settings(deadline=None, max_examples=25)
@given(st.lists(PIECES, max_size=15).map("".join), st.booleans())
def test_no_document_reaches_the_terminal_with_control_characters(content: str, color: bool) -> None:
    text = shown(content, color=color)
    for hostile in ("\x1b]", "\x9b", "\u202e", "\x07"):
        assert hostile not in text
    if not color:
        assert "\x1b" not in text


def test_several_documents_are_below_each_other() -> None:
    text = "".join(shown_documents([("A", "a"), ("B", "b")], "utf-8", color=False, width=40))
    assert [line.rstrip() for line in text.split("\n")] == ["A", "", "a", "", "B", "", "b", ""]


def test_address_as_its_own_text_is_shown_once() -> None:
    assert shown("See <https://x.org/page>.").count("https://x.org/page") == 1
    assert shown("See [https://a.org](https://b.org).").count("org") == 2


def test_first_part_needs_no_later_text() -> None:
    """The second document cannot be read yet, and of the first only the formulas of the first part are converted."""
    before = as_text.cache_info().misses

    def documents() -> Iterator[tuple[str, str]]:
        yield "A", "".join(f"$x_{{first{number}}}$\n\n" for number in range(5 * LINES))
        raise AssertionError("too early")

    parts = shown_documents(documents(), "utf-8", color=False, width=40)
    assert "first0" in next(parts)
    assert as_text.cache_info().misses - before < 2 * LINES


def test_parts_are_those_of_a_whole_document() -> None:
    content = DOCUMENT * 20
    parts = list(shown_documents([("Title", content)], "utf-8", color=True, width=60))
    assert len(parts) > 10
    assert all(part.count("\n") <= LINES + 2 for part in parts)
