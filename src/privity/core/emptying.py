"""Messages that say nothing: what is sent in place of one that never left.

A number that was given to a message is used, also when its author takes it back or the
relay refuses it for good: others would miss it else. docs/spec/transcript.md.
"""

from msgspec import structs

from privity.content.build import control_message, origin
from privity.content.control import Nothing
from privity.content.mimi import MimiContent, message_id
from privity.content.view import Control, read
from privity.core.state import Outgoing
from privity.core.step import Draft

__all__ = ["empty_out", "is_empty"]


def empty_out(draft: Draft, item: Outgoing) -> None:
    """Queue nothing at all under the number of a message that is not to be sent."""
    random = draft.context.random
    where = origin(draft.state.account.account_id, item.chat_id, random)
    content = control_message(where, Nothing())
    encoded = content.encode()
    empty = structs.replace(
        item,
        idem=random(16),
        content=encoded,
        frank_salt=random(32),
        message_id=message_id(encoded, content.sender, content.room, content.salt),
        digest=b"",
        job=0,
        anew=b"",
    )
    draft.drop_outgoing(item)
    draft.put_outgoing(empty)


def is_empty(item: Outgoing) -> bool:
    """Tell whether a message in the outbox says nothing."""
    return read(MimiContent.decode(item.content)) == Control((Nothing(),))
