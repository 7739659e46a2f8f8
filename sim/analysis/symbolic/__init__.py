"""The symbolic prover: rules and schema as formulas, so that an answer counts for all requests and stores.

    shapes       what the schema says          patterns     `like`
    formulas     connectives, strings          equality     `==`, and what sets contain
    sorts        the schema for the solver     membership   `in`
    values       what expressions come to      terms        expressions, each with when it errs
    footprint    the terms that count          rules        whole rules in one environment
    axioms       the laws of every store       answers      what a set of rules answers
    facts        what is known of a store      wishes       what makes a witness readable
    search       the search for a request      witness      a model as a request and a store
    prover       the questions                 replay       the engine's word on a witness

One environment is the types of who asks and what is asked, and the action. In each, the request and the
store are open, so where the solver finds nothing there is nothing. What it finds counts only when Cedar,
asked, answers just so. The translation is no proof itself: it is held against Cedar by many random and
chosen requests, and refuses what it does not model.

The solver is an optional part: without it, importing this fails with ModuleNotFoundError.
"""

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Finding
from sim.analysis.symbolic.prover import Prover
from sim.analysis.symbolic.shapes import UnsupportedError

__all__ = ["Environment", "Finding", "Prover", "UnsupportedError"]
