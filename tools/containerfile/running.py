"""The relay of an image that was built, as its image says."""

import shlex
import signal
import subprocess
import sys
from pathlib import Path

from tools.containerfile.building import Stage, StepFailed, environment_of

__all__ = ["Running"]

_WAIT_SECONDS = 30.0
_SCRATCH = "tmp"


class Running:
    """The relay of an image that was built, with the rights that the small one has."""

    def __init__(self, stage: Stage, data: Path) -> None:
        self._stage = stage
        self._data = data

    def command(self, *arguments: str) -> list[str]:
        """Return what runs the entry point: read-only but for /data and /tmp."""
        root = shlex.quote(str(self._stage.root))
        user, _, group = self._stage.user.partition(":")
        script = (
            f"mount --bind {root} {root} && mount -o remount,bind,ro {root}"
            f" && mount --bind {shlex.quote(str(self._data))} {root}/data"
            f" && mount -t tmpfs tmpfs {root}/{_SCRATCH}"
            f" && mount -t proc proc {root}/proc"
            f' && exec chroot {root} "$@"'
        )
        drop = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups",
                "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]  # fmt: skip
        program = [*drop, *self._stage.entrypoint, *arguments]
        return ["unshare", "--mount", "--net", "sh", "-c",
                f"ip link set lo up && {script}", "sh", *program]  # fmt: skip

    def tell(self, *arguments: str) -> str:
        """Run one command of the relay to its end and return what it says."""
        done = subprocess.run(
            self.command(*arguments), env=environment_of(self._stage, {}),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StepFailed(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def serve(self) -> None:
        """Begin it as the image says, ask whether it is well, and stop it."""
        process = subprocess.Popen(
            self.command(*self._stage.command), env=environment_of(self._stage, {}),
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("ready "):
                raise StepFailed(f"it does not start: {line}")
            print(f"  {line.strip()}")
            print(f"  /readyz: {_asked(process.pid)}")
        finally:
            process.send_signal(signal.Signals[self._stage.stop])
            status = process.wait(_WAIT_SECONDS)
        print(f"  {self._stage.stop}: ended with {status}")
        if status:
            raise StepFailed("it does not end well")


def _asked(pid: int) -> str:
    """Return what /readyz says, asked from inside the relay's own network."""
    code = (
        "import ssl, urllib.request as u; c = ssl._create_unverified_context();"
        "print(u.urlopen('https://127.0.0.1:8743/readyz', context=c).status)"
    )
    enter = ["nsenter", f"--net=/proc/{pid}/ns/net", sys.executable, "-c", code]
    return subprocess.run(
        enter, capture_output=True, text=True, check=True
    ).stdout.strip()
