"""Machines of a network of one's own reach each other, and then they don't."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.network import cannot_lose, inside, missing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

TRIAL = """
import socket, subprocess, sys
from tests.chaos.network import Network

def reaches(machine, other):
    code = f"import socket; socket.create_connection(('{other.address}', 7), 0.15)"
    done = subprocess.run([*machine.where.enter, sys.executable, "-c", code],
                          capture_output=True)
    return done.returncode == 0

network = Network()
machines = one, two, three = [network.add(name) for name in ("one", "two", "three")]
for machine in machines:
    serve = "import socket, time; s = socket.create_server(('', 7)); time.sleep(60)"
    subprocess.Popen([*machine.where.enter, sys.executable, "-c", serve])
while not all(reaches(one, other) for other in machines):
    pass
def told():
    pairs = (one, two), (one, three), (three, two)
    return "".join("01"[reaches(*pair)] for pair in pairs)
found = []
for do, undo in (
    (one.link_down, one.link_up),
    (two.drop, two.join),
    (lambda: one.part_from(two), lambda: one.meet(two)),
):
    do()
    found.append(told())
    undo()
    while told() != "111":
        pass
print(*found)
"""

LOSING = """
import subprocess, sys
from tests.chaos.network import Network

network = Network()
one, two = network.add("one"), network.add("two")
listen = '''
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("", 7))
print("ready", flush=True)
count = 0
while here.recv(9) != b"over":
    count += 1
print(count, flush=True)
'''
send = f'''
import socket, time
there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(200):
    there.sendto(b"x", ("{two.address}", 7))
'''
over = send.replace("200", "1").replace('b"x"', 'b"over"')

def arrived():
    hears = subprocess.Popen([*two.where.enter, sys.executable, "-c", listen],
                             stdout=subprocess.PIPE, text=True)
    hears.stdout.readline()
    subprocess.run([*one.where.enter, sys.executable, "-c", send], check=True)
    two.lose_none()
    subprocess.run([*one.where.enter, sys.executable, "-c", over], check=True)
    return int(hears.stdout.readline())

while True:
    two.lose(0.0)
    if arrived() == 200:
        break
two.lose(0.5)
some = arrived()
two.lose(1.0)
print(60 < some < 140, arrived())
"""


def told_inside(trial):
    """Run a program in a network of its own; return the words that it prints."""
    paths = f"{ROOT}:{ROOT / 'src'}"
    done = subprocess.run(
        inside([sys.executable, "-c", trial]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PYTHONPATH": paths, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    return done.stdout.split() or done.stderr


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason=missing())
def test_a_cut_cuts_whom_it_should_and_a_mended_cut_nobody():
    assert told_inside(TRIAL) == ["001", "010", "011"]


@pytest.mark.slow
@pytest.mark.skipif(bool(missing() or cannot_lose()), reason=missing() or cannot_lose())
def test_a_lossy_cable_loses_single_packets_by_chance_and_a_mended_one_none():
    assert told_inside(LOSING) == ["True", "0"]
