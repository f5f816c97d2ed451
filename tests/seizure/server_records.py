"""What one record of PostgreSQL's own log says, without the rest of its page.

The first change of a page behind a checkpoint brings the whole page along, with the
rows of others; of that only the row counts which the record is about.
"""

from struct import unpack_from

__all__ = ["said"]

_HEAD = 24
_HEAP = 10
_INSERT, _DELETE, _UPDATE, _HOT_UPDATE = 0x00, 0x10, 0x20, 0x40
_ROW_NUMBER_AT = {_INSERT: 0, _DELETE: 4, _UPDATE: 12, _HOT_UPDATE: 12}
"""Where the main data says which row of its page is new, or deleted."""
_HAS_IMAGE, _HAS_DATA, _SAME_TABLE = 0x10, 0x20, 0x80
_HAS_HOLE = 0x01
_COMPRESSED = 0x1C
_PAGE = 8_192


def said(record: bytes) -> bytes:
    """Return the bytes of a record that are about what it does."""
    info, kind = record[16] & 0x70, record[17]
    at, main, blocks = _HEAD, 0, []
    while at < len(record) and sum(one[0] + one[1] for one in blocks) + main < (
        len(record) - at
    ):
        number = record[at]
        if number == 255:
            main, at = record[at + 1], at + 2
        elif number == 254:
            (main,), at = unpack_from("<I", record, at + 1), at + 5
        elif number in (252, 253):
            at += 5 if number == 252 else 3
        else:
            block, at = _block(record, at)
            blocks.append(block)
    found, images = [], []
    for image, data, hole in blocks:
        images.append((record[at : at + image], hole))
        found.append(record[at + image : at + image + data])
        at += image + data
    told = record[at : at + main]
    if kind == _HEAP and info in _ROW_NUMBER_AT and images and images[0][0]:
        (row,) = unpack_from("<H", told, _ROW_NUMBER_AT[info])
        found.append(_row(*images[0], row))
    return b"".join((*found, told))


def _block(record: bytes, at: int) -> tuple[tuple[int, int, int], int]:
    """Return the sizes of image and data and where its hole is, and what follows."""
    flags = record[at + 1]
    (data,) = unpack_from("<H", record, at + 2)
    at += 4
    image = hole = 0
    if flags & _HAS_IMAGE:
        image, hole, info = unpack_from("<HHB", record, at)
        at += 5
        if info & _HAS_HOLE and info & _COMPRESSED:
            at += 2
    at += (0 if flags & _SAME_TABLE else 12) + 4
    return (image, data, hole), at


def _row(image: bytes, hole: int, number: int) -> bytes:
    """Return a row of a page whose hole was left out."""
    page = image[:hole] + bytes(_PAGE - len(image)) + image[hole:]
    (pointer,) = unpack_from("<I", page, 24 + 4 * (number - 1))
    begin, size = pointer & 0x7FFF, pointer >> 17
    return page[begin : begin + size]
