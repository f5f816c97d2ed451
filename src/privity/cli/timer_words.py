"""What a person is told of messages that disappear."""

from privity.cli.durations import span_of
from privity.client.verbs import results, timer_results

__all__ = ["remaining", "timer_line", "timer_set"]


def timer_set(result: timer_results.ChatTimer) -> str:
    """Return what a chat's timer is."""
    rest = "" if result.done else " It holds once the relay answers."
    if not result.seconds:
        return f"New messages stay.{rest}"
    return (
        f"New messages ask all apps to delete them {span_of(result.seconds)} after"
        f" they were read. Nobody can be made to.{rest}"
    )


def timer_line(by: str, text: str) -> str:
    """Return the line in a chat's history."""
    if not text.isdecimal() or not int(text):
        return f"{by} lets new messages stay"
    return f"{by} lets new messages disappear {span_of(int(text))} after reading"


def remaining(message: results.Message) -> list[str]:
    """Return how long a message is meant to stay."""
    return [f"disappears after {span_of(message.lasts)}"] if message.lasts else []
