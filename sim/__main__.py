"""`python -m sim`, the same as `carhome`."""

from sim.shell.cli import main

main()
