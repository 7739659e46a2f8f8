"""Errands: tables that are reserved, and parcels that are put into the boot.

ordering  the buttons of a dashboard and a phone
bookings  what a phone keeps of them: the confirmation, the calendar entry, the courier's key
"""
