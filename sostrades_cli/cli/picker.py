"""A list in the terminal from which the user picks rows; typed letters filter it."""

from __future__ import annotations

from itertools import accumulate, dropwhile
from typing import TYPE_CHECKING, Final

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, FuzzyCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text.utils import fragment_list_width
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prompt_toolkit.formatted_text import OneStyleAndTextTuple, StyleAndTextTuples

MOST_LINES: Final = 12
GAP: Final = 2
# An arrow key begins with the code of Esc, so Esc alone takes effect only after this time.
ESCAPE_TIMEOUT_S: Final = 0.05
# No colours, because none of the rows is good or bad.
STYLE: Final = Style.from_dict(
    {"current": "reverse", "about": "dim", "help": "dim", "fuzzymatch.inside.character": "bold underline"}
)


class RowCompleter(Completer):
    """The rows as completions, for the fuzzy search of prompt_toolkit."""

    def __init__(self, rows: Iterable[str]) -> None:
        self._rows = rows

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - its signature
        """Yield all rows."""
        return map(Completion, self._rows)


class Menu:
    """The rows that match the query, the current row, and the marked rows."""

    def __init__(self, rows: Mapping[str, str], *, several: bool) -> None:
        # Names come from the server, and may hold control codes.
        self._rows = {visible(row): row for row in rows}
        self._abouts = {visible(row): visible(about) for row, about in rows.items()}
        self.several = several
        self.query = Buffer(multiline=False, on_text_changed=lambda _: self._search())
        self.marked: list[str] = []
        # With this pattern, the whole line is the query, not only its last word.
        self._search_engine = FuzzyCompleter(RowCompleter(self._rows), pattern="^.*")
        self._label_width = max(map(get_cwidth, self._rows))
        self._search()

    def _search(self) -> None:
        query = _without_blanks(self.query.text)
        completions = self._search_engine.get_completions(Document(query), CompleteEvent())
        # The engine prefers early matches, even if their letters are far apart.
        self.matches = sorted(
            completions, key=lambda match: query.casefold() not in _without_blanks(match.text).casefold()
        )
        self.position = 0

    def move(self, steps: int) -> None:
        """Move to another row, at most to the first or last."""
        self.position = max(0, min(self.position + steps, len(self.matches) - 1))

    def mark(self) -> None:
        """Mark the current row, or remove its mark, and move on."""
        if not (self.several and self.matches):
            return
        row = self.matches[self.position].text
        if row in self.marked:
            self.marked.remove(row)
        else:
            self.marked.append(row)
        self.move(1)

    @property
    def picked(self) -> list[str]:
        """The marked rows, in the order of their marks; without marks, the current row."""
        current = [match.text for match in self.matches[self.position : self.position + 1]]
        return [self._rows[row] for row in self.marked or current]

    def lines(self, width: int, height: int) -> StyleAndTextTuples:
        """Return the rows around the current one as text."""
        first = max(0, min(self.position - height // 2, len(self.matches) - height))
        text: StyleAndTextTuples = []
        for number, match in enumerate(self.matches[first : first + height], first):
            text += self._line(match, width, current=number == self.position)
        return text

    def _line(self, match: Completion, width: int, *, current: bool) -> StyleAndTextTuples:
        pointer = "> " if current else "  "
        lead = f"{pointer}{'*' if match.text in self.marked else ' '} " if self.several else pointer
        label = _shortened(match.display, width - len(lead))
        about = self._abouts[match.text]
        # One long name must not push the descriptions of all others off.
        column = max(min(self._label_width, width // 2), fragment_list_width(label)) + GAP
        if about and len(lead) + column + get_cwidth(about) <= width:
            label = [*label, ("", " " * (column - fragment_list_width(label))), ("class:about", about)]
        style = " class:current" if current else ""
        line: StyleAndTextTuples = [(f"{part[0]}{style}", part[1]) for part in [("", lead), *label]]
        return [*line, ("", "\n")]

    def help_line(self) -> str:
        """Return the number of matches and the keys."""
        mark = "Tab marks, " if self.several else ""
        count = f"{len(self.marked)} marked, " if self.marked else ""
        return f"  {count}{len(self.matches)} of {len(self._rows)}. Type to search, {mark}Enter selects, Esc cancels."


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _shortened(label: StyleAndTextTuples, width: int) -> list[OneStyleAndTextTuple]:
    """Cut a label in the middle to a number of columns, because names differ at both ends."""
    letters = list(explode_text_fragments(label))
    if fragment_list_width(letters) <= width:
        return letters
    head = _fitting(letters, (width - 1) // 2)
    tail = _fitting(letters[::-1], width - 1 - fragment_list_width(head))[::-1]
    # An accent whose letter was cut off would be drawn on the ellipsis.
    return [*head, ("", "…"), *dropwhile(lambda letter: not get_cwidth(letter[1]), tail)]


def _fitting(letters: list[OneStyleAndTextTuple], width: int) -> list[OneStyleAndTextTuple]:
    """Return the first letters that fit into a number of columns."""
    ends = accumulate(get_cwidth(letter[1]) for letter in letters)
    return [letter for letter, end in zip(letters, ends, strict=True) if end <= width]


def pick(question: str, rows: Mapping[str, str], *, several: bool) -> list[str]:
    """Let the user pick one row, or with ``several`` any number. Return none if the user left with Esc.

    ``rows`` have descriptions. The terminal is that of prompt_toolkit's session.

    Raises
    ------
    KeyboardInterrupt
        The user pressed Ctrl-C.

    """
    menu = Menu(rows, several=several)
    prompt = BufferControl(menu.query, input_processors=[BeforeInput(f"{question}: ")])
    application: Application[list[str]] = Application(style=STYLE, key_bindings=_keys(menu), erase_when_done=True)

    def height() -> int:
        # The question and the help need a line each.
        return max(1, min(MOST_LINES, len(rows), application.output.get_size().rows - 2))

    def text() -> StyleAndTextTuples:
        return menu.lines(application.output.get_size().columns, height())

    application.layout = Layout(
        HSplit(
            [
                Window(prompt, height=1, dont_extend_height=True),
                Window(FormattedTextControl(text), height=height, dont_extend_height=True),
                Window(FormattedTextControl(menu.help_line, style="class:help"), height=1, dont_extend_height=True),
            ]
        )
    )
    application.ttimeoutlen = application.timeoutlen = ESCAPE_TIMEOUT_S
    return application.run()


def _keys(menu: Menu) -> KeyBindings:
    """Return the keys of the list. The query has those of a line editor."""
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        if menu.picked:
            event.app.exit(result=menu.picked)

    @keys.add("escape", eager=True)
    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=[])

    @keys.add("c-c")
    @keys.add(Keys.SIGINT)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @keys.add("c-z")
    def _(event: KeyPressEvent) -> None:
        event.app.suspend_to_background()

    @keys.add("tab")
    def _(_: KeyPressEvent) -> None:
        menu.mark()

    for key, steps in {"up": -1, "c-p": -1, "down": 1, "c-n": 1, "pageup": -MOST_LINES, "pagedown": MOST_LINES}.items():
        keys.add(key)(lambda _, steps=steps: menu.move(steps))
    return keys
