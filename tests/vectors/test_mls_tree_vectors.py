import pytest

from privity.errors import NotAuthentic, PrivityError, RuleViolation
from privity.mls.rules import Rule
from tools import mls_vectors_tree
from tools.make_vectors import path_of
from tools.mls_vectors import load


def test_a_case_about_another_tree_is_seen_to_fail():
    case = next(c for c in load(path_of("tree-validation")) if c["cipher_suite"] == 1)
    case["tree_hashes"][0] = "00" * 32
    with pytest.raises(PrivityError, match="tree hash"):
        mls_vectors_tree.check_tree_validation(case)


def test_a_tree_of_another_group_is_not_authentic():
    cases = [c for c in load(path_of("tree-validation")) if c["cipher_suite"] == 1]
    # The last tree has leaves that commits set, which are signed for their group.
    cases[-1]["group_id"] = "00" * 32
    with pytest.raises(NotAuthentic):
        mls_vectors_tree.check_tree_validation(cases[-1])


def test_an_update_path_for_another_sender_is_refused():
    case = next(c for c in load(path_of("treekem")) if c["cipher_suite"] == 1)
    case["update_paths"][0]["sender"], case["update_paths"][1]["sender"] = 1, 0
    with pytest.raises(RuleViolation) as refused:
        mls_vectors_tree.check_treekem(case)
    assert refused.value.rule is Rule.PATH_PARENT_HASH
