"""The branches of a log: its tree of commits, cut where somebody paid.

A branch begins with the creation or with a further child, has that one's seq for its
name, and goes on by first children. So within a branch seqs tell what lies behind what,
and a road changes its branch at most as often as somebody paid for a further child.

    0 ── 1 ── 2 ── 5 ── 6         branch 0
              └─── 3 ── 4         branch 3: 3 came behind 5's place was taken

Each function is a step on the database.
"""

from collections.abc import Collection

from privity.relay.storage.store import Connection

__all__ = ["branch_behind", "heard", "hearers"]


def branch_behind(
    logs: Connection, log_id: bytes, seq: int, parent: int
) -> tuple[int, int]:
    """Return the branch of a commit that is about to stand at `seq`.

    And how many further children lie on the road to it, itself among them.
    """
    row = logs.execute(
        "SELECT branch, further, (SELECT count(*) FROM commits AS child"
        "  WHERE child.log_id = c.log_id AND child.parent = c.seq)"
        " FROM commits AS c WHERE log_id = ? AND seq = ?",
        (log_id, parent),
    ).fetchone()
    if row is None:
        return seq, 0
    branch, further, children = map(int, row)
    return (seq, further + 1) if children else (branch, further)


def heard(
    logs: Connection, log_id: bytes, generation: int, lobbies: Collection[int]
) -> frozenset[int]:
    """Return the lobbies, by generation, of whose pleas a generation hears.

    Those through whose opening commit its road leads. Who stands elsewhere has no key
    to a lobby, unless it was a member then and has left its road: so it has no say
    about what is asked there.
    """
    if not lobbies:
        return frozenset()
    road = _road_to(logs, log_id, generation)
    return frozenset(one for one in lobbies if _is_on(logs, log_id, road, one))


def hearers(logs: Connection, log_id: bytes, lobby: int) -> list[int]:
    """Return the open generations that hear of the pleas of a lobby."""
    rows = logs.execute(
        "SELECT generation FROM generations WHERE log_id = ? AND closed_by = 0",
        (log_id,),
    ).fetchall()
    opened = [int(row[0]) for row in rows]
    return [one for one in opened if heard(logs, log_id, one, [lobby])]


def _road_to(logs: Connection, log_id: bytes, generation: int) -> dict[int, int]:
    """Return the branches that lead to a generation, and the road's last seq on each.

    Costs a step for each further child on the road.
    """
    road: dict[int, int] = {}
    row = logs.execute(
        "SELECT branch, seq FROM commits WHERE log_id = ? AND seq = ?",
        (log_id, generation),
    ).fetchone()
    while row is not None:
        road[int(row[0])] = int(row[1])
        row = logs.execute(
            "SELECT behind.branch, behind.seq FROM commits AS fork"
            " JOIN commits AS behind"
            "  ON behind.log_id = fork.log_id AND behind.seq = fork.parent"
            " WHERE fork.log_id = ? AND fork.seq = ?",
            (log_id, row[0]),
        ).fetchone()
    return road


def _is_on(logs: Connection, log_id: bytes, road: dict[int, int], seq: int) -> bool:
    row = logs.execute(
        "SELECT branch FROM commits WHERE log_id = ? AND seq = ?", (log_id, seq)
    ).fetchone()
    return row is not None and road.get(int(row[0]), -1) >= seq
