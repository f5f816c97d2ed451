import secrets

import pytest
from log_plane import Chat

from privity.relay import logs
from privity.relay.tokens import TokenKind
from privity.wire.codes import Code, Refusal


async def refused(world, request):
    before = await world.stored()
    with pytest.raises(Refusal) as caught:
        await world.database.write(lambda db: logs.create(db, request))
    assert await world.stored() == before
    return caught.value.code


async def test_the_same_creation_again_changes_nothing_and_costs_nothing(world):
    request = await world.create(Chat())
    before = await world.stored()
    await world.database.write(lambda db: logs.create(db, request))
    assert await world.stored() == before


@pytest.mark.parametrize(
    "changes",
    [{"access_pk": b"x" * 32}, {"lobby_pk": b"x" * 32}, {"checkpoint": b"another"}],
)
async def test_an_id_that_ever_existed_is_refused(world, chat, changes):
    again = chat.creation(await world.token(), **changes)
    assert await refused(world, again) == Code.LOG_EXISTS


async def test_a_log_costs_a_token(world):
    assert await refused(world, Chat().creation(b"")) == Code.TOKEN_NEEDED


async def test_a_token_makes_one_log(world):
    token = await world.token()
    first, second = Chat().creation(token), Chat().creation(token)
    await world.database.write(lambda db: logs.create(db, first))
    assert await refused(world, second) == Code.TOKEN_SPENT


async def test_a_token_for_something_else_makes_no_log(world):
    token = await world.token(TokenKind.BLOB)
    assert await refused(world, Chat().creation(token)) == Code.TOKEN_SPENT


async def test_an_invented_token_makes_no_log(world):
    request = Chat().creation(secrets.token_bytes(32))
    assert await refused(world, request) == Code.TOKEN_SPENT
