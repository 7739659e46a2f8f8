"""Pure renderers: values in, text out.

diagnostic  an error with the line it is about, as compilers print it
"""
