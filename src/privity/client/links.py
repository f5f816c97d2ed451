"""Links that a person was handed: whether they serve here, before anything is asked."""

import time

from privity.client.errors import ClientError
from privity.identity.links import (
    ContactLink,
    LinkError,
    LinkExpired,
    RegisterLink,
    check_link_usable,
    parse_link,
)

__all__ = ["BadLink", "ExpiredLink", "NotAPersonsLink", "of_a_person", "usable"]


class BadLink(ClientError):
    """A text that is no link."""

    code = "bad_link"


class ExpiredLink(ClientError):
    """A link whose time is over."""

    code = "link_expired"


class NotAPersonsLink(ClientError):
    """A link that leads to a relay where one to a person is needed."""

    code = "register_link"


def usable(text: str) -> RegisterLink | ContactLink:
    """Return what a text leads to; raises BadLink, ExpiredLink."""
    try:
        link = parse_link(text.strip())
    except LinkError as error:
        raise BadLink(str(error)) from None
    try:
        check_link_usable(link, int(time.time()))
    except LinkExpired:
        raise ExpiredLink from None
    return link


def of_a_person(text: str) -> str:
    """Return a link that leads to a person; raises NotAPersonsLink and as `usable`."""
    if isinstance(usable(text), RegisterLink):
        raise NotAPersonsLink
    return text.strip()
