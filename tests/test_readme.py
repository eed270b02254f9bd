"""README and program agree: its examples are run, its tables are made from the code."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.server import running
from server_stub.worlds import build_world
from sostrades_cli.cli.framework import LazyGroup
from sostrades_cli.cli.main import root
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

README = Path(__file__).parent.parent / "README.md"
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
PROGRAM = re.compile(r"```pycon\n(.*?)```", re.DOTALL)
VOLATILE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_the_readme_is_what_the_program_says(user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every example shows its true output, and the tables of commands and exit codes are those of the code."""
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8")
    true = BLOCK.sub(lambda block: f"```console\n{_replayed(block.group(1), user)}```", text)
    true = _between(true, "commands", _commands())
    true = _between(true, "exit codes", _exit_codes())
    if os.environ.get("SOSTRADES_WRITE_README"):
        README.write_text(true, encoding="utf-8")
    assert VOLATILE.sub("TIME", README.read_text(encoding="utf-8")) == VOLATILE.sub("TIME", true)


@pytest.mark.slow  # it waits for runs on a true clock
def test_the_readme_is_what_python_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_of: Callable[..., User]
) -> None:
    """The example in Python shows its true outputs, over a real connection."""
    monkeypatch.chdir(tmp_path)
    world = build_world("demo", server="documented", speed=50.0)
    with running(world) as url:
        for name, value in {**user_of().environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}.items():
            monkeypatch.setenv(name, value)
        names: dict[str, Any] = {}
        text = README.read_text(encoding="utf-8")
        true = PROGRAM.sub(lambda block: f"```pycon\n{_executed(block.group(1), names)}```", text)
        names["server"].close()
    if os.environ.get("SOSTRADES_WRITE_README"):
        README.write_text(true, encoding="utf-8")
    assert README.read_text(encoding="utf-8") == true


def test_the_readme_names_every_setting() -> None:
    """Each variable that the code reads from the environment is in the README."""
    sources = "".join(file.read_text() for file in (README.parent / "sostrades_cli").rglob("*.py"))
    variables = set(re.findall(r'"(SOSTRADES_[A-Z_]+)"', sources))
    text = README.read_text(encoding="utf-8")
    assert variables
    assert {name for name in variables if name not in text} == set()


def test_every_dependency_has_its_reason() -> None:
    """The README says in a line why each dependency is there."""
    text = README.read_text(encoding="utf-8")
    project = (README.parent / "pyproject.toml").read_text()
    runtime = re.findall(r'^    "([a-z]+)>=', project.split("[project.optional-dependencies]")[0], re.MULTILINE)
    assert [name for name in runtime if name == "hatchling" or f"| {name}" in text] == runtime


def _executed(block: str, names: dict[str, Any]) -> str:
    """Run the lines of an interpreter's session and return them with what they print."""
    session = ""
    for example in doctest.DocTestParser().get_examples(block):
        first, *rest = example.source.splitlines()
        session += "".join(f"{line}\n" for line in [f">>> {first}", *(f"... {line}" for line in rest)])
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(example.source, "README.md", "single"), names)  # noqa: S102 - our own examples
        session += "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())
    return session


def _replayed(block: str, user: User) -> str:
    lines = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{_output(line[2:], user)}" for line in lines)


def _output(line: str, user: User) -> str:
    """Run one line of a session; the shell around the program is limited to what the README uses."""
    import shlex  # noqa: PLC0415

    written = re.match(r"printf '(.*)' > (\S+); ", line)
    if written:
        Path(written.group(2)).write_text(written.group(1).encode().decode("unicode_escape"))
        line = line[written.end() :]
    edited = re.match(r"sed -i 's/([^/]*)/([^/]*)/' (\S+); ", line)
    if edited:
        file = Path(edited.group(3))
        file.write_text(re.sub(edited.group(1), edited.group(2), file.read_text()))
        line = line[edited.end() :]
    line, shows_code = (line.removesuffix("; echo $?"), True) if line.endswith("; echo $?") else (line, False)
    line, _, pipe = line.partition(" | ")
    program, *arguments = shlex.split(line)
    assert program == "sostrades"
    done = user.types(*arguments, tty=not pipe, NO_COLOR="1")
    code = f"{done.code}\n" if shows_code else ""
    return _seen(done, pipe) + code


def _seen(done: Outcome, pipe: str) -> str:
    out = done.out
    if pipe.startswith("head -"):
        out = "".join(out.splitlines(keepends=True)[: int(pipe.removeprefix("head -"))])
    text = done.err + out if done.err.startswith("dice ·") else out + done.err
    return "".join(f"{line.rstrip()}\n" for line in ANSI.sub("", text).splitlines())


def _commands() -> str:
    rows = ["| command | does |", "|---|---|"]
    for name, text in root.table.items():
        command = root.get_command(None, name)  # type: ignore[arg-type] # the table needs no context
        if isinstance(command, LazyGroup):
            rows += [f"| `{name} {sub}` | {short} |" for sub, short in command.table.items()]
        else:
            rows.append(f"| `{name}` | {text} |")
    return "\n".join(rows)


def _exit_codes() -> str:
    return "\n".join(["| code | meaning |", "|---|---|", *(f"| {int(code)} | {code.meaning} |" for code in ExitCode)])


def _between(text: str, name: str, content: str) -> str:
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    return f"{before}{start}{content}\n{end}{rest.partition(end)[2]}"
