"""`carhome policy`: rules that people write, test, explain, prove and mutate.

commands    the command line
shelf       rules, suites and claims from files, and a prover where one is installed
output      JSON lines, JUnit files and progress
checking    `check`: rules held against the words of devices, and against each other; `check --broker`
testing     `test`: suites of cases
explaining  `explain`: why a decision is as it is, and what would be allowed
covering    `coverage`: which rules and conditions the tests reach
proving     `prove`: claims about all requests
comparing   `diff`: who gains and who loses by other rules
mutating    `mutate` and `suggest`: which planted mistakes no test notices, and tests that would
"""
