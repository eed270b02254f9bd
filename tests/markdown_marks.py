"""Marks of Markdown, from which properties are tested with texts of any shape."""

from __future__ import annotations

from typing import Final

MARKS: Final = (
    *(
        "# ",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "> ",
        "| a | b |\n|---|---|\n",
        "`",
        "```\n",
        "**",
        "~~",
        "$",
        "$$",
        "\\",
        "x",
        " ",
    ),
    r"\frac{a}{b}",
)
