"""Those who try to tell from a seized disk which account is in which log.

Each gives every pair (account, log) a score; higher means likelier. An attacker knows
the source code, and of the town nothing but the disk.
"""

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import fmean

from privity.relay.paths import ACCOUNTS_NAME
from tests.seizure.areas import Pair
from tests.seizure.seized import PAGE, LogRows, Seized

__all__ = ["ATTACKERS", "KNOWN", "Attacker", "all_together"]

Scores = dict[Pair, float]
Attacker = Callable[[Seized], Scores]
DAY = 86_400
DAY_MINUTES = 1_440
WELCOME_OF_ONE = 1_900
"""About how many bytes a Welcome has for each who is added."""
ANSWER_MINUTES = 100


def order_of_accounts(disk: Seized) -> Scores:
    """Order of the rows of accounts, against the order in which logs began."""
    order = disk.order_of_table("accounts", "account_id", "identity_key")
    return _alike(disk, _ranks(order), _beginnings(disk))


def order_of_logins(disk: Seized) -> Scores:
    """Order of the rows of devices, against the newest entries of logs."""
    order = disk.order_of_table("devices", "account_id", "login_value")
    newest = {log_id: max(log.minutes) for log_id, log in _begun(disk).items()}
    return _alike(disk, _ranks(order), _ranks(sorted(newest, key=newest.__getitem__)))


def order_of_mail(disk: Seized) -> Scores:
    """Order in which mailboxes got mail, against the order in which it was due.

    A Welcome goes with an invitation for each who is added, and each answers it.
    """
    came = [
        disk.owner[mailbox]
        for table, columns in disk.tables_of_mail.items()
        for mailbox in disk.order_of_table(table, "mailbox_id", _telling(columns))
    ]
    invited = _invited(disk)
    answers = [(minute + ANSWER_MINUTES, log_id) for minute, log_id in invited]
    due = [log_id for _, log_id in sorted(invited + answers)]
    return _nearest(disk, _places(came), _places(due))


def order_of_packages(disk: Seized) -> Scores:
    """Order of the rows of key packages, against the order of Welcomes."""
    order = disk.order_of_table("key_packages", "account_id", "digest")
    places = _places(order)
    return _nearest(disk, places, _places([log for _, log in _invited(disk)]))


def order_of_lanes(disk: Seized) -> Scores:
    """Order of the rows of closed lanes, against the order of Welcomes.

    An account whose lane is closed tells a door for whom it invites.
    """
    order = disk.order_of_table("closed_lanes", "account_id", "doors")
    return _nearest(disk, _places(order), _places([log for _, log in _invited(disk)]))


def doors_of_lanes(disk: Seized) -> Scores:
    """How many answers are waited for at closed lanes, against how new a Welcome is."""
    rows = disk.account_rows("SELECT account_id, length(doors) FROM closed_lanes")
    doors = Counter(dict(rows))
    newest: dict[bytes, int] = {}
    for minute, log_id in _invited(disk):
        newest[log_id] = max(minute, newest.get(log_id, 0))
    rank = _ranked(newest)
    return {
        (account, log_id): doors[account] * rank.get(log_id, 0.0)
        for account, log_id in _pairs(disk)
    }


def left_over_bytes(disk: Seized) -> Scores:
    """What write-ahead logs still hold: ids, in their order there."""
    accounts = _order_in(disk, f"{ACCOUNTS_NAME}-wal", disk.accounts)
    mail = _order_in(disk, f"{ACCOUNTS_NAME}-wal", list(disk.owner))
    for mailbox, places in mail.items():
        accounts[disk.owner[mailbox]] += places
    logs = _order_in(disk, "logs.sqlite-wal", list(disk.logs))
    return _nearest(disk, accounts, logs)


def ids_across(disk: Seized) -> Scores:
    """Ids of logs in the account side's files, near to what names an account."""
    data = disk.files[ACCOUNTS_NAME] + disk.files.get(f"{ACCOUNTS_NAME}-wal", b"")
    scores = dict.fromkeys(_pairs(disk), 0.0)
    names = dict(disk.owner) | {account: account for account in disk.accounts}
    for log_id in disk.logs:
        at = data.find(log_id)
        while at >= 0:
            near = data[max(0, at - 20) : at + 16]
            for name, account in names.items():
                scores[account, log_id] += float(name in near)
            at = data.find(log_id, at + 1)
    return scores


def days_of_registration(disk: Seized) -> Scores:
    """Days of registration, against when a log began and whom it took in."""
    days = dict(disk.account_rows("SELECT account_id, day FROM accounts"))
    places = {account: [_in_minutes(day)] for account, day in days.items()}
    return _nearest(disk, places, _join_minutes(disk))


def times_of_mail(disk: Seized) -> Scores:
    """Times that are kept of mail, against the minutes of Welcomes."""
    places = defaultdict(list)
    for table, columns in disk.tables_of_mail.items():
        if "day" not in columns:
            continue
        for mailbox, day in disk.account_rows(f"SELECT mailbox_id, day FROM {table}"):
            places[disk.owner[mailbox]].append(_in_minutes(day))
    return _nearest(disk, places, _join_minutes(disk))


def lives_of_packages(disk: Seized) -> Scores:
    """When packages were published, by their expiry, against all entries of a log."""
    places = defaultdict(list)
    for account, not_after in disk.account_rows(
        "SELECT DISTINCT account_id, not_after FROM key_packages"
    ):
        places[account].append((not_after - 28 * DAY) / 60)
    minutes = {log.log_id: log.minutes for log in disk.logs.values()}
    return _nearest(disk, places, minutes)


def packages_claimed(disk: Seized) -> Scores:
    """How many packages are gone, against how many were invited."""
    left = Counter(
        row[0] for row in disk.account_rows("SELECT account_id FROM key_packages")
    )
    gone = {account: 21 - left[account] for account in disk.accounts}
    return _alike(disk, _ranked(gone), _ranked(_invitations(disk)))


def tokens_taken(disk: Seized) -> Scores:
    """Tokens taken on a day by kind, against logs begun and entries that day."""
    scores = dict.fromkeys(_pairs(disk), 0.0)
    for account, kind, day in disk.account_rows(
        "SELECT account_id, kind, day FROM tokens_issued"
    ):
        for log_id, log in _begun(disk).items():
            of_day = [m for m in log.minutes if m // DAY_MINUTES == day]
            is_new = log.minutes[0] // DAY_MINUTES == day
            if kind == "log":
                scores[account, log_id] += 2.0 * is_new
            scores[account, log_id] += 0.5 * bool(of_day)
    return scores


def blobs_by_day(disk: Seized) -> Scores:
    """Days of blobs and who took tokens for some, against the entries of those days."""
    takers = Counter(
        row[0]
        for row in disk.account_rows(
            "SELECT account_id FROM tokens_issued WHERE kind = 'blob'"
        )
    )
    days = Counter(row[0] for row in disk.logs_db.execute("SELECT day FROM blobs"))
    weight = {
        log_id: fmean(days[m // DAY_MINUTES] for m in log.minutes)
        for log_id, log in _begun(disk).items()
    }
    return {
        (account, log_id): takers[account] * weight.get(log_id, 0.0)
        for account, log_id in _pairs(disk)
    }


def sizes(disk: Seized) -> Scores:
    """Sizes of what an account keeps here, against the mean size of a log's entries."""
    held = dict(
        disk.account_rows(
            "SELECT account_id, length(device_list) + length(registration)"
            " + coalesce((SELECT length(object) FROM self_storage AS s"
            " WHERE s.account_id = a.account_id), 0) FROM accounts AS a"
        )
    )
    mean = {log_id: fmean(log.sizes) for log_id, log in _begun(disk).items()}
    return _alike(disk, _ranked(held), _ranked(mean))


def how_busy(disk: Seized) -> Scores:
    """What mailboxes count, times how many a log invited; no link."""
    heads = dict(disk.account_rows("SELECT mailbox_id, seq FROM mailbox_heads"))
    mail = {disk.owner[mailbox]: seq for mailbox, seq in heads.items()}
    invited = _invitations(disk)
    return {
        (account, log_id): (1.0 + mail[account]) * (1.0 + invited[log_id])
        for account, log_id in _pairs(disk)
    }


ATTACKERS: dict[str, Attacker] = {
    "order of accounts": order_of_accounts,
    "order of devices": order_of_logins,
    "order of mail": order_of_mail,
    "order of key packages": order_of_packages,
    "order of closed lanes": order_of_lanes,
    "doors of closed lanes": doors_of_lanes,
    "write-ahead logs": left_over_bytes,
    "ids of the other side": ids_across,
    "days of registration": days_of_registration,
    "times of mail": times_of_mail,
    "lives of key packages": lives_of_packages,
    "key packages claimed": packages_claimed,
    "tokens issued": tokens_taken,
    "blobs": blobs_by_day,
    "sizes": sizes,
    "how busy": how_busy,
}
KNOWN = {"how busy"}
"""Those that know how large a log is: of them the area within a log is asked for."""


def all_together(found: dict[str, Scores]) -> Scores:
    """Add the ranks that the attackers gave, but for those of whom it is KNOWN."""
    total: Scores = {}
    for scores in (found[name] for name in found if name not in KNOWN):
        for pair, rank in _ranked(scores).items():
            total[pair] = total.get(pair, 0.0) + rank
    return total


def _pairs(disk: Seized) -> list[Pair]:
    return [(account, log_id) for account in disk.accounts for log_id in disk.logs]


def _begun(disk: Seized) -> dict[bytes, LogRows]:
    return {log_id: log for log_id, log in disk.logs.items() if log.minutes}


def _beginnings(disk: Seized) -> dict[bytes, float]:
    began = {log_id: log.minutes[0] for log_id, log in _begun(disk).items()}
    return _ranks(sorted(began, key=began.__getitem__))


def _ranks(order: list[bytes]) -> dict[bytes, float]:
    return {key: (n + 0.5) / len(order) for n, key in enumerate(order)}


def _ranked(values: dict) -> dict:
    """Return the rank of each value between 0 and 1; equal ones share theirs."""
    order = sorted(values.values())
    first, last = {}, {}
    for n, value in enumerate(order):
        first.setdefault(value, n)
        last[value] = n
    return {
        key: (first[value] + last[value] + 1) / (2 * len(order))
        for key, value in values.items()
    }


def _places(order: list[bytes]) -> dict[bytes, list[float]]:
    places = defaultdict(list)
    for n, key in enumerate(order):
        places[key].append((n + 0.5) / len(order))
    return places


def _invited(disk: Seized) -> list[tuple[int, bytes]]:
    """Return one item for each who was invited, as the sizes of Welcomes tell."""
    return sorted(
        (minute, log.log_id)
        for log in disk.logs.values()
        for minute, size in log.welcomes
        for _ in range(max(1, round(size / WELCOME_OF_ONE)))
    )


def _invitations(disk: Seized) -> dict[bytes, int]:
    found = Counter(log_id for _, log_id in _invited(disk))
    return {log_id: found[log_id] for log_id in disk.logs}


def _join_minutes(disk: Seized) -> dict[bytes, list[float]]:
    return {
        log_id: [minute for minute, _ in log.welcomes] or [float(log.minutes[0])]
        for log_id, log in _begun(disk).items()
    }


def _in_minutes(day: int) -> float:
    """Return the middle of a day, or the moment where seconds are kept."""
    return day / 60 if day > 1_000_000 else (day + 0.5) * DAY_MINUTES


def _telling(columns: list[str]) -> str:
    """Return the column whose bytes no other row has."""
    return next((name for name in ("body", "digest") if name in columns), "mailbox_id")


def _order_in(disk: Seized, name: str, ids: list[bytes]) -> dict[bytes, list[float]]:
    data = disk.files.get(name, b"")
    places = defaultdict(list)
    frames = max(1, len(data) // (PAGE + 24))
    for one in ids:
        at = data.find(one)
        while at >= 0:
            places[one].append(at // (PAGE + 24) / frames)
            at = data.find(one, at + PAGE)
    return places


def _alike(
    disk: Seized, accounts: dict[bytes, float], logs: dict[bytes, float]
) -> Scores:
    return {
        (account, log_id): -abs(accounts.get(account, 0.5) - logs.get(log_id, 0.5))
        for account, log_id in _pairs(disk)
    }


def _nearest(
    disk: Seized, accounts: dict[bytes, list], logs: dict[bytes, list]
) -> Scores:
    """Score by how near the nearest two places are; nothing where there are none.

    As the chance that so many random places come so near, lest many places win.
    """
    every = sorted(itertools.chain(*accounts.values(), *logs.values()))
    width = (every[-1] - every[0] if every else 0.0) or 1.0
    logs = {log_id: sorted(places) for log_id, places in logs.items()}
    scores = {}
    for account, log_id in _pairs(disk):
        mine, its = accounts.get(account, []), logs.get(log_id, [])
        if not mine or not its:
            scores[account, log_id] = 0.5
            continue
        gap = min(_gap(place, its) for place in mine) / width
        scores[account, log_id] = (1 - min(1.0, 2 * gap)) ** (len(mine) * len(its))
    return scores


def _gap(place: float, others: list[float]) -> float:
    """Return how far the nearest of `others`, which are sorted, is."""
    at = bisect_left(others, place)
    return min(abs(place - other) for other in others[max(0, at - 1) : at + 1])
