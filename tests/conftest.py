"""How hard hypothesis tries: `default` at a desk, its built-in `ci` where CI is set, `nightly` on request.

`pytest --hypothesis-profile nightly` looks for longer, and prints what reproduces a finding.
"""

from hypothesis import settings

settings.register_profile("default", settings.get_profile("default"), deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=5_000, print_blob=True)
if settings.get_current_profile_name() == "default":
    settings.load_profile("default")  # as it is registered now; a slow machine breaks no test
