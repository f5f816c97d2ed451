"""What a person is told of their own name and picture."""

from privity.cli.terminal import one_line
from privity.client.verbs import profile_results

__all__ = ["shown"]


def shown(result: profile_results.ProfileShown) -> str:
    """Return what is shown of this account from now on."""
    looks = "with a picture" if result.person.picture else "without a picture"
    name = one_line(result.person.name)
    return f"You are {name}, {looks}. Each chat learns it with your next message there."
