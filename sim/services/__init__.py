"""The cloud side: what understands people or watches the roads, and has no body of its own.

voice  the assistant: a sentence in; acts, an answer, a question back, or why nothing happens out
traffic  detectors along the roads: which are closed or slow today
"""
