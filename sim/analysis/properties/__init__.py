"""What holds of rules over all requests.

claims      claims files, judged by the prover or over boundary values
lint        rules that err, are dead, redundant or without effect
comparison  who gains and who loses by other rules
publishing  what the broker lets through, held against what rules could ever allow
"""
