"""Paying: what a car, its screen and a phone say to the service that pays, and what that has booked.

messages    what the service can be asked, and what it reports
statement   what the books say, as the service needs it: a fold over their entries
approvals   the dashboard's button
receipts    the phone's app: fetches what was paid, and tells its owner
"""
