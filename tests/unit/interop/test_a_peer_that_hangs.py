"""A peer in another process that never answers ends its question, and itself."""

import sys

import pytest

from interop.lines import PeerProcess


def test_a_peer_that_hangs_is_killed():
    hangs = [sys.executable, "-c", "import time; time.sleep(60)"]
    peer = PeerProcess(hangs, patience=0.2)
    with pytest.raises(RuntimeError, match="ended, or hung, at hello"):
        peer.hello()
    peer.stop()
