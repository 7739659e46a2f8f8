"""New software that a car can trust: what is signed, by whom, until when, and for what.

    releases      what a release is, and what its metadata must say; no library is needed
    verification  a client of The Update Framework as a pure function
    signing       the other side: the repository that signs, the same bytes for the same seed

The Update Framework (TUF, specification 1.0.31, https://theupdateframework.github.io/specification/latest/)
says who may sign what: two of two root keys name all others and lie in a safe; the targets key signs the
releases, offline too; the snapshot and the timestamp key are online and sign, again and again, which targets
are the newest. So whoever steals the online keys can hold back what is new until a signature that is made
offline expires, and can make nothing up.

Two things TUF leaves to others, as the Uptane standard for cars asks them (https://uptane.org: the hardware
identifier must match, the release counter must not fall): a release for other hardware, and a downgrade
that the repository itself has signed. They are in `releases`.

`verification` and `signing` need the optional part `updates`, and are imported where they are used.
"""
