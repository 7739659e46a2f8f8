"""What `carhome policy` says: one file for each of its commands."""
