"""The language of scenario and household files.

document    YAML text as values that know where they stand, or one sentence about what is wrong
shape       a document held against a model: did you mean, which unit, one of which words
households  a household file: people, homes, devices, strangers, and everything that refers to them
"""
