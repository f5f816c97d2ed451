"""The demo's search finds each form that it claims to find, and recordings unmask."""

import random

import pytest

from demo import canaries
from demo.recorder import payloads

TEXT = "nobody but us knows this sentence"
NOISE = random.Random(4).randbytes(200_000)


@pytest.mark.parametrize("form", canaries.planted(TEXT))
def test_each_form_that_is_planted_is_found(tmp_path, form):
    for shift in range(3):
        path = tmp_path / f"{shift}"
        planted = canaries.planted(TEXT)[form]
        path.write_bytes(NOISE[: 1000 + shift] + planted + NOISE[1000:])
        assert form in {f.form for f in canaries.search([path], [TEXT], [])}


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31])
def test_a_run_of_a_file_is_found_wherever_it_stands(tmp_path, size):
    data = random.Random(5).randbytes(50_000)
    run = canaries.runs_of(data)[7]
    path = tmp_path / "blob"
    path.write_bytes(NOISE[:size] + run + NOISE)
    assert [f.form for f in canaries.search([path], [], [run])] == ["raw"]
    path.write_bytes(NOISE[:size] + run.hex().encode() + NOISE)
    assert [f.form for f in canaries.search([path], [], [run])] == ["hex"]


def test_noise_holds_nothing(tmp_path):
    path = tmp_path / "noise"
    path.write_bytes(NOISE)
    runs = canaries.runs_of(random.Random(6).randbytes(50_000))
    assert canaries.search([path], [TEXT], runs) == []


def test_sixty_four_runs_are_taken_of_a_file():
    data = random.Random(7).randbytes(50_000)
    runs = canaries.runs_of(data)
    assert len(runs) == canaries.RUNS
    assert all(run in data for run in runs)
    assert canaries.runs_of(data) == runs


def frame(body: bytes, mask: bytes = b"") -> bytes:
    bit = 0x80 if mask else 0
    if len(body) < 126:
        size = bytes([bit | len(body)])
    elif len(body) < 1 << 16:
        size = bytes([bit | 126]) + len(body).to_bytes(2, "big")
    else:
        size = bytes([bit | 127]) + len(body).to_bytes(8, "big")
    masked = bytes(b ^ mask[n % 4] for n, b in enumerate(body)) if mask else body
    return b"\x82" + size + mask + masked


@pytest.mark.parametrize("mask", [b"", b"\x01\x02\x03\x04"])
def test_a_recorded_websocket_is_unmasked(mask):
    head = b"GET /v1/anonymous HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
    bodies = [b"short", b"m" * 3000, b"long" * 20_000]
    stream = head + b"".join(frame(body, mask) for body in bodies)
    assert payloads(stream) == b"".join(bodies)


def test_plain_http_has_no_payload_of_its_own():
    assert payloads(b"GET /v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""
