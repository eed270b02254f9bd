"""The users and keys of every world."""

from collections.abc import Mapping

from server_stub.keys import User
from server_stub.world import Right, World

# Names of the recordings and constant keys, because a stub has no secrets.
KEYS: Mapping[str, str] = {
    "owner": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "contributor": "1a2b3c4d5e6f708192a3b4c5d6e7f809",
    "commenter": "2a3b4c5d6e7f8091a2b3c4d5e6f70819",
    "viewer": "3a4b5c6d7e8f90a1b2c3d4e5f6071829",
    "stranger": "4a5b6c7d8e9fa0b1c2d3e4f506172839",
    "team": "5a6b7c8d9eafb0c1d2e3f4051627384a",
}


def populate(world: World) -> dict[User, Right]:
    """Add all users, and return the rights of ordinary studies."""
    owner, contributor, *_others = (world.add_user(name, key) for name, key in KEYS.items() if name != "team")
    world.add_group("team", KEYS["team"], owner, (owner, contributor))
    world.key, world.user_key = KEYS["team"], KEYS["owner"]
    return default_rights(world)


def default_rights(world: World) -> dict[User, Right]:
    """Return the rights of the users on an ordinary study."""
    rights = {
        "owner": Right.OWNER,
        "contributor": Right.CONTRIBUTOR,
        "commenter": Right.COMMENTER,
        "viewer": Right.RESTRICTED_VIEWER,
    }
    return {user: rights[user.name] for user in world.users.values() if user.name in rights}
