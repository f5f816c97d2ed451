import io

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from privity.content.images import clean_image, thumbnail
from privity.errors import DecodeError, Unsupported

CANARY = b"canary-at-52.5200N-13.4050E"


def encoded(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def picture(mode="RGB", size=(40, 20)):
    return Image.radial_gradient("L").resize(size).convert(mode)


def exif(**tags):
    made = Image.Exif()
    made[0x010E] = CANARY.decode()
    for tag, value in tags.items():
        made[int(tag[1:], 16)] = value
    return made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_does_not_leave(kind):
    data = encoded(picture(), kind, exif=exif())
    assert CANARY in data
    clean = clean_image(data)
    assert CANARY not in clean.data
    again = opened(clean.data)
    assert (again.format, again.size) == (kind, (40, 20))
    assert clean.media_type == f"image/{kind.lower()}"
    assert not again.getexif()
    assert not {"icc_profile", "comment", "xmp", "exif", "dpi"} & set(again.info)


def test_jpeg_comments_and_png_texts_do_not_leave():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", CANARY.decode())
    texts.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    for data in (
        encoded(picture(), "JPEG", comment=CANARY),
        encoded(picture(), "PNG", pnginfo=texts),
        encoded(picture(), "WEBP", xmp=CANARY),
    ):
        assert CANARY in data
        assert CANARY not in clean_image(data).data


def test_bytes_behind_the_image_do_not_leave():
    data = encoded(picture(), "JPEG") + CANARY
    assert CANARY not in clean_image(data).data


def test_the_picture_is_turned_upright_first():
    data = encoded(picture(), "JPEG", exif=exif(x0112=6))
    clean = clean_image(data)
    assert (clean.width, clean.height) == (20, 40)
    assert opened(clean.data).size == (20, 40)


def test_colours_survive_the_loss_of_the_profile():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(picture(), "PNG", icc_profile=profile)
    again = opened(clean_image(data).data)
    assert "icc_profile" not in again.info
    assert again.getpixel((20, 10)) == pytest.approx(
        picture().getpixel((20, 10)), abs=3
    )


def test_a_damaged_profile_is_dropped_and_the_pixels_stay():
    data = encoded(picture(), "PNG", icc_profile=b"not a profile")
    assert opened(clean_image(data).data).tobytes() == picture().tobytes()


@pytest.mark.parametrize(
    ("mode", "kind", "after"),
    [
        ("RGBA", "PNG", "RGBA"),
        ("LA", "PNG", "LA"),
        ("L", "PNG", "L"),
        ("1", "PNG", "L"),
        ("P", "PNG", "RGB"),
        ("I;16", "PNG", "L"),
        ("L", "JPEG", "L"),
        ("CMYK", "JPEG", "RGB"),
    ],
)
def test_modes_become_plain_ones(mode, kind, after):
    source = Image.new(mode, (8, 8)) if mode == "I;16" else picture(mode, (8, 8))
    assert opened(clean_image(encoded(source, kind)).data).mode == after


def test_a_transparent_palette_stays_transparent():
    source = picture("P", (8, 8))
    data = encoded(source, "PNG", transparency=source.getpixel((0, 0)))
    clean = opened(clean_image(data).data)
    assert clean.mode == "RGBA"
    assert clean.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused_by_name(kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(Unsupported, match="animated"):
        clean_image(data)


@pytest.mark.parametrize("side", [8_100, 10_000, 14_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side):
    data = encoded(Image.new("1", (side, side)), "PNG")
    assert len(data) < 200_000
    with pytest.raises(DecodeError, match="megapixels"):
        clean_image(data)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"GIF89a" + bytes(20), b"\xff\xd8\xff"]
)
def test_what_is_no_such_image_is_refused(data):
    with pytest.raises(DecodeError):
        clean_image(data)
    with pytest.raises(DecodeError):
        thumbnail(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_image_is_refused(kind):
    data = encoded(Image.effect_noise((64, 64), 80).convert("RGB"), kind)
    with pytest.raises(DecodeError):
        clean_image(data[: len(data) // 2])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L"])
def test_a_thumbnail_is_a_small_jpeg_without_metadata(mode):
    data = encoded(picture(mode, (1200, 600)), "PNG", exif=exif())
    small = thumbnail(data)
    assert len(small) <= 24 * 1024
    assert CANARY not in small
    assert opened(small).format == "JPEG"
    assert opened(small).size == (480, 240)


def test_even_noise_fits_a_thumbnail():
    noise = Image.effect_noise((1000, 1000), 250).convert("RGB")
    assert len(thumbnail(encoded(noise, "PNG"))) <= 24 * 1024
