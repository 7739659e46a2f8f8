"""The rules of the household and the one place that decides by them.

decision   what is asked and what is answered
schema     the words rules may use, gathered from the kinds of devices
foreseen   words that rules weigh before a device brings them
source     Cedar text: where each rule stands and which clauses it is made of
validation rules held against the words they may use, and what to do about what the engine says
rules      rule files, read and checked
clauses    why nothing permitted a request: the first clause of each permit that is false
engine     Cedar, asked so that everything doubtful is a refusal
cedar      the decision point of a household
rules/     the rules themselves, one file per subject, with their suites and the mission's claims
"""
