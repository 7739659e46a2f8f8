"""Vocabulary that every other room shares.

errors      the one tree of errors a user can mend, each with its place
units       quantities with units: how `21 °C` becomes a float that knows its dimension
names       what may be a device, home or person name
topics      where messages go: building and parsing MQTT topics
messages    what goes there: CloudEvents as strict JSON, and the frame a link carries
household   people, homes, rooms and devices as data
device      the protocol of a device: stimuli in, effects out, and what a kind declares
surroundings  what a device may sense of the ground truth
"""
