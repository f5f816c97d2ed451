"""The sequels of `make interop`, with our implementation in every part."""

import pytest

from interop.company import Company
from interop.drivers.ours import Ours
from interop.known import NO_PATH_FOR_EXTENSIONS
from interop.peer import Committed, Refused
from interop.roster import OURS, TS_MLS
from interop.sequels import Sequels
from privity.errors import PrivityError
from privity.mls.framing import PublicMessage
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit


class Asked(Ours):
    """As behind the line protocol: what `privity.mls` refuses is Refused."""

    def process(self, who, sender, message):
        try:
            return super().process(who, sender, message)
        except PrivityError as error:
            raise Refused(str(error)) from error


def sequels(other=Asked):
    return Sequels(Company.of(1, {OURS: Asked(), TS_MLS: other()}, 3))


def test_each_does_everything_once_and_all_agree():
    run = sequels()
    run.run()
    assert set(run.done.values()) == {1}
    assert run.done.total() == 8
    assert run.company.agree().epoch == 1
    assert not run.company.known


def without_path(message):
    """Return a commit as somebody makes it who thinks that it needs no path."""
    body = MLSMessage.decode(message).body
    assert isinstance(body, PublicMessage)
    commit = Commit(body.content.content.proposals)
    content = type(body.content)(
        body.content.group_id,
        body.content.epoch,
        body.content.sender,
        body.content.authenticated_data,
        commit,
    )
    return MLSMessage(PublicMessage(content, body.auth, body.membership_tag)).encode()


def test_a_commit_of_extensions_without_a_path_is_known_and_refused():
    class Pathless(Asked):
        def commit(self, who, wish):
            made = super().commit(who, wish)
            if self._members[who].now.pending_proposals and not wish.add:
                return Committed(without_path(made.message))
            return made

    run = sequels(Pathless)
    run.run()
    assert run.company.known == {NO_PATH_FOR_EXTENSIONS: 1}
    assert run.done.total() == 8


def test_who_stays_behind_when_a_group_ends_is_noticed():
    class Absent(Asked):
        def join_next(self, who, welcome, tree):
            pass

    with pytest.raises(Refused):
        sequels(Absent).run()
