"""Test that names from a server, and links in a folder, cannot make the tool write outside of the folder."""

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
def hostile_user(user: User) -> User:
    """Return a user of a study whose parameters, disciplines and charts have hostile names."""
    return with_study(user, NAMES)


@pytest.fixture
def small_user(user: User) -> User:
    """Return a user of the same study with few names, for tests that write it more than once."""
    return with_study(user, ("../../up", "progress.jsonl", ".unfinished", "data"))


def with_study(user: User, names: tuple[str, ...]) -> User:
    """Add a study whose parameters, disciplines and charts have these names."""
    tables = tuple(Parameter(f"{name}.t", "dataframe", Table(("n",), ((n,),))) for n, name in enumerate(names))
    drawn = tuple(charts.lines(name, ("x", [1]), ("y", {name: [1.0]})) for name in names)
    model = Model("p", ("",), (*tables, *coupling_settings()), no_outputs, lambda _: {"N": [Bundle("b", drawn)]})
    rights = {user.world.users["owner@email.com"]: Right.OWNER}
    user.world.add_study(STUDY, "../../evil", model, rights, finished)
    return user


def tree(folder: Path) -> dict[str, bytes | str]:
    """Return every file below a folder. Links are read as their targets."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def outside_of(user: User, folder: str) -> dict[str, bytes | str]:
    """Return all files of a test outside a folder and the folders of the tool."""
    own = (folder, "config", "cache", "state")
    return {name: content for name, content in tree(user.folder).items() if name.split("/")[0] not in own}


def run_command(user: User, command: str, *options: str) -> Any:
    """Run one of the commands with the folder `in/out`."""
    words = [str(user.folder / "in" / "out") if word == "DIR" else word for word in COMMANDS[command]]
    return user.types(*words, *options)


@pytest.mark.parametrize("command", COMMANDS)
def test_hostile_names_stay_inside_the_folder(hostile_user: User, command: str) -> None:
    (hostile_user.folder / "in").mkdir()
    done = run_command(hostile_user, command)
    assert done.code == 0, done.err
    files = tree(hostile_user.folder / "in" / "out")
    assert set(tree(hostile_user.folder / "in")) == {f"out/{name}" for name in files}
    assert outside_of(hostile_user, "in") == {}
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
def test_names_that_differ_only_in_case_get_distinct_files(hostile_user: User, command: str) -> None:
    """Windows and macOS ignore case: one table would replace another."""
    assert run_command(hostile_user, command).code == 0
    files = [name for name in tree(hostile_user.folder / "in" / "out") if name.endswith(".csv")]
    assert len({name.casefold() for name in files}) == len(files) >= len(NAMES)
    manifest = (hostile_user.folder / "in" / "out" / "manifest.json").read_text()
    assert [name for name in files if name not in manifest] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_existing_files_are_kept_without_overwrite(small_user: User, command: str) -> None:
    (small_user.folder / "in").mkdir()
    assert run_command(small_user, command).code == 0
    before = tree(small_user.folder / "in")
    assert run_command(small_user, command).code == 2
    assert tree(small_user.folder / "in") == before
    assert run_command(small_user, command, "--overwrite").code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_links_in_place_of_files_are_not_followed(small_user: User, command: str) -> None:
    """Even --overwrite replaces the link, and never its target."""
    (small_user.folder / "in").mkdir()
    assert run_command(small_user, command).code == 0
    victim = small_user.folder / "victim"
    victim.write_text("precious", encoding="utf-8")
    for path in [path for path in (small_user.folder / "in").rglob("*") if path.is_file()]:
        path.unlink()
        path.symlink_to(victim)
    run_command(small_user, command, "--overwrite")
    assert victim.read_text(encoding="utf-8") == "precious"
    assert outside_of(small_user, "in") == {"victim": b"precious"}


@pytest.mark.parametrize("link", ["data", ".unfinished", ".unfinished/progress.jsonl", ".unfinished.jsonl"])
@pytest.mark.parametrize("command", ["export", "charts"])
def test_links_in_place_of_folders_are_not_followed(small_user: User, command: str, link: str) -> None:
    """A cloned repository may contain such links."""
    folder, victims = small_user.folder / "in" / "out", small_user.folder / "victims"
    victims.mkdir()
    for name in ("authorized_keys", "progress.jsonl", "data"):
        (victims / name).write_text("precious", encoding="utf-8")
    (folder / link).parent.mkdir(parents=True)
    (folder / link).symlink_to(victims if "jsonl" not in link else victims / "progress.jsonl")
    entry = {"key": "a.b", "type": "float", "unit": None, "output": False, "state": "table"}
    manifest = {"format": 1, "server": "x", "study": 66, "name": "x", "time": "x", "parameters": []}
    manifest["parameters"] = [{**entry, "file": "data/authorized_keys"}]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = outside_of(small_user, "in")
    done = run_command(small_user, command, "--overwrite")
    assert outside_of(small_user, "in") == before
    if (command, link) in {("export", "data"), ("export", ".unfinished"), ("charts", ".unfinished.jsonl")}:
        assert done.code == 2
        assert "symbolic link" in done.err


class MeddlingServer(httpx.BaseTransport):
    """A stub with an action in the middle of the downloads."""

    def __init__(self, user: User, meddle: Callable[[], None], at: int) -> None:
        self._stub, self._meddle, self._left = StubTransport(user.world), meddle, at

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, after having meddled once."""
        if "download" in request.url.path:
            self._left -= 1
            if self._left == 0:
                self._meddle()
        return self._stub.handle_request(request)


def test_link_created_during_a_download_is_replaced(small_user: User) -> None:
    folder, victim = small_user.folder / "in" / "out", small_user.folder / "victim"
    (small_user.folder / "in").mkdir()
    victim.write_text("precious", encoding="utf-8")
    assert run_command(small_user, "download").code == 0
    names = [path.name for path in folder.iterdir()]
    shutil.rmtree(folder)
    planted = []

    def plant() -> None:
        for name in names:
            (folder / name).symlink_to(victim)
            planted.append((folder / name).is_symlink())

    small_user.transport = MeddlingServer(small_user, plant, 1)
    assert run_command(small_user, "download").code == 0
    assert planted == [True] * len(names)
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not any(path.is_symlink() for path in folder.iterdir())


@pytest.mark.parametrize("linked", ["low", "sweep.jsonl"])
def test_resumed_sweep_does_not_follow_links(user: User, monkeypatch: pytest.MonkeyPatch, linked: str) -> None:
    """The folder of a case, or the progress file, is now a link: exit 2."""
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


def test_incomplete_pages_leave_no_file(small_user: User) -> None:
    target = small_user.folder / "page.html"

    class Cut(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError("broke")

    small_user.transport = Cut()
    assert small_user.types("postproc", "html", "66", "-o", str(target)).code in {6, 7}
    assert not list(small_user.folder.glob("*page*"))
