"""Who may ask, as a test: three accounts, a closed lane, a link, somebody blocked."""

import pytest

from demo import requests_story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_strangers_come_by_handle_or_link_and_who_is_blocked_does_not(capsys):
    outcome = requests_story.tell()
    assert outcome.ok
    assert outcome.messages == 3
    told = capsys.readouterr().out
    assert "(requests_closed)" in told
    assert "invites you into “Rowing”" in told
    assert "invites you into “Choir”" not in told
