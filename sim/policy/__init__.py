"""The rules of the household and the one place that decides by them.

decision   what is asked and what is answered
schema     the words rules may use, gathered from the kinds of devices
source     Cedar text: where each rule stands and which clauses it is made of
rules      rule files, read and checked
clauses    why nothing permitted a request: the first clause of each permit that is false
cedar      the decision point: Cedar decides, and everything doubtful is refused
rules/     the rules themselves, one file per subject
"""
