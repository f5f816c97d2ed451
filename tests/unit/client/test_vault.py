"""The vault opens for its passphrase and for nothing else."""

import os
from pathlib import Path

import keyring
import keyring.backend
import pytest

from privity.client import vault
from privity.client.errors import Damaged, Locked, NewerProfile, NoProfile, StorageFull
from privity.errors import UsageError
from privity.identity.secret import Secret


@pytest.fixture(autouse=True)
def _less_work(monkeypatch):
    """The size of the work is in the file; the tests ask for little of it."""
    monkeypatch.setattr(vault, "MEMORY", 64)
    monkeypatch.setattr(vault, "PASSES", 1)


class Ring(keyring.backend.KeyringBackend):
    """A keyring like the operating system's."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept = {}

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    ring = Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_the_passphrase_gives_the_key_back(profile):
    key = vault.create_vault(profile.vault, "correct horse")
    assert len(key) == 32
    assert vault.open_vault(profile.vault, "correct horse") == key
    assert profile.vault.stat().st_mode & 0o777 == 0o600


def test_the_vault_in_the_documents_opens(profile):
    page = (Path(__file__).parents[3] / "docs" / "spec" / "store.md").read_text()
    example = page.split("```vault\n")[1].split("```")[0]
    profile.vault.write_bytes(bytes.fromhex(example))
    key = vault.open_vault(profile.vault, "correct horse battery staple")
    assert key == Secret(bytes(range(32)))
    slot = vault._read(profile.vault).slots[0]
    assert (slot.memory, slot.passes) == (64 * 1024, 3)


def test_the_default_work_is_what_the_documents_say(profile, monkeypatch):
    monkeypatch.undo()
    vault.create_vault(profile.vault, "one")
    slot = vault._read(profile.vault).slots[0]
    assert (slot.memory, slot.passes) == (64 * 1024, 3)


def test_another_passphrase_gives_nothing(profile):
    vault.create_vault(profile.vault, "correct horse")
    with pytest.raises(Locked):
        vault.open_vault(profile.vault, "correct  horse")


def test_composed_and_decomposed_letters_are_one_passphrase(profile):
    key = vault.create_vault(profile.vault, "Zürich")
    assert vault.open_vault(profile.vault, "Zu\u0308rich") == key


def test_an_empty_passphrase_is_refused(profile):
    with pytest.raises(UsageError):
        vault.create_vault(profile.vault, "")
    assert not profile.vault.exists()


def test_a_vault_is_never_replaced(profile):
    key = vault.create_vault(profile.vault, "one")
    with pytest.raises(NoProfile):
        vault.create_vault(profile.vault, "two")
    assert vault.open_vault(profile.vault, "one") == key


def test_a_missing_vault_is_named(profile):
    with pytest.raises(NoProfile):
        vault.open_vault(profile.vault, "one")


def test_a_changed_passphrase_opens_and_the_old_one_no_more(profile):
    key = vault.create_vault(profile.vault, "old")
    vault.change_passphrase(profile.vault, "old", "new")
    assert vault.open_vault(profile.vault, "new") == key
    with pytest.raises(Locked):
        vault.open_vault(profile.vault, "old")
    with pytest.raises(Locked):
        vault.change_passphrase(profile.vault, "old", "newer")


def test_no_byte_of_a_vault_can_be_changed_unnoticed(profile):
    key = vault.create_vault(profile.vault, "one")
    whole = profile.vault.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        profile.vault.write_bytes(changed)
        with pytest.raises((Locked, Damaged, NewerProfile)):
            vault.open_vault(profile.vault, "one")
    profile.vault.write_bytes(whole)
    assert vault.open_vault(profile.vault, "one") == key


def test_a_cut_vault_is_damaged(profile):
    vault.create_vault(profile.vault, "one")
    whole = profile.vault.read_bytes()
    for size in range(len(whole)):
        profile.vault.write_bytes(whole[:size])
        with pytest.raises(Damaged):
            vault.open_vault(profile.vault, "one")


def test_a_vault_that_asks_for_a_terabyte_is_refused(profile):
    slot = vault.Slot(vault.SlotKind.PASSPHRASE, bytes(16), 1 << 30, 3, bytes(48))
    forged = vault.Vault(vault._MAGIC, 1, (slot,))
    profile.vault.write_bytes(forged.encode())
    with pytest.raises(Damaged, match="impossible"):
        vault.open_vault(profile.vault, "one")


def test_a_disk_that_refuses_leaves_the_old_vault(profile, monkeypatch):
    vault.create_vault(profile.vault, "one")
    before = profile.vault.read_bytes()

    def refuse(_descriptor):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageFull):
        vault.change_passphrase(profile.vault, "one", "two")
    assert profile.vault.read_bytes() == before
    assert [path.name for path in profile.root.iterdir()].count("vault.new") == 0


def test_the_keyring_opens_beside_the_passphrase(profile, ring):
    key = vault.create_vault(profile.vault, "one")
    assert not vault.has_keyring(profile.vault)
    vault.add_keyring(profile.vault, "one")
    assert vault.has_keyring(profile.vault)
    assert vault.open_with_keyring(profile.vault) == key
    vault.change_passphrase(profile.vault, "one", "two")
    assert vault.open_with_keyring(profile.vault) == key
    vault.remove_keyring(profile.vault)
    assert ring.kept == {}
    with pytest.raises(Locked):
        vault.open_with_keyring(profile.vault)
    assert vault.open_vault(profile.vault, "two") == key
    vault.remove_keyring(profile.vault)


def test_a_keyring_that_lost_the_key_is_named(profile, ring):
    vault.create_vault(profile.vault, "one")
    vault.add_keyring(profile.vault, "one")
    for name in ring.kept:
        ring.kept[name] = "!!!"
    with pytest.raises(Locked):
        vault.open_with_keyring(profile.vault)
    ring.kept.clear()
    with pytest.raises(Locked):
        vault.open_with_keyring(profile.vault)


def test_a_keyring_that_protects_nothing_is_refused(profile, ring, monkeypatch):
    vault.create_vault(profile.vault, "one")
    monkeypatch.setattr(Ring, "priority", 0.5)
    with pytest.raises(Locked):
        vault.add_keyring(profile.vault, "one")
    assert not vault.has_keyring(profile.vault)
    assert ring.kept == {}
