"""Requests made of boundary values, for whatever cannot be proved or must be tried.

literals      what rules compare facts with
boundaries    the values worth trying, and requests made of them
combinations  all rows where they are few, else every pair and a sample
enumeration   claims held against very many requests
"""
