"""What several tests of proofs begin with."""

import pytest

from sim.analysis.symbolic import Prover
from tests.analysis.symbolic.small_rules import prover


@pytest.fixture(scope="module")
def home() -> Prover:
    """The prover of the small home."""
    return prover()
