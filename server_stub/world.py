"""A whole server: users, keys, rights, studies, and the list of requests."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from server_stub import errors
from server_stub.behaviours import BEHAVIOURS
from server_stub.clock import Clock, ManualClock
from server_stub.declared_studies import DeclaredStudies
from server_stub.errors import ApiError
from server_stub.faults import Faults
from server_stub.keys import ApiKey, Caller, User, identify
from server_stub.model import Model
from server_stub.ontology.catalogue import Catalogue
from server_stub.ontology.service import ABSENT, ON, OntologyService
from server_stub.study import Pace, Study

_LISTED_REQUESTS = 10_000
_LARGEST_ID = 2**63 - 1


class Right(IntEnum):
    """The right of a user on a study."""

    NONE = 0
    RESTRICTED_VIEWER = 1
    COMMENTER = 2
    CONTRIBUTOR = 3
    OWNER = 4


@dataclass(frozen=True)
class Request:
    """A request to the server, and the status of its answer; 0 means no answer."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    status: int


class World:
    """The state behind an app."""

    # The duration of a read of the study's files, and the limit for a hanging request.
    download_seconds = 0.016
    hang_limit = 60.0
    gui = "http://localhost:4200"

    def __init__(self, *, server: str, speed: float, clock: Clock, ontology: str = ON) -> None:
        self.behaviour = BEHAVIOURS[server]
        self.clock = clock
        self.speed = speed
        self.key = ""
        self.user_key = ""
        self.keys: dict[str, ApiKey] = {}
        self.users: dict[str, User] = {}
        self.studies = DeclaredStudies()
        self.faults = Faults()
        self.ontology = OntologyService(ontology, Catalogue())
        self.requests: deque[Request] = deque(maxlen=_LISTED_REQUESTS)
        self.lock = threading.RLock()
        self.reading: dict[int, int] = {}
        # Read-only files by study, time and kind of reader.
        self.files: dict[tuple[int, float, bool], bytes] = {}
        self._rights: dict[int, dict[str, Right]] = {}
        self._executions = itertools.count(1)
        self._pace = Pace(clock, speed, lambda: next(self._executions), lambda: self.ontology.describes_runs)

    def add_user(self, name: str, key: str) -> User:
        """Add a user with a key."""
        user = User(name, f"{name}@email.com")
        self.users[user.email] = user
        self.keys[key] = ApiKey(user)
        return user

    def add_group(self, name: str, key: str, owner: User, members: tuple[User, ...]) -> None:
        """Add a group with a key. It has the rights of the owner of the group."""
        self.keys[key] = ApiKey(owner, name, tuple(member.email for member in members))

    def add_study(
        self,
        study_id: int,
        name: str,
        model: Model,
        rights: Mapping[User, Right],
        execute: Callable[[Study], None] | None = None,
    ) -> Study:
        """Add a study; ``execute`` adds a run in the past."""
        self.declare_study(study_id, name, model, rights, execute)
        return self.studies[study_id]

    def declare_study(
        self,
        study_id: int,
        name: str,
        model: Model,
        rights: Mapping[User, Right],
        execute: Callable[[Study], None] | None = None,
    ) -> None:
        """Add a study that is built on its first use, with the times of its declaration."""
        execution = next(self._executions) if execute is not None else 0
        described = self.ontology.state != ABSENT
        declared = Pace(ManualClock(self.clock.now()), self.speed, lambda: execution, lambda: described)
        self.ontology.catalogue.register(model)

        def build() -> Study:
            study = Study(study_id, name, model, declared)
            if execute is not None:
                execute(study)
            study.pace = self._pace
            return study

        self.studies.declare(study_id, build)
        self._rights[study_id] = {user.email: right for user, right in rights.items()}

    def switch_ontology(self, state: str) -> None:
        """Change the state of the ontology service. Runs that ended before are described by its old state."""
        with self.lock:
            for study in self.studies.built():
                study.settle()
            self.ontology.switch(state)

    def restart(self, *, kills_runs: bool = True) -> None:
        """Restart the API: what is only in its memory is lost.

        By default, the processes of runs end, too, as when a container is stopped. Their studies stay PENDING or
        RUNNING, because nothing corrects the status.
        """
        with self.lock:
            for study in self.studies.built():
                study.restart(kills_run=kills_runs)
            self.ontology.restart_api()

    def caller(self, header: str | None) -> Caller:
        """Return the caller, or refuse the request."""
        return identify(header, self.keys, self.users)

    def find(self, study_id: int) -> Study:
        """Return a study, or answer that it does not exist."""
        if study_id > _LARGEST_ID:
            raise ApiError(403, "Python int too large to convert to SQLite INTEGER")
        if study_id not in self.studies:
            raise ApiError(403, errors.UNKNOWN_STUDY)
        return self.studies[study_id]

    def right(self, caller: Caller, study_id: int) -> Right:
        """Return the right of the caller on a study."""
        return self._rights[study_id].get(caller.user.email, Right.NONE)

    def study(self, caller: Caller, study_id: int, needed: Right) -> Study:
        """Return a study that the caller may use with the needed right, or answer 403."""
        study = self.find(study_id)
        if self.right(caller, study_id) < needed:
            raise ApiError(403, errors.NO_RIGHTS)
        return study

    def copy(self, caller: Caller, source: Study, name: str) -> int:
        """Create a study with the same process and defaults. The server does not copy the values."""
        if caller.group is None:
            raise ApiError(400, "'NoneType' object has no attribute 'id'")
        with self.lock:
            new_id = self._next_id()
            rights = dict(self._rights[source.id])
            rights[caller.user.email] = Right.OWNER
            copy = Study(new_id, name, source.model, self._pace, has_files=False, is_copy=True)
            self.studies[new_id] = copy
            self._rights[new_id] = rights
        return new_id

    def _next_id(self) -> int:
        return max(self.studies) + 1
