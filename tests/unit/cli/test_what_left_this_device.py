"""The ledger and the connections: each thing that left, when, how, and why."""

from privity.cli.render import render
from privity.client.verbs.ledger_results import Connections, LedgerPage


async def test_a_message_that_is_sent_stands_in_the_ledger_with_its_id(pair):
    ana, _ = pair
    sent = await ana.do("send", "Ben", "hello")

    async def noted():
        page = await ana.do("ledger", limit=1000)
        return [one for one in page.lines if one.cause == sent.messages[0].message]

    (line,) = await ana.until(noted)
    assert (line.plane, line.reason) == ("anonymous", "message")
    assert 200 < line.size < 5000
    assert line.time % 60 == 0


async def test_pages_of_the_ledger_follow_each_other_without_a_gap(pair):
    ana, _ = pair
    whole = (await ana.do("ledger", limit=1000)).lines
    pages, before = [], 0
    while True:
        page = await ana.do("ledger", limit=7, before=before)
        pages += page.lines
        before = page.lines[-1].number
        if not page.more:
            break
    numbers = [one.number for one in pages]
    assert {one.number for one in whole} <= set(numbers)
    assert numbers == sorted(numbers, reverse=True)


async def test_the_sums_are_those_of_the_lines(pair):
    ana, _ = pair
    found: Connections = await ana.do("connections")
    assert [one.plane for one in found.planes] == ["identified", "anonymous"]
    lines = (await ana.do("ledger", limit=1000)).lines
    for plane in found.planes:
        mine = [one for one in lines if one.plane == plane.plane]
        assert plane.online
        assert plane.since == min(one.time for one in mine)
        assert plane.count <= len(mine)
        assert plane.count == sum(share.count for share in plane.reasons)
        assert plane.size == sum(share.size for share in plane.reasons)


def test_an_empty_ledger_says_so():
    assert render(LedgerPage((), more=False)) == "Nothing has left this device."
