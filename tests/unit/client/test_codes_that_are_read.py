"""QR codes are read in a process that can do nothing else, and gives up in time."""

import asyncio
import ctypes
import io
import os
import signal
import subprocess
import sys

import pytest
import segno
from PIL import Image, ImageOps

from privity.client import code_reading, codes
from privity.client.code_reading import HEAD, LENGTH
from privity.client.codes import CodeReader, CodeUnread, read_picture

TEXT = "privity:" + "0123456789abcdef" * 12


def drawn(text=TEXT, scale=5, ground=(900, 700)):
    """Return a picture of a code on a grey ground."""
    made = io.BytesIO()
    segno.make(text, error="l", micro=False).save(
        made, kind="png", scale=scale, border=4
    )
    code = Image.open(made).convert("L")
    picture = Image.new("L", ground, 160)
    picture.paste(code, (60, 40))
    return picture


def saved(picture, form, **options):
    made = io.BytesIO()
    picture.save(made, form, **options)
    return made.getvalue()


@pytest.fixture
async def reader():
    made = CodeReader()
    yield made
    await made.close()


async def read(reader, picture):
    return await reader.read(picture.tobytes(), picture.width, picture.height)


async def test_frames_of_a_camera_are_read_until_one_shows_a_code(reader):
    nothing = Image.new("L", (640, 480), 90)
    assert await read(reader, nothing) == ""
    assert await read(reader, Image.effect_noise((640, 480), 80)) == ""
    assert await read(reader, drawn()) == TEXT
    assert await read(reader, drawn().rotate(17, fillcolor=160)) == TEXT
    assert await read(reader, ImageOps.invert(drawn())) == TEXT


async def test_other_kinds_of_codes_are_none(reader):
    made = io.BytesIO()
    segno.make("12345", micro=True).save(made, kind="png", scale=8, border=4)
    assert await read(reader, Image.open(made).convert("L")) == ""


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [(0, 0, 0), (10, 3, 3), (9, 3, 2), (4_000_001, 4_000_001, 1)],
)
async def test_a_frame_of_another_size_never_reaches_the_process(
    reader, size, width, height
):
    with pytest.raises(CodeUnread):
        await reader.read(bytes(size), width, height)


async def test_a_process_that_ends_in_the_middle_is_followed_by_another(reader):
    assert await read(reader, drawn()) == TEXT
    os.kill(reader._process.pid, signal.SIGKILL)
    with pytest.raises(CodeUnread):
        await read(reader, drawn())
    assert await read(reader, drawn()) == TEXT


async def test_a_frame_that_takes_too_long_ends_the_process(reader, monkeypatch):
    assert await read(reader, drawn()) == TEXT
    process = reader._process
    os.kill(process.pid, signal.SIGSTOP)
    monkeypatch.setattr(codes, "SECONDS", 0.2)
    with pytest.raises(CodeUnread):
        await read(reader, drawn())
    assert await process.wait() == -signal.SIGKILL


async def test_the_process_ends_by_itself_when_nobody_asks(reader, monkeypatch):
    monkeypatch.setattr(codes, "REST_SECONDS", 0.05)
    assert await read(reader, drawn()) == TEXT
    process = reader._process
    assert await asyncio.wait_for(process.wait(), 20) == -signal.SIGKILL


async def test_who_leaves_in_the_middle_leaves_no_answer_to_the_next(reader):
    assert await read(reader, drawn()) == TEXT
    leaving = asyncio.create_task(read(reader, drawn("somebody else's")))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert await read(reader, Image.new("L", (64, 64))) == ""


TRIES = """
import ctypes, importlib.util, os, socket, sys
there = importlib.util.spec_from_file_location("reading", sys.argv[1])
reading = importlib.util.module_from_spec(there)
there.loader.exec_module(reading)
libc = ctypes.CDLL(None, use_errno=True)
def seen():
    # Memory of the parent, at the address that is given.
    own = ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(own), 8)
    there = (ctypes.c_void_p * 2)(int(sys.argv[2]), 8)
    if libc.process_vm_readv(os.getppid(), here, 1, there, 1, 0) != 8:
        raise OSError(ctypes.get_errno(), "not read")
def traced():
    # Without stopping it.
    none = ctypes.c_void_p(0)
    if libc.ptrace(0x4206, os.getppid(), none, none) != 0:
        raise OSError(ctypes.get_errno(), "not traced")
reading.give_up_rights()
for name, tried in {
    "open": lambda: open("/etc/hostname"),
    "write": lambda: open("/tmp/written", "w"),
    "connect": lambda: socket.socket(),
    "start": lambda: os.pipe(),
    "memory": lambda: bytearray(2 << 30),
    "see": seen,
    "trace": traced,
}.items():
    try:
        tried()
    except (AttributeError, OSError, MemoryError):
        print(name, end=" ")
"""


def refused_to_the_process():
    """Return what it can't do; what it tries to see is memory of this process."""
    secret = ctypes.create_string_buffer(b"a secret")
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-c", TRIES, code_reading.__file__),
            str(ctypes.addressof(secret)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def has_landlock():
    """Ask the kernel for its version of Landlock."""
    if sys.platform != "linux":
        return False
    ask = [ctypes.c_long(one) for one in (444, 0, 0, 1)]
    return ctypes.CDLL(None).syscall(*ask) > 0


def test_the_process_can_open_and_keep_nothing():
    refused = refused_to_the_process()
    assert refused[:5] == ["open", "write", "connect", "start", "memory"]


@pytest.mark.skipif(not has_landlock(), reason="this kernel has no Landlock")
def test_the_process_can_not_reach_into_the_memory_of_others():
    assert refused_to_the_process()[5:] == ["see", "trace"]


@pytest.mark.parametrize(
    "request_",
    [
        HEAD.pack(b"g", 100, 100, 9) + bytes(9),
        HEAD.pack(b"g", 0, 0, 0),
        HEAD.pack(b"p", 0, 0, 5) + b"hello",
        HEAD.pack(b"g", 1000, 1000, 1_000_000) + b"cut",
    ],
)
def test_a_broken_request_ends_the_process_without_an_answer(request_):
    done = subprocess.run(
        [sys.executable, "-I", code_reading.__file__],
        input=request_,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == b"" or done.stdout == LENGTH.pack(0)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_a_code_is_read(tmp_path, form):
    path = tmp_path / "code"
    path.write_bytes(saved(drawn(), form))
    assert read_picture(path) == TEXT


def test_a_code_on_no_ground_is_read_as_on_white(tmp_path):
    code = drawn(ground=(900, 700)).point(lambda v: 0 if v < 128 else 255)
    clear = Image.new("LA", code.size, (0, 0))
    clear.putalpha(ImageOps.invert(code))
    path = tmp_path / "code.png"
    path.write_bytes(saved(clear, "PNG"))
    assert read_picture(path) == TEXT


def test_a_picture_without_a_code_or_that_is_none_is_refused_by_name(tmp_path):
    bomb = bytearray(saved(Image.new("L", (9, 9)), "PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    for body in (saved(Image.new("L", (90, 90)), "PNG"), b"no picture", b"", bomb):
        path = tmp_path / "picture"
        path.write_bytes(body)
        with pytest.raises(CodeUnread):
            read_picture(path)
    with pytest.raises(OSError, match="No such file"):
        read_picture(tmp_path / "absent")
