"""Images made fit to send: decoded, turned upright, stripped of all metadata.

A picture from a camera says where and with what it was taken; what leaves here is
pixels and nothing else. Only the owner's own pictures are decoded here, before
sending; a hostile one is refused by its size before its pixels are. Video and
animations are not touched: they are refused by name, and can go as plain files.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from privity.content import limits
from privity.errors import DecodeError, Unsupported

__all__ = [
    "MAX_PIXELS",
    "CleanImage",
    "clean_image",
    "is_portrait",
    "portrait",
    "thumbnail",
]

MAX_PIXELS = 64_000_000
"""More than a phone's camera gives; decoded, a quarter of a gigabyte."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_SIDES = (480, 320, 200, 120)
_QUALITIES = (75, 55, 35)
_PORTRAIT_SIDES = (192, 128, 96)
_PORTRAIT = 12 * 1024
_LARGEST_PORTRAIT = 1024


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture without metadata, in the format that it came in."""

    data: bytes
    media_type: str
    width: int
    height: int


def clean_image(data: bytes) -> CleanImage:
    """Return the picture re-encoded: upright, in sRGB, without metadata.

    JPEG, PNG and WebP. Raises DecodeError (not such an image, damaged, or above
    64 megapixels) and Unsupported (an animation).
    """
    image, name = _load(data)
    target = io.BytesIO()
    if name == "JPEG":
        image = image if image.mode in ("RGB", "L") else image.convert("RGB")
        image.save(target, "JPEG", quality=90, optimize=True)
    elif name == "PNG":
        image.save(target, "PNG", optimize=False)
    else:
        image.save(target, "WEBP", quality=90)
    return CleanImage(
        data=target.getvalue(),
        media_type=_MEDIA_TYPES[name],
        width=image.width,
        height=image.height,
    )


def thumbnail(data: bytes) -> bytes:
    """Return a JPEG of at most 24 KiB that shows the picture; raises as clean_image."""
    image = _flatten(_load(data)[0])
    for side in _SIDES:
        image.thumbnail((side, side))
        for quality in _QUALITIES:
            target = io.BytesIO()
            image.save(target, "JPEG", quality=quality, optimize=True)
            if target.tell() <= limits.THUMBNAIL:
                return target.getvalue()
    raise DecodeError("an image that no thumbnail of 24 KiB can show")


def portrait(data: bytes) -> bytes:
    """Return a square JPEG of up to 12 KiB, cut from the middle; raises as thumbnail.

    Nothing of the file but its pixels goes along.
    """
    image = _flatten(_load(data)[0])
    for side in _PORTRAIT_SIDES:
        square = ImageOps.fit(image, (side, side))
        for quality in _QUALITIES:
            target = io.BytesIO()
            square.save(target, "JPEG", quality=quality, optimize=True)
            if target.tell() <= _PORTRAIT:
                return target.getvalue()
    raise DecodeError("an image that no portrait of 12 KiB can show")


def is_portrait(data: bytes) -> bool:
    """Tell whether somebody's picture is as large as one is; decodes no pixels.

    A JPEG of a few KiB can state 65,535 pixels a side, which whoever shows it pays for.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return max(image.size) <= _LARGEST_PORTRAIT
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False
    except (OSError, SyntaxError, ValueError, EOFError):
        return False


def _load(data: bytes) -> tuple[Image.Image, str]:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            name = "JPEG" if image.format == "MPO" else str(image.format)
            if image.width * image.height > MAX_PIXELS:
                raise DecodeError("an image of more than 64 megapixels")
            if name != "JPEG" and getattr(image, "n_frames", 1) > 1:
                raise Unsupported("animated images")
            image.load()
            upright = _plain(_in_srgb(ImageOps.exif_transpose(image)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DecodeError("an image of more than 64 megapixels") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DecodeError(f"not an image that can be read: {error}") from None
    upright.info.clear()
    return upright, name


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the pixels in sRGB: without its profile the picture keeps its colours."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        # Pillow's own module for colours has no type hints underneath.
        srgb = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        target = ImageCms.ImageCmsProfile(srgb)  # pyright: ignore[reportUnknownArgumentType]
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return converted or image


def _plain(image: Image.Image) -> Image.Image:
    if "transparency" in image.info or image.mode in ("PA", "La", "RGBa"):
        return image.convert("RGBA")
    if image.mode in ("RGB", "RGBA", "L", "LA"):
        return image.copy()
    return image.convert("L" if image.mode in ("1", "I;16") else "RGB")


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA"):
        return image.convert("RGB")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas
