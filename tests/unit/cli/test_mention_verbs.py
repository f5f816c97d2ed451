"""`@name` names a member; each reader sees their own name for who is meant."""

import pytest
from msgspec import structs

from privity.cli.message_words import message_line
from privity.client.mentioning import with_mentions
from privity.identity.ids import id_to_text


async def last(who, chat):
    return (await who.do("history", chat)).messages[-1]


def uri(who):
    return f"privity:a/{id_to_text(who.state.account.account_id)}"


async def test_a_name_reaches_its_person_as_a_mention_of_me(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "could you look, @ben?")
    sent = f"could you look, [@Ben]({uri(ben)})?"
    await ben.has_text("Ana", sent)
    message = await last(ben, "Ana")
    (one,) = message.mentions
    assert (one.person.trust, one.name) == ("me", "Ben")
    assert sent[one.start : one.end] == f"[@Ben]({uri(ben)})"
    assert message.links == ()
    assert "could you look, @Ben?" in message_line(message)
    (chat,) = (await ben.do("chats")).chats
    assert chat.marks.mentions == 1
    await ben.do("read", "Ana")
    (chat,) = (await ben.do("chats")).chats
    assert chat.marks.mentions == 0


async def test_an_answer_quotes_names_and_an_edit_takes_a_mention_away(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "so, @Ben")
    await ben.has_text("Ana", f"so, [@Ben]({uri(ben)})")
    await ben.do("send", "Ana", "yes?", reply_to="last")
    await ana.has_text("Ben", "yes?")
    assert (await last(ana, "Ben")).quote == "so, @Ben"
    await ana.do("edit", "Ben", "last", "so, you")
    await ben.has_text("Ana", "so, you")
    (chat,) = (await ben.do("chats")).chats
    assert chat.marks.mentions == 0


@pytest.mark.parametrize(
    "text",
    ["ben@example.com", r"\@Ben", "@Benno", "@ben_", "@Cem", "@@Ben", "/@Ben", "@"],
)
async def test_what_names_nobody_stays_as_typed(pair, text):
    ana, _ = pair
    (chat,) = ana.state.chats.values()
    assert with_mentions(ana.state, chat, text) == text


async def test_a_nickname_is_never_sent_and_no_text_grows_too_long(pair):
    ana, ben = pair
    (contact,) = ana.state.contacts.values()
    (chat,) = ana.state.chats.values()

    nicked = structs.replace(contact, nickname="Pumpkin")
    ana.state.contacts[contact.account_id] = nicked
    made = with_mentions(ana.state, chat, "hi @pumpkin and @Ben")
    assert made == f"hi [@Ben]({uri(ben)}) and [@Ben]({uri(ben)})"
    full = "@Ben" + "x" * 16_370
    assert with_mentions(ana.state, chat, full.replace("x", " ", 1)).startswith("@Ben ")
    assert with_mentions(ana.state, chat, made) == made
