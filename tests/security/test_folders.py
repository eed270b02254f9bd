"""Names and links: what comes from a server, or lies in a folder already, cannot make the tool write outside of it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport
from security.hostile import STUDY

from server_stub import charts
from server_stub.model import Bundle, Model, Parameter, no_outputs
from server_stub.solver_settings import coupling_settings
from server_stub.values import Table
from server_stub.world import Right
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

NAMES = (
    *("../../up", "/etc/passwd", "..\\..\\up", "CON", "NUL", "aux.csv", "com1", "end.", "end ", "a" * 5_000, "é" * 300),
    *(
        "Case.x",
        "case.x",
        "CASE.x",
        "nul\x00byte",
        "line\nend",
        "manifest.json",
        "manifest",
        ".hidden",
        "-rf",
        "~",
        "*",
    ),
    *(
        "\u202egpj",
        "progress.jsonl",
        ".unfinished",
        "data",
        "$(touch x)",
        "`touch x`",
        "a b;c|d",
    ),
)
COMMANDS = {
    "download": ["param", "download", "66", "--all", "-d", "DIR"],
    "export": ["study", "export", "66", "DIR"],
    "charts": ["postproc", "export", "66", "-d", "DIR", "--as", "csv"],
    "pages": ["postproc", "export", "66", "-d", "DIR", "--as", "html"],
}


@pytest.fixture
def named(user: User) -> User:
    """Return a user of a study whose parameters, disciplines and charts have bad names."""
    tables = tuple(Parameter(f"{name}.t", "dataframe", Table(("n",), ((n,),))) for n, name in enumerate(NAMES))
    drawn = tuple(charts.lines(name, ("x", [1]), ("y", {name: [1.0]})) for name in NAMES)
    model = Model("p", ("",), (*tables, *coupling_settings()), no_outputs, lambda _: {"N": [Bundle("b", drawn)]})
    rights = {user.world.users["owner@email.com"]: Right.OWNER}
    user.world.add_study(STUDY, "../../evil", model, rights, finished)
    return user


def tree(folder: Path) -> dict[str, bytes | str]:
    """Return every file below a folder, links as what they point to."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def outside_of(user: User, folder: str) -> dict[str, bytes | str]:
    """Return all files of a test beside a folder and the tool's own."""
    own = (folder, "config", "cache", "state")
    return {name: content for name, content in tree(user.folder).items() if name.split("/")[0] not in own}


def typed(user: User, command: str, *options: str) -> Any:
    """Run one of the commands with the folder `in/out`."""
    words = [str(user.folder / "in" / "out") if word == "DIR" else word for word in COMMANDS[command]]
    return user.types(*words, *options)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_name_leaves_the_folder(named: User, command: str) -> None:
    """Files of bad names are in the folder, under names that every system can have, one for each."""
    (named.folder / "in").mkdir()
    done = typed(named, command)
    assert done.code == 0, done.err
    files = tree(named.folder / "in" / "out")
    assert set(tree(named.folder / "in")) == {f"out/{name}" for name in files}
    assert outside_of(named, "in") == {}
    names = [Path(name).name for name in files]
    assert len([name for name in names if name.endswith((".csv", ".html"))]) >= len(NAMES)
    for name in names:
        assert len(name.encode()) <= 255
        assert name.isprintable()
        assert not set(name) & set('<>:"/\\|?* ')
        assert Path(name).stem.split(".")[0].upper() not in {"CON", "NUL", "AUX", "COM1"}
        assert not name.endswith((".", " ", ".part"))
        assert not name.startswith(("-", "~"))
    contents = [content for name, content in files.items() if name.endswith(".csv")]
    assert len(set(contents)) >= len(NAMES) or command == "pages"


@pytest.mark.parametrize("command", ["download", "export"])
def test_names_that_differ_only_in_case_get_files_of_their_own(named: User, command: str) -> None:
    """Windows and macOS ignore case: one table would replace another."""
    assert typed(named, command).code == 0
    files = [name for name in tree(named.folder / "in" / "out") if name.endswith(".csv")]
    assert len({name.casefold() for name in files}) == len(files) >= len(NAMES)
    manifest = (named.folder / "in" / "out" / "manifest.json").read_text()
    assert [name for name in files if name not in manifest] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_files_that_are_there_stay_unless_told(named: User, command: str) -> None:
    """A second time is exit 2 and changes nothing; with --overwrite it is done anew."""
    (named.folder / "in").mkdir()
    assert typed(named, command).code == 0
    before = tree(named.folder / "in")
    assert typed(named, command).code == 2
    assert tree(named.folder / "in") == before
    assert typed(named, command, "--overwrite").code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_links_at_the_place_of_files_are_not_followed(named: User, command: str) -> None:
    """Files that were replaced by links to someone's file: even --overwrite replaces the link, never that file."""
    (named.folder / "in").mkdir()
    assert typed(named, command).code == 0
    victim = named.folder / "victim"
    victim.write_text("precious", encoding="utf-8")
    for path in [path for path in (named.folder / "in").rglob("*") if path.is_file()]:
        path.unlink()
        path.symlink_to(victim)
    typed(named, command, "--overwrite")
    assert victim.read_text(encoding="utf-8") == "precious"
    assert outside_of(named, "in") == {"victim": b"precious"}


@pytest.mark.parametrize("link", ["data", ".unfinished", ".unfinished/progress.jsonl", ".unfinished.jsonl"])
@pytest.mark.parametrize("command", ["export", "charts"])
def test_links_at_the_place_of_own_folders_lead_nowhere(named: User, command: str, link: str) -> None:
    """A repository that was cloned may have them: nothing behind them is written or removed."""
    folder, victims = named.folder / "in" / "out", named.folder / "victims"
    victims.mkdir()
    for name in ("authorized_keys", "progress.jsonl", "data"):
        (victims / name).write_text("precious", encoding="utf-8")
    (folder / link).parent.mkdir(parents=True)
    (folder / link).symlink_to(victims if "jsonl" not in link else victims / "progress.jsonl")
    entry = {"key": "a.b", "type": "float", "unit": None, "output": False, "state": "table"}
    manifest = {"format": 1, "server": "x", "study": 66, "name": "x", "time": "x", "parameters": []}
    manifest["parameters"] = [{**entry, "file": "data/authorized_keys"}]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = outside_of(named, "in")
    done = typed(named, command, "--overwrite")
    assert outside_of(named, "in") == before
    if (command, link) in {("export", "data"), ("export", ".unfinished"), ("charts", ".unfinished.jsonl")}:
        assert done.code == 2
        assert "symbolic link" in done.err


class Meddler(httpx.BaseTransport):
    """The stub, beside someone who does something in the middle of the downloads."""

    def __init__(self, user: User, meddle: Callable[[], None], at: int) -> None:
        self._stub, self._meddle, self._left = StubTransport(user.world), meddle, at

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, after having meddled once."""
        if "download" in request.url.path:
            self._left -= 1
            if self._left == 0:
                self._meddle()
        return self._stub.handle_request(request)


def test_a_link_that_is_planted_meanwhile_is_replaced(named: User) -> None:
    """A link at a file's place, planted while its table comes: the file takes its place."""
    folder, victim = named.folder / "in" / "out", named.folder / "victim"
    (named.folder / "in").mkdir()
    victim.write_text("precious", encoding="utf-8")
    assert typed(named, "download").code == 0
    names = [path.name for path in folder.iterdir()]
    shutil.rmtree(folder)
    planted = []

    def plant() -> None:
        for name in names:
            (folder / name).symlink_to(victim)
            planted.append((folder / name).is_symlink())

    named.transport = Meddler(named, plant, 1)
    assert typed(named, "download").code == 0
    assert planted == [True] * len(names)
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not any(path.is_symlink() for path in folder.iterdir())


@pytest.mark.parametrize("linked", ["low", "sweep.jsonl"])
def test_a_sweep_that_goes_on_fills_no_link(user: User, monkeypatch: pytest.MonkeyPatch, linked: str) -> None:
    """The folder of a case, or the record, became a link since: exit 2, and what is behind it stays."""
    monkeypatch.chdir(user.folder)
    Path("cases.csv").write_text("case,Macro.gamma\nlow,0.2\n", encoding="utf-8")
    arguments = ["calc", "sweep", "21", "cases.csv", "--collect", "Damage.damages", "-o", "r.csv"]
    assert user.types(*arguments).code == 0
    Path("r.csv").unlink()
    # As if it had been cut off before its only case.
    record = Path("r.d/sweep.jsonl")
    os.truncate(record, record.read_bytes().index(b"\n") + 1)
    victims = user.folder / "victims"
    victims.mkdir()
    shutil.move(f"r.d/{linked}", victims / linked)
    shutil.rmtree(victims / "low", ignore_errors=True)
    Path("r.d", linked).symlink_to(victims if linked == "low" else victims / linked)
    before = tree(victims)
    done = user.types(*arguments, "--resume")
    assert done.code == 2
    assert "symbolic link" in done.err
    assert tree(victims) == before
    assert user.types("param", "get", "21", "Macro.gamma").out == "0.3\n"


def test_pages_are_whole_or_not_there(named: User) -> None:
    """A page whose numbers cannot be read leaves neither a file nor a part of one under its name."""
    target = named.folder / "page.html"

    class Cut(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError("broke")

    named.transport = Cut()
    assert named.types("postproc", "html", "66", "-o", str(target)).code in {6, 7}
    assert not list(named.folder.glob("*page*"))
