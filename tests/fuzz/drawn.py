"""The search where atheris is not: hypothesis takes a seed, and changes parts of it."""

import sys
from traceback import format_exception

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.fuzz.mutation import reworded
from tests.fuzz.readers import Target, showing
from tests.fuzz.seeds import seeds

_CUT_MAX = 16


@st.composite
def inputs(draw: st.DrawFn, name: str) -> bytes:
    """Draw an input: a seed of a sort, reworded, with some bytes replaced, or both."""
    data = draw(st.sampled_from(seeds(name)))
    if draw(st.booleans()):
        data = reworded(data, draw(st.randoms(use_true_random=False)))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.integers(0, _CUT_MAX))
        data = data[:start] + draw(st.binary(max_size=_CUT_MAX)) + data[end:]
    return data


def draw(target: Target, *, runs: int, seed: int) -> bool:
    """Check drawn inputs, and say whether all held; a finding is printed as atheris prints its own."""
    check = showing(target.check)

    @seeded(seed)
    @settings(
        max_examples=runs,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target.seeds))
    def checked(data: bytes) -> None:
        check(data)

    try:
        checked()
    except Exception as error:  # noqa: BLE001  # whatever a reader raises is what is looked for
        sys.stderr.write("\n=== Uncaught Python exception: ===\n" + "".join(format_exception(error)))
        return False
    print(f"{runs} inputs drawn, every check held")  # noqa: T201  # the result
    return True
