"""Who says so: identities and signed envelopes, without I/O.

identity   a device's key pair, and the keys a household has enrolled
envelope   a signature over exact bytes, verified before anything is parsed
"""
