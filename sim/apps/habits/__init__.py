"""What car and home learn from how somebody uses them, once they have consented (`docs/learning.md`).

    estimates  what a habit is, out of a handful of observations
    messages   what devices and the household's cloud say to each other about it
    observing  the part of a phone or dashboard that observes, and shows what is suggested
    consents   the part of a phone at which its owner consents, withdraws, resets and looks
    keeping    the part of the cloud that keeps observations, and what was used for advertising

Estimates are pure functions of observations; everything else is a part of a device (see `core.parts`).
"""
