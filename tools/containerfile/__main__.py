"""Run the steps of deploy/Containerfile without a container engine, and the relay.

`sudo python -m tools.containerfile` takes each instruction as it stands in the file: a
stage begins as a copy of a Debian with Python (debootstrap, build/containerfile), COPY
copies, RUN runs in it by chroot. Then the relay is begun as the image says, with the
rights that compose.small.yaml leaves it (none, and nothing to write but its volume),
asked whether it is well, and ended by its stop signal. What an engine adds (layers, the
image itself, its network) is not run. Packages are fetched first, by their hashes, so
that no step reaches a network.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tools.containerfile.building import ROOT, SUITE, Builder, instructions
from tools.containerfile.running import Running

FILE = ROOT / "deploy" / "Containerfile"
BUILD = ROOT / "build" / "containerfile"


def prepared_base() -> Path:
    """Return a Debian with the Python that the image has; made once."""
    base = BUILD / "base"
    if not (base / "usr/local/bin/python").is_symlink():
        shutil.rmtree(base, ignore_errors=True)
        base.parent.mkdir(parents=True, exist_ok=True)
        packages = "--include=python3,python3-venv,ca-certificates"
        command = ["debootstrap", "--variant=minbase", packages, SUITE, str(base)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # As the image calls it.
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    return base


def fetched_wheels() -> Path:
    """Return a folder with every file that the steps install, by its hash."""
    wheels = BUILD / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    for name in ("build", "runtime"):
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes",
             "--no-deps", "--only-binary", ":all:", "--dest", str(wheels),
             "-r", str(ROOT / "requirements" / f"{name}.txt")],
            check=True,
        )  # fmt: skip
    return wheels


def main(arguments: Sequence[str]) -> int:
    """Build, run, and say what was done."""
    parser = argparse.ArgumentParser(prog="containerfile", description=__doc__)
    parser.parse_args(arguments)
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        print("this needs root and debootstrap (apt install debootstrap)")
        return 2
    began = time.monotonic()
    base, wheels = prepared_base(), fetched_wheels()
    with tempfile.TemporaryDirectory(dir=BUILD) as made:
        builder = Builder(Path(made), base, wheels)
        for word, rest in instructions(FILE.read_text()):
            print(f"{word} {' '.join(rest.split())}", flush=True)
            builder.perform(word, rest)
        data = Path(made) / "volume"
        # What an engine does for a new volume: it is as the image has the place.
        subprocess.run(["cp", "-a", builder.stage.root / "data", data], check=True)
        running = Running(builder.stage, data)
        listen = ("--host", "chat.example", "--listen", "0.0.0.0:8743")
        print(f"  init: {running.tell('init', *listen).splitlines()[0]}")
        running.serve()
        print(f"  doctor: {running.tell('doctor').splitlines()[-1]}")
    print(f"all of it in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
