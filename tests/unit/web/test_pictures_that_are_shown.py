"""A picture is shown by what its head says, and refused before a pixel is decoded."""

import io
import struct
import zlib

import pytest
from PIL import Image

from privity.client.sentences import SENTENCES
from privity.content.image_headers import read_header
from privity.content.images import MAX_PIXELS
from privity.errors import DecodeError
from privity.web.looking import PICTURES, SOUNDS_AND_FILMS, NotShown, Unshown, check


def picture(form, size=(40, 30), **options):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, form, **options)
    return made.getvalue()


def moving(form, frames, size=(40, 30)):
    shades = [Image.new("RGB", size, (n * 20, 9, 9)) for n in range(frames)]
    made = io.BytesIO()
    shades[0].save(made, form, save_all=True, append_images=shades[1:])
    return made.getvalue()


def chunk(kind, body):
    sealed = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", sealed)


def png(width, height):
    """Return a PNG of one colour whose pixels are as many as it says."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(width + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def stating(data, width, height):
    """Return a JPEG whose head states another size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def refusal(data, media_type):
    with pytest.raises(NotShown) as refused:
        check(io.BytesIO(data), media_type)
    return refused.value.reason


@pytest.mark.parametrize(
    ("form", "media_type", "options"),
    [
        ("JPEG", "image/jpeg", {}),
        ("JPEG", "image/jpeg", {"progressive": True}),
        ("JPEG", "image/jpeg", {"exif": b"Exif\0\0" + bytes(60_000)}),
        ("PNG", "image/png", {}),
        ("GIF", "image/gif", {}),
        ("WEBP", "image/webp", {}),
        ("WEBP", "image/webp", {"lossless": True}),
        ("WEBP", "image/webp", {"exif": b"Exif\0\0" + bytes(99)}),
    ],
)
def test_the_head_says_what_a_decoder_finds(form, media_type, options):
    for size in ((40, 30), (1, 1), (33, 2001)):
        data = picture(form, size, **options)
        head = read_header(io.BytesIO(data))
        assert (head.media_type, head.width, head.height) == (media_type, *size)
        assert head.frames == 1
        check(io.BytesIO(data), media_type)


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("GIF", "image/gif"), ("PNG", "image/png"), ("WEBP", "image/webp")],
)
def test_a_small_animation_is_shown_and_its_frames_are_counted(form, media_type):
    data = moving(form, 7)
    head = read_header(io.BytesIO(data))
    assert (head.media_type, head.width, head.height) == (media_type, 40, 30)
    assert head.frames == 7
    check(io.BytesIO(data), media_type)


def test_a_bomb_of_a_few_kilobytes_is_refused_by_its_pixels():
    bomb = png(20_000, 20_000)
    assert len(bomb) < 500_000
    assert refusal(bomb, "image/png") is Unshown.TOO_LARGE


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (8000, 8000, None),
        (8000, 8001, Unshown.TOO_LARGE),
        (65_535, 65_535, Unshown.TOO_LARGE),
        (1, 40_000, Unshown.TOO_LARGE),
        (0, 40, Unshown.DAMAGED),
        (40, 0, Unshown.DAMAGED),
    ],
)
def test_the_bound_is_the_one_for_own_pictures_and_no_side_is_endless(
    width, height, reason
):
    assert MAX_PIXELS == 8000 * 8000
    data = stating(picture("JPEG"), width, height)
    if reason is None:
        check(io.BytesIO(data), "image/jpeg")
    else:
        assert refusal(data, "image/jpeg") is reason


def test_a_frame_beyond_the_screen_of_a_gif_counts():
    data = bytearray(picture("GIF"))
    at = data.index(b"\x2c", 13 + (3 << (data[10] & 7) + 1))
    data[at + 5 : at + 9] = struct.pack("<HH", 60_000, 60_000)
    assert refusal(bytes(data), "image/gif") is Unshown.TOO_LARGE


def test_a_large_or_endless_animation_is_a_file():
    assert refusal(moving("GIF", 2, (2100, 2100)), "image/gif") is Unshown.MOVES
    assert refusal(moving("PNG", 2, (2100, 2100)), "image/png") is Unshown.MOVES
    still = picture("GIF")
    frame = still[still.index(b"\x2c", 13 + (3 << (still[10] & 7) + 1)) :].removesuffix(
        b"\x3b"
    )
    many = still.removesuffix(b"\x3b") + frame * 1001 + b"\x3b"
    assert refusal(many, "image/gif") is Unshown.MOVES


def test_a_picture_that_says_twice_how_it_moves_is_a_file():
    data = moving("PNG", 3, (40, 40))
    at = data.index(b"acTL") - 4
    said = data[at : at + 20]
    assert said[4:12] == b"acTL" + struct.pack(">I", 3)
    check(io.BytesIO(data), "image/png")
    for another in (said, chunk(b"acTL", struct.pack(">II", 1, 0))):
        for twice in (said + another, another + said):
            told = data[:at] + twice + data[at + 20 :]
            assert refusal(told, "image/png") is Unshown.DAMAGED
    for length in (4, 12):
        odd = chunk(b"acTL", struct.pack(">III", 3, 0, 0)[:length])
        told = data[:at] + odd + data[at + 20 :]
        assert refusal(told, "image/png") is Unshown.DAMAGED


@pytest.mark.parametrize("media_type", sorted(PICTURES))
def test_a_picture_of_another_type_than_it_says_is_a_file(media_type):
    for form in ("GIF", "JPEG", "PNG", "WEBP"):
        if f"image/{form.lower()}" != media_type:
            assert refusal(picture(form), media_type) is Unshown.MISLABELLED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"\xff\xd8\xff\xd9" + bytes(20),
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(20),
        b"\xff\xd8\x00\xff\xc0" + bytes(20),
        b"\xff\xd8" + b"\xff" * 200_000,
        b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", bytes(20)),
        b"GIF89a" + bytes(7) + b"\x99",
        b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\x01x" * 200_000,
        b"GIF89a" + bytes(7) + b"\x3b",
        b"RIFF" + struct.pack("<I", 4) + b"WEBP",
        b"RIFF" + struct.pack("<I", 1 << 31) + b"WEBP" + bytes(8) * 200_000,
    ],
)
@pytest.mark.parametrize("media_type", sorted(PICTURES))
def test_what_no_decoder_would_read_alike_is_a_file(data, media_type):
    assert refusal(data, media_type) in {Unshown.DAMAGED, Unshown.MISLABELLED}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_cut_head_is_damage_wherever_it_is_cut(form):
    data = picture(form)
    whole = read_header(io.BytesIO(data))
    for end in range(min(len(data), 60)):
        try:
            assert read_header(io.BytesIO(data[:end])) == whole
        except DecodeError:
            continue


@pytest.mark.parametrize(
    "media_type", ["image/svg+xml", "image/avif", "text/html", "", "image/png; a=b"]
)
def test_a_type_that_is_not_on_the_list_is_a_file(media_type):
    assert refusal(picture("PNG"), media_type) is Unshown.KIND


def test_a_sound_or_film_begins_as_its_type_does():
    for media_type, starts in SOUNDS_AND_FILMS.items():
        for at, start in starts:
            check(io.BytesIO(bytes(at) + start + bytes(20)), media_type)
        assert refusal(picture("PNG"), media_type) is Unshown.MISLABELLED
        assert refusal(b"", media_type) is Unshown.MISLABELLED


@pytest.mark.parametrize("reason", Unshown)
def test_every_reason_has_its_sentence(reason):
    assert SENTENCES[reason].message.endswith(".")
