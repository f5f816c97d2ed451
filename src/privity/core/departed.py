"""Who was in a chat's new log and is no more, and so has no say about the old one.

docs/spec/refound.md. What is kept is only what could be stated from the old log: its
accounts and the signature keys of its devices.
"""

from msgspec import structs

from privity import mls
from privity.core.chat_rules import accounts_of
from privity.core.step import Draft

__all__ = ["note", "note_absent"]


def note(draft: Draft, chat_id: bytes, before: mls.Group, after: mls.Group) -> None:
    """Keep who was taken out of a group that a chat was moved into."""
    _keep(draft, chat_id, (_accounts(before), _keys(before)), after)


def note_absent(draft: Draft, chat_id: bytes, after: mls.Group) -> None:
    """Keep who is not here after a time of which this device knows nothing.

    Some of them may never have come along, others been removed: it can't tell.
    """
    moved = draft.state.moved.get(chat_id)
    if moved is not None:
        ground = moved.ground
        was = set(ground.accounts), set(ground.leaves)
        _keep(draft, chat_id, was, after)


def _keep(
    draft: Draft, chat_id: bytes, was: tuple[set[bytes], set[bytes]], after: mls.Group
) -> None:
    moved = draft.state.moved.get(chat_id)
    if moved is None:
        return
    accounts, keys = was[0] - _accounts(after), was[1] - _keys(after)
    gone = {*moved.gone, *(accounts & moved.ground.accounts.keys())}
    replaced = {*moved.replaced, *keys.intersection(moved.ground.leaves)}
    if (len(gone), len(replaced)) != (len(moved.gone), len(moved.replaced)):
        changed = {"gone": tuple(sorted(gone)), "replaced": tuple(sorted(replaced))}
        draft.put(chat_id, structs.replace(moved, **changed))


def _accounts(group: mls.Group) -> set[bytes]:
    return set(accounts_of(group.members()))


def _keys(group: mls.Group) -> set[bytes]:
    return {leaf.signature_key for _, leaf in group.members()}
