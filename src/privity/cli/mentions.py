"""A text with its mentions as names, for a terminal."""

from privity.client.verbs import results

__all__ = ["text_of"]


def text_of(message: results.Message) -> str:
    """Return a message's text; who is named in it stands there by my name for them."""
    parts: list[str] = []
    end = 0
    for one in message.mentions:
        parts += [message.text[end : one.start], f"@{one.person.name}"]
        end = one.end
    return "".join((*parts, message.text[end:]))
