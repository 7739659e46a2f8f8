"""Journeys to appointments: when to leave, by which road, in a car that is ready (M18).

navigation        places of a map by their names, and the news of the roads that were heard
departures        when to leave, by which road, and whether the battery gets there
agenda            the calendar app of a phone, which plans, asks the car, and says why
appointment_card  the next appointment on a screen
"""
