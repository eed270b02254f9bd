"""Test completion in real shells: keys are pressed, and the screen is read."""

from __future__ import annotations

import contextlib
import resource
import shutil
import string
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest

from server_stub.server import running
from server_stub.worlds import build_world
from sostrades_cli.local.cache import CachedChart, CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

    from server_stub.world import World

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")]
SHELLS = {
    "bash": ["bash", "--noprofile", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "-i"],
}
WAIT_S = 60.0


class Typist:
    """A user at a shell in a pseudo-terminal."""

    def __init__(self, name: str, shell: Shell) -> None:
        environ = {**shell.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        words = SHELLS[name]
        self._process = pexpect.spawn(words[0], words[1:], env=environ, cwd=shell.folder, dimensions=(50, 150))
        self._screen = pyte.Screen(150, 50)
        self._stream = pyte.ByteStream(self._screen)
        self._process.send("echo re''ady\r")
        self.sees("\nready")

    def sees(self, text: str) -> str:
        """Read until the screen shows a text, and return the screen."""
        end = time.monotonic() + WAIT_S
        while text not in (screen := "\n".join(line.rstrip() for line in self._screen.display)):
            assert time.monotonic() < end, f"no {text!r} in\n{screen}"
            try:
                self._stream.feed(self._process.read_nonblocking(65536, timeout=0.05))
            except pexpect.TIMEOUT:
                continue
        return screen

    def types(self, keys: str) -> None:
        """Press keys."""
        self._process.send(keys)

    def leaves(self) -> None:
        """Close the terminal."""
        self._process.close(force=True)


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[World, str]]:
    """Serve a stub of this module, whose requests can be counted."""
    built = build_world("demo", speed=20.0)
    with running(built) as url:
        yield built, url


@pytest.fixture
def loaded(shell: Shell, world: tuple[World, str]) -> tuple[Shell, World]:
    """Return a shell in which study 21 was loaded, and the world that counts requests."""
    shell.environ["SOSTRADES_HOST"] = world[1]
    (shell.folder.parent / ".zshrc").write_text("PS1='$ '\n")
    done = shell.runs("sostrades study load 21 -q >/dev/null && sostrades alias set dice 21 -q")
    assert done.returncode == 0, done.stderr
    return shell, world[0]


@contextlib.contextmanager
def typist_at(name: str, shell: Shell) -> Iterator[Typist]:
    """Install completion for a shell, and start a new one."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    assert shell.runs(f"sostrades completion {name} --install -q").returncode == 0
    typist = Typist(name, shell)
    try:
        yield typist
    finally:
        typist.leaves()


@pytest.mark.parametrize("name", SHELLS)
def test_cached_names_are_completed_without_a_request(loaded: tuple[Shell, World], name: str) -> None:
    shell, world = loaded
    (shell.folder / "population.csv").write_text("years,population\n")
    (shell.folder / "tables").mkdir()
    (shell.folder / "tables" / "energy mix.csv").write_text("years,share\n")
    asked = len(world.requests)
    with typist_at(name, shell) as typist:
        typist.types("sostrades param get 21 \t\t")
        screen = typist.sees("Macro.savings_rate")
        assert "Macro.gamma" in screen
        assert "Energy" in screen
        for keys, expected in [
            ("sostrades param get dice Macro.savi\t", "get dice Macro.savings_rate"),
            ("sostrades param set 21 Macro.use_d\tf\t", "set 21 Macro.use_damage=false"),
            ("sostrades param set 21 Macro.gam\t0.3", "set 21 Macro.gamma=0.3"),
            ("sostrades calc run 21 --set Macro.gam\t0.3", "--set Macro.gamma=0.3"),
            ("sostrades param set 21 Macro.population=@popu\t", "Macro.population=@population.csv"),
            ("sostrades param set 21 Macro.population=@ta\ten\t", r"Macro.population=@tables/energy\ mix.csv"),
            ("sostrades study load 21 -o popu\t", "-o population.csv"),
            ("sostrades study load 21 --output=popu\t", "--output=population.csv"),
            ("sostrades study diff ta\t", "diff tables/"),
            ('sostrades param get 21 "Energy mix.sh\t', '"Energy mix.share of wind [%] & sun'),
            ("sostrades calc wat\tdic\t--fail\t", "calc watch dice --fail-fast"),
            ("sostrades calc sweep 21 cases.csv --studies 21,di\t", "--studies 21,dice"),
            ("sostrades study load 21 --format=nd\t", "--format=ndjson"),
        ]:
            typist.types("\x15")
            typist.types(keys)
            typist.sees(expected)
    assert len(world.requests) == asked


def test_bash_without_compopt_completes_names_values_and_files(loaded: tuple[Shell, World]) -> None:
    """Bash 3.2, which macOS has, can neither sort nor change options; this bash is made to do without, too."""
    shell, _ = loaded
    (shell.folder.parent / ".bashrc").write_text("enable -n compopt\n")
    (shell.folder / "population.csv").write_text("years,population\n")
    with typist_at("bash", shell) as typist:
        for keys, expected in [
            ("sostrades param get dice Macro.savi\t-F", "get dice Macro.savings_rate -F"),
            ("sostrades param set 21 Macro.gam\t0.3", "set 21 Macro.gamma=0.3"),
            ("sostrades param set 21 Macro.population=@popu\t", "Macro.population=@population.csv"),
            ("sostrades study load 21 -o popu\t", "-o population.csv"),
        ]:
            typist.types("\x15")
            typist.types(keys)
            typist.sees(expected)


# Names that begin with different letters, each with characters that mean something to a shell.
ODD_NAMES = [
    f"Odd.{letter}{odd}z"
    for letter, odd in zip(
        string.ascii_lowercase,
        [
            " ",
            "%",
            "&",
            "[x]",
            "'",
            '"',
            "$HOME",
            "`x`",
            "\\",
            ";",
            ":",
            "@",
            ",",
            "*",
            "?",
            "#",
            "!1",
            "(x)",
            "{a,b}",
            "<|>",
            "~",
            "^",
            "é→字",
            "  ",
        ],
        strict=False,
    )
]


# Names of studies, which shells show with a description.
ODD_STUDIES = ["qa\\b c", "qb: [v2] 'x'", "qc%20d $HOME", "qd\\:e\\", "qe é"]


def cache_unusual_names(shell: Shell) -> None:
    """Add parameters with unusual names to study 21 in the cache, and studies with unusual names."""
    shell.environ["SOSTRADES_CACHE_DIR"] = str(shell.folder.parent / "odd")
    cache = StudyCache(Folders(shell.environ), shell.environ["SOSTRADES_HOST"])
    cache.store(21, {f"dice.{odd}": CachedParameter("float", "-", "in") for odd in ODD_NAMES})
    cache.store_charts(21, [CachedChart("Odd", odd, "line") for odd in ODD_STUDIES])
    for number, odd in enumerate(ODD_STUDIES, start=100):
        cache.store_name(number, odd)


@pytest.mark.parametrize("name", SHELLS)
def test_unusual_names_are_single_arguments(loaded: tuple[Shell, World], name: str) -> None:
    shell, _ = loaded
    cache_unusual_names(shell)
    with typist_at(name, shell) as typist:
        lines = [
            *(("sostrades param get 21 ", odd, len("Odd.a")) for odd in ODD_NAMES),
            *(("sostrades study load ", odd, len("qa")) for odd in ODD_STUDIES),
            *(("sostrades postproc show 21 ", odd, len("qa")) for odd in ODD_STUDIES),
        ]
        for line, odd, typed in lines:
            # The line is given to printf, which shows each argument.
            typist.types(f"\x15{line}{odd[:typed]}\t\x01printf '<%s>\\n' \r")
            typist.sees(f"<{odd}>")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_unusual_names_are_completed_in_open_quotes(loaded: tuple[Shell, World], quote: str) -> None:
    shell, _ = loaded
    cache_unusual_names(shell)
    with typist_at("bash", shell) as typist:
        for odd in ODD_NAMES:
            if quote == '"' and "!" in odd:
                continue  # nothing in double quotes keeps bash from looking in its history
            typist.types(f"\x15sostrades param get 21 {quote}{odd[:5]}\t\x01printf '<%s>\\n' \r")
            typist.sees(f"<{odd}>")


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_candidates_are_described(loaded: tuple[Shell, World], name: str) -> None:
    shell, _ = loaded
    with typist_at(name, shell) as typist:
        typist.types("sostrades study lo\t\t")
        typist.sees("Show the parameters of a study")
        typist.types("\x15sostrades study load \t\t")
        typist.sees("study 21")


@pytest.mark.parametrize(
    ("asked", "code"), [("tcsh_complete", 1), ("bash_nonsense", 1), ("bash_complete", 0), ("zsh_complete", 0)]
)
def test_completion_writes_nothing_to_stderr(loaded: tuple[Shell, World], asked: str, code: int) -> None:
    """Any output would garble the prompt, even if the shell or configuration is invalid."""
    shell, _ = loaded
    config = shell.folder.parent / "config.toml"
    config.write_text("[profiles")
    environ = {"SOSTRADES_CONFIG_DIR": str(config.parent), "_SOSTRADES_COMPLETE": asked}
    done = shell.runs("sostrades", **environ, COMP_WORDS="sostrades\nparam\nget\ndice\nMa", COMP_CWORD="4")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (code, "", "")


def test_completion_costs_at_most_twice_the_import_of_click(loaded: tuple[Shell, World]) -> None:
    """The fastest of ten runs counts. On a busy machine the ten are repeated."""
    shell, _ = loaded
    # Bash hands over one word a line.
    asked = {"COMP_WORDS": "sostrades\nparam\nget\n21\n", "COMP_CWORD": "4", "_SOSTRADES_COMPLETE": "bash_complete"}
    assert "plain,Macro.gamma" in shell.runs("sostrades", **asked).stdout.splitlines()
    # Without bytecode, the sources of this project alone would be compiled at every start.
    environ = {name: value for name, value in shell.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPYCACHEPREFIX"] = str(shell.folder.parent / "bytecode")

    def ratio() -> float:
        costs: dict[str, list[float]] = {"click": [], "completion": []}
        for _turn in range(10):
            costs["click"].append(cpu_s([sys.executable, "-c", "import click"], environ))
            costs["completion"].append(cpu_s(["sostrades"], {**environ, **asked}))
        return min(costs["completion"]) / min(costs["click"])

    assert any(ratio() <= 2.0 for _ in range(3))


def cpu_s(command: list[str], environ: dict[str, str]) -> float:
    """Return the CPU seconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environ, capture_output=True, check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
