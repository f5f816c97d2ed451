"""A profile is its owner's alone and runs in one process at a time."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from privity.client.errors import Busy, Damaged
from privity.client.profile import Profile, ProfileLock, find_profile
from privity.errors import UsageError


def test_the_chosen_directory_wins_over_the_environment(tmp_path):
    environ = {"PRIVITY_HOME": str(tmp_path / "env")}
    assert find_profile(tmp_path / "own", environ).root == tmp_path / "own"
    assert find_profile(None, environ).root == tmp_path / "env"
    assert find_profile(None, {}).root.name == "privity"
    assert find_profile(Path("~/x"), {}).root == Path.home() / "x"


def test_a_profile_is_made_for_its_owner_alone(profile):
    assert profile.root.stat().st_mode & 0o777 == 0o700
    assert not profile.exists
    profile.create()


def test_a_directory_that_others_can_read_is_refused(profile):
    profile.root.chmod(0o750)
    with pytest.raises(Damaged, match="0700"):
        profile.check()


def test_a_socket_path_that_the_system_would_cut_is_refused(tmp_path):
    assert Profile(tmp_path).socket.name == "sock"
    with pytest.raises(UsageError):
        _ = Profile(tmp_path / ("x" * 100)).socket


async def test_a_second_holder_waits_and_then_gives_up(profile):
    first, second = ProfileLock(profile), ProfileLock(profile)
    await first.acquire()
    assert first.held
    started = time.monotonic()
    with pytest.raises(Busy):
        await second.acquire(patience=0.2)
    assert time.monotonic() - started >= 0.2
    assert not second.held
    first.release()
    first.release()
    await second.acquire(patience=0)
    second.release()


async def test_one_lock_is_not_taken_twice(profile):
    lock = ProfileLock(profile)
    await lock.acquire()
    with pytest.raises(UsageError):
        lock.try_acquire()
    lock.release()


def test_a_killed_holder_blocks_nobody(profile):
    script = (
        "import sys, time; from pathlib import Path;"
        "from privity.client.profile import Profile, ProfileLock;"
        "lock = ProfileLock(Profile(Path(sys.argv[1])));"
        "print(lock.try_acquire(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(profile.root)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        lock = ProfileLock(profile)
        assert not lock.try_acquire()
        holder.kill()
        holder.wait()
        assert lock.try_acquire()
        lock.release()
