"""Files as people write them, read with the place of every value.

reading  YAML text as values that know where they stand, or one sentence about what is wrong
shape    a document held against a model: did you mean, which unit, one of which words
"""
