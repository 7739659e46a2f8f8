"""What can be said about the rules beyond one decision; nothing here decides for a device.

question     one request with everything it rests on, and the engine's answer to it
recorded     the decisions of a recording, each as the request it was
evaluation/  rules as trees and as functions, with a view inside
sampling/    requests made of boundary values
symbolic/    the prover: rules and schema as formulas, for all requests and stores
suites/      tests of rules that people write, and what they reach
mutation/    how good those tests are
properties/  claims, remarks, comparisons: what holds over all requests
explanation/ why a request was answered as it was, and what would be allowed
"""
