"""Tests of rules that people write.

fixtures     the store of entities a test stands on, and values held against the schema
matrix       lists of principals, actions and resources, and what is expected of their product
reading      suite files, every mistake with its place
examination  cases held against the rules, by Cedar and by the compiled rules
coverage     which rules, conditions and sorts of requests tests reach
"""
