"""A person, as the verbs answer it. Light, as `results` is."""

from privity.client.verbs.result import Id, Result

__all__ = ["Person"]


class Person(Result, frozen=True):
    """Somebody, as this device knows them.

    `trust` is "me", "known to server" or "verified" (the safety number was compared).
    """

    account: Id
    name: str
    handle: str
    trust: str
    picture: str = ""
    """What names the picture that they show (`profile.picture` gives it); or empty."""
