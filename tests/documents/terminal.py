"""A terminal in this process: `sostrades` runs against the stub without waiting, other programs run in bash."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyte
from terminal_screen import TerminalScreen

if TYPE_CHECKING:
    from conftest import User

# A command up to the `;` or `&&` that follows it, outside quotes.
_COMMAND: Final = re.compile(r"""((?:[^;&'"]|'[^']*'|"(?:[^"\\]|\\.)*"|&(?!&))+)(;|&&)?\s*""")
COLUMNS: Final = 80
# No line is broken that the program does not break.
WIDE: Final = 300
ROWS: Final = 200
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Terminal:
    """A user in a folder of their own; the last exit code is kept for `$?`."""

    user: User
    code: int = 0

    def types(self, line: str) -> str:
        """Run a line and return what is seen."""
        recorded = ""
        follows = ";"
        for command, separator in _COMMAND.findall(line):
            if follows == ";" or self.code == 0:
                recorded += self._run(command.strip())
            follows = separator
        return "".join(f"{row.rstrip()}\n" for row in recorded.splitlines())

    def _run(self, command: str) -> str:
        if command.startswith("sostrades "):
            return self._program(command)
        assert "sostrades" not in command, f"only bash could run this: {command}"
        return self._bash(command.replace("$?", str(self.code)))

    def _program(self, command: str) -> str:
        words, redirected = _redirections(command)
        piped = "|" in redirected or ">" in redirected
        done = self.user.types(
            *words[1:],
            tty=not piped,
            # `cat` shows both streams in the order in which they are written.
            one_stream=redirected.get("|") == "cat" or not piped,
            stdin=Path(redirected["<"]).read_bytes() if "<" in redirected else b"",
            secret=self.user.world.key if words[1:3] == ["auth", "login"] and "<" not in redirected else "",
            NO_COLOR="1",
            COLUMNS=str(COLUMNS),
        )
        self.code = done.code
        out = _COLOUR.sub("", done.out)
        if "\x1b" in out:
            out = _on_screen(out)
        if ">" in redirected:
            Path(redirected[">"]).write_text(out, encoding="utf-8")
            return done.err
        if redirected.get("|", "cat") != "cat":
            return done.err + self._bash(redirected["|"], out)
        return out + done.err

    def _bash(self, command: str, given: str = "") -> str:
        environ = {"PATH": os.environ["PATH"], "HOME": str(Path.cwd()), "LC_ALL": "C.UTF-8", **GIT}
        done = subprocess.run(
            ["bash", "-c", command],
            env=environ,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.code = done.returncode
        return done.stdout


# Commits of an example depend neither on who runs the tests nor on when.
GIT: Final = {
    f"GIT_{role}_{item}": value
    for role in ("AUTHOR", "COMMITTER")
    for item, value in (("NAME", "Ann"), ("EMAIL", "ann@corp.example"), ("DATE", "2026-11-22T12:00:00Z"))
}


def _on_screen(out: str) -> str:
    """Return what is left on the screen of an output that moves, such as a live view."""
    screen = TerminalScreen(WIDE, ROWS)
    pyte.Stream(screen).feed(out.replace("\n", "\r\n"))
    return "\n".join(screen.display).rstrip() + "\n"


def _redirections(command: str) -> tuple[list[str], dict[str, str]]:
    """Split a command into its words and its redirections; after `|` stands a command of bash."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    words = list(lexer)
    result: dict[str, str] = {}
    if "|" in words:
        result["|"] = command.partition(" | ")[2]
        words = words[: words.index("|")]
    for sign in ("<", ">"):
        if sign in words:
            at = words.index(sign)
            result[sign] = words[at + 1]
            words = [*words[:at], *words[at + 2 :]]
    return words, result
