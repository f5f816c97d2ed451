"""Whether this profile tells when its owner types, and shows it of others.

docs/spec/signal.md. Off until a person turns it on, in both directions.
"""

from privity.client.store import Store

__all__ = ["is_on", "turn"]

_NAME = "typing"


def is_on(store: Store) -> bool:
    """Return what was last chosen."""
    return store.setting(_NAME) == b"on"


def turn(store: Store, *, on: bool) -> None:
    """Keep the choice; raises StorageFull."""
    store.set_setting(_NAME, b"on" if on else b"off")
