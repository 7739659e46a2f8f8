"""Who says so: identities, signed envelopes and the digital key, without I/O.

identity      a device's key pair, and the keys a household has enrolled
envelope      a signature over exact bytes, verified before anything is parsed
derivation    what follows from a device's one secret seed
digital_key   a car's keys: pairing, challenge and response, ranging, sharing, revoking
wallet        a phone's or watch's keys, and the conversations in which they prove themselves
"""
