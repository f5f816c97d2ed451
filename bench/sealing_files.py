"""Attachments for `bench_client`: how fast a file is sealed, and in how much memory.

`python -m bench.sealing_files FILE` seals a file chunk by chunk and prints how many
KiB its peak of memory stands above what it had before.
"""

import os
import subprocess
import sys
from pathlib import Path

from bench.timing import timed
from privity.content.attachments import KEY_SIZE, Opener, SealedFile, Sealer

__all__ = ["memory_kib", "rates"]

MEGABYTE = 1_000_000


def rates(megabytes: int) -> tuple[float, float]:
    """Return the MB that a CPU-second seals, and opens."""
    data = os.urandom(megabytes * MEGABYTE)
    took, (chunks, file) = timed(lambda: _sealed(data))
    back, _ = timed(lambda: _opened(chunks, file))
    return megabytes / took, megabytes / back


def memory_kib(folder: Path, megabytes: int) -> float:
    """Return by how many KiB a process grows while it seals a file."""
    path = folder / "file"
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MEGABYTE))
    command = [sys.executable, "-m", "bench.sealing_files", str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    path.unlink()
    return float(told.stdout)


def _sealed(data: bytes) -> tuple[list[bytes], SealedFile]:
    sealer = Sealer(os.urandom(KEY_SIZE), len(data))
    chunks: list[bytes] = []
    at = 0
    while not sealer.done:
        size = sealer.next_size
        chunks.append(sealer.seal(data[at : at + size]))
        at += size
    return chunks, sealer.finish()


def _opened(chunks: list[bytes], file: SealedFile) -> None:
    opener = Opener(file)
    for chunk in chunks:
        opener.open(chunk)
    opener.finish()


def _peak_kib() -> int:
    # Not `ru_maxrss`: a process inherits that from the one that started it.
    status = Path("/proc/self/status").read_text()
    line = next(it for it in status.splitlines() if it.startswith("VmHWM:"))
    return int(line.split()[1])


def main() -> None:
    """Seal one file and forget it; print the growth of memory."""
    path = Path(sys.argv[1])
    before = _peak_kib()
    sealer = Sealer(os.urandom(KEY_SIZE), path.stat().st_size)
    with path.open("rb") as file:
        while not sealer.done:
            sealer.seal(file.read(sealer.next_size))
    sealer.finish()
    sys.stdout.write(f"{_peak_kib() - before}\n")


if __name__ == "__main__":
    main()
