"""How good tests of rules are, by the planted mistakes that they notice.

mutants     every small change of a rule
scoring     what becomes of each change: rejected, killed, equal or survived
suggestion  tests that would notice what survived
"""
