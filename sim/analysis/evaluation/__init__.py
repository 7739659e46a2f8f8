"""Rules as trees and as functions: the same answers as Cedar's, with a view inside.

words     what a schema says: which requests there can be, and what each of them tells
tree      conditions of a rule, their text, and where in its file each stands
values    contexts and entities as Cedar reads them
closures  expressions as functions
compiled  rules as functions: answers, and what became of each condition
likeness  sorts of requests that some rules cannot tell apart
"""
