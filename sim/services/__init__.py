"""The cloud side: what understands people and has no body of its own.

assistant   a sentence in, the act it asks for out, or why nothing happens
recognizer  what a sentence says, over the names of one household
sentences   what can be said and what is answered, per language, as data
speech      a transcribed sentence made plain, and its wake word
"""
