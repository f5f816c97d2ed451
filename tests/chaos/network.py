"""A network of one's own: a bridge, and for each machine a namespace on a cable to it.

Made in a network namespace that this process is alone in, so that nothing outside can
be reached or harmed, and all of it goes when the last process in it ends. `inside`
takes a program there; no name of any of it is left on the machine.
"""

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from demo.storm.where import Where

__all__ = ["Machine", "Network", "cannot_lose", "inside", "missing"]

_BRIDGE = "storm"
_NET = "10.77.0"
_INSIDE = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")


def missing() -> str:
    """Return "" where namespaces can be made, else why they can't."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    return _refusal(
        ("ip", "link", "add", _BRIDGE, "type", "bridge"),
        ("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"),
    )


def cannot_lose():
    """Return "" where a network can lose single packets, else why it can't."""
    bridge = ("ip", "link", "add", _BRIDGE, "type", "bridge")
    return _refusal(bridge, *(("tc", *one) for one in _losing(_BRIDGE, 0.5)))


def _refusal(*commands):
    """Return the first words of complaint about commands in a network of their own."""
    trial = " && ".join(shlex.join(command) for command in commands)
    try:
        done = subprocess.run(
            [*_INSIDE, "sh", "-c", trial], capture_output=True, text=True, check=False
        )
    except OSError:
        return "there is no unshare (util-linux)"
    return done.stderr.strip().partition("\n")[0] if done.returncode else ""


def inside(command):
    """Return the command that runs another in a network of its own, and ends with it.

    Whatever it started is killed with it: it is the first process of its kind too.
    """
    return [*_INSIDE, *command]


class Network:
    """A bridge that this process has an address on; only for a process `inside`."""

    def __init__(self):
        self._count = 1
        _ip("link", "set", "lo", "up")
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{_NET}.1/24", "dev", _BRIDGE)
        _one_by_one(_BRIDGE)
        _ip("link", "set", _BRIDGE, "up")

    def add(self, name):
        """Return a new machine on a cable of its own."""
        self._count += 1
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        _until_apart(holder.pid)
        machine = Machine(name, f"v{self._count}", f"{_NET}.{self._count}", holder)
        machine.plug_in()
        return machine


@dataclass
class Machine:
    """A namespace: its cable can be pulled, and can be cut where nobody notices."""

    name: str
    cable: str
    address: str
    holder: "subprocess.Popen[bytes]"

    @property
    def where(self):
        """Return how a program gets there, and where others find it."""
        return Where(self.address, self._enter)

    @property
    def _enter(self):
        return ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")

    def plug_in(self):
        """Make the cable; the machine has its address from now on."""
        here = str(self.holder.pid)
        _ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0",
            "netns", here)  # fmt: skip
        self.join()
        for command in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            _ip(*command, enter=self._enter)
        _one_by_one("eth0", enter=self._enter)
        self.link_up()

    def link_down(self):
        """Pull the cable: the machine's own card has no carrier any more."""
        _ip("link", "set", self.cable, "down")

    def link_up(self):
        """Put it in again."""
        _ip("link", "set", self.cable, "up")

    def drop(self):
        """Let the switch forget the cable: all seems well, and nothing gets through."""
        _ip("link", "set", self.cable, "nomaster")

    def join(self):
        """Let it know the cable again."""
        _ip("link", "set", self.cable, "master", _BRIDGE)

    def part_from(self, other):
        """Let nothing through between the two; both reach everybody else."""
        for one in (self, other):
            _isolate(one.cable, "on")

    def meet(self, other):
        """Let them reach each other again."""
        for one in (self, other):
            _isolate(one.cable, "off")

    def lose(self, share):
        """Let so many packets get lost, each by chance, on their way there and back."""
        for command in _losing(self.cable, share):
            _run("tc", *command)

    def lose_none(self):
        """Let all through again."""
        _run("tc", "qdisc", "del", "dev", self.cable, "clsact")


def _losing(cable, share):
    """Return what to tell `tc`; the kernel draws a number for each packet.

    In classic BPF, which small kernels have where they lack `netem`: load a random
    number; at least the limit? Then 0, which lets it pass, else 2, which drops it.
    """
    random, limit = (1 << 32) - 0x1000 + 56, int(share * ((1 << 32) - 1))
    program = f"4,32 0 0 {random},53 0 1 {limit},6 0 0 0,6 0 0 2"
    yield "qdisc", "add", "dev", cable, "clsact"
    for way in ("ingress", "egress"):
        yield ("filter", "add", "dev", cable, way, "bpf", "da", "bytecode", program)


def _one_by_one(card, enter=()):
    """Hand on each packet by itself: in bundles of 64 KiB they would be lost so too."""
    _ip("link", "set", card, "gso_max_segs", "1", enter=enter)


def _isolate(cable, word):
    _ip("link", "set", cable, "type", "bridge_slave", "isolated", word)


def _until_apart(pid):
    ours = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{pid}/ns/net").readlink() == ours:
        time.sleep(0.005)


def _ip(*arguments, enter=()):
    _run(*enter, "ip", *arguments)


def _run(*command):
    subprocess.run(command, check=True)
