"""No method of the window takes a path of this machine, or ends its process."""

import json

import msgspec
import pytest

from privity.client.verbs import params
from privity.client.verbs.catalogue import VERBS
from privity.web.methods import METHODS, WITHHELD


def takes_paths(kind) -> bool:
    """Tell whether a path of this machine is anywhere in a structure."""
    schema = json.dumps(msgspec.json.schema(kind))
    return '"pattern": "^/"' in schema


@pytest.mark.parametrize("name", sorted(METHODS))
def test_no_method_of_the_window_takes_a_path(name):
    assert not takes_paths(METHODS[name].params)


def test_a_path_would_be_found():
    assert takes_paths(params.Save)
    assert takes_paths(params.Send)


def test_what_is_withheld_is_a_verb_with_a_reason():
    assert VERBS.keys() >= WITHHELD
    reasons = {n for n in WITHHELD if takes_paths(VERBS[n].params)}
    # `media` hands out keys of files; `lock` ends the process that serves the page.
    assert WITHHELD - reasons == {"lock", "media"}


def test_every_other_verb_can_be_called():
    assert VERBS.keys() - METHODS.keys() == {"lock", "save"}
