"""All targets by name, and the one way to find them."""

from tests.fuzz import (
    content,
    decode,
    identity,
    join,
    key_package,
    planes,
    process,
    state,
    told,
    tree,
    wire,
)
from tests.fuzz.target import Target

__all__ = ["TARGETS"]

TARGETS: dict[str, Target] = {
    module.TARGET.name: module.TARGET
    for module in (
        process,
        join,
        tree,
        decode,
        state,
        key_package,
        wire,
        planes,
        content,
        identity,
        told,
    )
}
