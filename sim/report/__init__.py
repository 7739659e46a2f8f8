"""Pure renderers: values in, text out.

console     a run, case by case, with its refusals and failures
chronicle   what happened, one line for each record
diagnostic  an error with the line it is about, as compilers print it
difference  two recordings, and where they part
devices     the kinds of devices, for people and machines
attacks     who broke through, who was noticed, and who refused
policy_*    suites, claims, explanations, coverage, mutants, remarks and changes of rules
junit       JUnit's XML
folding     what of a text may be shown, how wide it is, where it is folded or cut
style       colours, or none
"""
