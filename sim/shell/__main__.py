"""`python -m sim.shell`, the same as `carhome`."""

from sim.shell.cli import main

main()
