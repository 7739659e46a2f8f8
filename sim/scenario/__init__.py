"""The language of scenario and household files.

households  a household file: people, homes, devices, strangers, and everything that refers to them
grammar     the shape of a scenario file: keys and what may stand behind them
cases       one document with `$name` in it becomes one document per row of values
values      what is written, held against what a fact can be
facts       what a path such as `su7.locked` means
conditions  what must hold: facts and named commands
givens      how the world is at the start
faulting    what breaks
loading     from a document to a scenario in which every name exists
model       such a scenario
scene       what `given` makes of the truth
watching    conditions held against a running stage
run         a case on the stage, step by step
"""
