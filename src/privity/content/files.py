"""A sealed file as a part of a message: where it is, what opens it, what it is.

The name, the type and the description stand here and nowhere else: the relay that
keeps the sealed bytes learns none of them.
"""

from dataclasses import dataclass

from privity.content.attachments import SealedFile
from privity.content.message import ENC_ALG_STREAM, HASH_ALG_SHA256, FileManifest
from privity.content.parts import Disposition, ExternalPart
from privity.content.uris import blob_url, parse_blob_url

__all__ = ["FileOffer", "file_from_part", "file_to_part"]


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file that a message offers; `filename` is what the sender says."""

    sealed: SealedFile
    host: str
    blob_id: bytes
    media_type: str
    filename: str
    description: str = ""


def file_to_part(offer: FileOffer, index: int) -> tuple[ExternalPart, FileManifest]:
    """Return the part with this index, and its manifest."""
    sealed = offer.sealed
    part = ExternalPart(
        disposition=Disposition.ATTACHMENT,
        language="",
        content_type=offer.media_type,
        url=blob_url(offer.host, offer.blob_id),
        expires=0,
        size=sealed.size,
        enc_alg=ENC_ALG_STREAM,
        key=sealed.key,
        nonce=b"",
        aad=b"",
        hash_alg=HASH_ALG_SHA256,
        content_hash=sealed.content_hash,
        description=offer.description,
        filename=offer.filename,
    )
    return part, FileManifest(index, sealed.length, sealed.root, sealed.key_hash)


def file_from_part(part: ExternalPart, manifest: FileManifest) -> FileOffer:
    """Return the file that a part and its manifest offer; content was decoded."""
    host, blob_id = parse_blob_url(part.url)
    sealed = SealedFile(
        key=part.key,
        length=manifest.length,
        root=manifest.root,
        content_hash=part.content_hash,
    )
    return FileOffer(
        sealed=sealed,
        host=host,
        blob_id=blob_id,
        media_type=part.content_type,
        filename=part.filename,
        description=part.description,
    )
