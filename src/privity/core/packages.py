"""My key packages at the relay, and everything else of mine whose time is over."""

from privity import mls
from privity.core import readmission
from privity.core.effects import Cause
from privity.core.leaves import leaf_identity
from privity.core.moved import Moved
from privity.core.requests import PublishPackages
from privity.core.state import Invite, Link, Package, Request_
from privity.core.step import Draft
from privity.wire.limits import KEY_PACKAGE_LIFETIME, KEY_PACKAGES_ONE_TIME

__all__ = ["life_of_packages", "upkeep"]

REFILL_BELOW = 8
_CLOCK_SKEW = 3600
_RENEW_LAST_RESORT = KEY_PACKAGE_LIFETIME // 2
_REPLY_KEY_LIFETIME = 30 * 86_400
_WEEK = 7 * 86_400
_WEEKS = KEY_PACKAGE_LIFETIME // _WEEK
_UNANSWERED = ("claiming", "telling", "finding", "sent")


def life_of_packages(now: int) -> tuple[int, int]:
    """Return from when to when packages that are published now are good.

    Whole weeks, four of them; three are left, but for an hour. Packages lie at the
    relay, and the second of a refill would tell when their device was there.
    """
    week = (now - _CLOCK_SKEW) // _WEEK
    return week * _WEEK, (week + _WEEKS) * _WEEK


def upkeep(draft: Draft, counts: dict[int, int]) -> None:
    """Drop private keys whose time is over, and publish packages where few are left.

    `counts` is what the relay still has of one-time packages, by suite.
    """
    account, now = draft.state.account, draft.context.now
    _forget_what_is_over(draft)
    _forget_old_logs(draft)
    readmission.tidy(draft)
    if any(isinstance(j.request, PublishPackages) for j in draft.state.jobs.values()):
        return
    left = counts.get(account.suite, 0)
    resort = _last_resort(draft, now)
    if left >= REFILL_BELOW and not resort:
        return
    missing = KEY_PACKAGES_ONE_TIME - left if left < REFILL_BELOW else 0
    request = PublishPackages(
        suite=account.suite,
        packages=tuple(_make(draft, last_resort=False) for _ in range(missing)),
        not_after=life_of_packages(now)[1],
        last_resort=resort,
    )
    draft.send(request, Cause("key_packages", account.device_id))


def _forget_what_is_over(draft: Draft) -> None:
    """Drop old keys: each one costs every mailbox message an attempt to open it.

    A decided request is remembered as long as a package that opens its invitation
    can live, so that a relay which delivers it again brings no second one.
    """
    state, now = draft.state, draft.context.now
    for package in tuple(state.packages.values()):
        if package.created + KEY_PACKAGE_LIFETIME + _CLOCK_SKEW < now:
            draft.drop(Package, package.ref)
    for invite in tuple(state.invites.values()):
        if invite.created + _REPLY_KEY_LIFETIME < now and invite.state in _UNANSWERED:
            draft.drop(Invite, invite.invite_id)
    for link in tuple(state.links.values()):
        if (link.expiry and link.expiry <= now) or 0 < link.uses <= link.used:
            draft.drop(Link, link.secret)
    for request in tuple(state.requests.values()):
        over = request.received + 2 * KEY_PACKAGE_LIFETIME < now
        if over and request.state != "pending":
            draft.drop(Request_, request.invite_id)


def _forget_old_logs(draft: Draft) -> None:
    for moved in tuple(draft.state.moved.values()):
        if moved.is_over(draft.context.now):
            draft.drop(Moved, moved.chat_id)


def _last_resort(draft: Draft, now: int) -> bytes:
    """Return a new package of last resort if the present one is missing or old."""
    newest = max(
        (p.created for p in draft.state.packages.values() if p.last_resort),
        default=0,
    )
    if newest + _RENEW_LAST_RESORT > now:
        return b""
    return _make(draft, last_resort=True)


def _make(draft: Draft, *, last_resort: bool) -> bytes:
    account, now = draft.state.account, draft.context.now
    suite = mls.suite(account.suite)
    not_before, not_after = life_of_packages(now)
    bundle = mls.make_key_package(
        suite,
        leaf_identity(account),
        random=draft.context.random,
        not_before=not_before,
        not_after=not_after,
        last_resort=last_resort,
    )
    ref = bundle.reference(suite)
    draft.put(
        ref,
        Package(ref=ref, bundle=bundle.encode(), created=now, last_resort=last_resort),
    )
    return bundle.key_package.encode()
