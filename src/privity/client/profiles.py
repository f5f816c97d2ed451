"""The profiles of this machine's user: the usual one, and those that have names.

What is told of them is what their directories show; a name says nothing of an account.
"""

import os
from collections.abc import Mapping
from contextlib import suppress

from privity.client.errors import ClientError
from privity.client.profile import (
    Profile,
    ProfileLock,
    find_profile,
    is_name,
    named_place,
)
from privity.client.verbs.local_results import ProfileInfo
from privity.errors import UsageError

__all__ = ["ProfileTaken", "list_profiles", "new_profile"]


class ProfileTaken(ClientError):
    """There is a profile of that name."""

    code = "profile_exists"


def list_profiles(
    environ: Mapping[str, str] = os.environ,
) -> tuple[ProfileInfo, ...]:
    """Return the usual profile, if it has an account, and all that have names."""
    usual = find_profile(None, environ)
    found = [("", usual)] if usual.exists else []
    place = named_place()
    if place.is_dir():
        names = sorted(path.name for path in place.iterdir() if path.is_dir())
        found += [(name, Profile(place / name)) for name in names if _is_name(name)]
    return tuple(_info(name, profile) for name, profile in found)


def new_profile(name: str) -> ProfileInfo:
    """Make a place for an account under a name; raises ProfileTaken, UsageError."""
    if not is_name(name):
        raise UsageError("a name has no slash")
    profile = find_profile(name)
    if profile.root.exists():
        raise ProfileTaken(name)
    profile.create()
    return _info(name, profile)


def _info(name: str, profile: Profile) -> ProfileInfo:
    return ProfileInfo(
        name=name,
        path=str(profile.root),
        has_account=profile.exists,
        is_open=_is_held(profile),
    )


def _is_held(profile: Profile) -> bool:
    if not profile.lock.exists():
        return False
    lock = ProfileLock(profile)
    with suppress(OSError):
        if lock.try_acquire():
            lock.release()
            return False
    return True


def _is_name(text: str) -> bool:
    try:
        return is_name(text)
    except UsageError:
        return False
