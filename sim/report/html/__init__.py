"""A run as one self-contained HTML file: verdicts, sequences, decisions, plots and data flows.

It is made of records alone, of a run that has just ended or of a recording. There is no script in it, no
request leaves it, and its content security policy allows nothing but its own style sheet. The same records
give the same bytes. `page` is the only way in.
"""

from sim.report.html.page import page

__all__ = ["page"]
