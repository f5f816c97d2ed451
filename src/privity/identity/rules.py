"""What well-formed identity data must not say; each has a test that breaks it."""

from enum import unique

from privity import errors

__all__ = ["Rule"]


@unique
class Rule(errors.Rule):
    """A requirement whose violation makes us refuse identity data."""

    LEAF_ACCOUNT = "the credential names another account than the certificate"
    LEAF_DEVICE = "the credential names another device than the certificate"
    LEAF_KEY = "the leaf's signature key is not the certified one"

    LIST_VERSION = "a list's version counts from 1"
    SUITES = "a list names its suites, each once, min_suite among them"
    NEXT_KEY = "next_key_hash is empty in version 1"
    SELF_STORAGE_HASH = "self_storage_hash is empty or 32 bytes"
    NO_DEVICE = "a list names at least one device"
    DEVICE_TWICE = "device ids and mailbox ids are unique within a list"
    KEY_TWICE = "no key serves twice within a list"
    CERTIFICATE_ACCOUNT = "a certificate is of the list's account and identity key"
    CERTIFICATE_DEVICE = "a certificate is of its device's id and signature key"
    CERTIFICATE_VERSION = "a certificate is not newer than its list"

    OTHER_ACCOUNT = "a successor is of the same account"
    OTHER_IDENTITY = "a successor is under the same identity key"
    NOT_NEWER = "a successor has a greater version"
