"""The cloud side: what understands people and has no body of its own.

voice  the assistant: a sentence in; acts, an answer, a question back, or why nothing happens out
"""
