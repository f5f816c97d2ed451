"""A member who asks the others for more than it missed."""

from losing import credential

from privity.content.build import control_message, origin
from privity.content.control import MissingAsked
from privity.core import inputs as i
from privity.core.handed import Ask, Span

__all__ = ["ask_for_all"]


def ask_for_all(person, chat, others):
    """Ask for everything that there can be of others, and wait for the answers."""
    suite = person.state.groups[chat].suite
    key = suite.kem.public_of(suite.derive_key_pair(bytes(32))[0])
    spans = [Span(credential(one), 1, 1 << 40, 0, 1 << 40) for one in others]
    ask_id = person.town.random.randbytes(16)
    body = Ask(1, ask_id, key, tuple(spans)).encode()
    where = origin(person.id, chat, person.town.random.randbytes)
    content = control_message(where, MissingAsked(body)).encode()
    person.take(i.SendContent(chat, content))
    person.town.run(seconds=60)
