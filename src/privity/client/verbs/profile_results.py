"""What the verbs about name and picture take and answer. Light, as `results` is."""

from typing import Annotated

import msgspec

from privity.client.verbs.params import Name, Params, Path, Short
from privity.client.verbs.person_results import Person
from privity.client.verbs.result import Result

__all__ = ["PictureOf", "PictureShown", "ProfileSet", "ProfileShown"]

Data = Annotated[bytes, msgspec.Meta(max_length=512 * 1024)]


class ProfileSet(Params, frozen=True):
    """Be called and look otherwise; what is null stays.

    The picture comes as a `path`, or as `data` (base64) from a window; `bare` takes it
    away.
    """

    name: Short | None = None
    path: Path | None = None
    data: Data | None = None
    bare: bool = False


class ProfileShown(Result, frozen=True):
    """What others are shown of this account, from the next message in each chat on."""

    person: Person


class PictureOf(Params, frozen=True):
    """The picture that a person shows; "me" is this account."""

    who: Name


class PictureShown(Result, frozen=True):
    """A picture: a JPEG in base64, empty where there is none."""

    person: Person
    data: bytes
