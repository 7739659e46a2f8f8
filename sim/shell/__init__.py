"""The only I/O: command line, links to brokers, brokers, files."""
