"""Vocabulary that every other room shares.

errors      the one tree of errors a user can mend, each with its place
units       quantities with units: how `21 °C` becomes a float that knows its dimension
names       what may be a device, home or person name
topics      where messages go: building and parsing MQTT topics
messages    what goes there: CloudEvents as strict JSON, and the frame a link carries
household   people, homes, rooms and devices as data
declarations  what a kind declares: arguments, commands, acts, reports, physical facts
stimuli     what happens to a device
effects     what a device wants done
device      the protocol of a device: one stimulus in, a successor and effects out
beliefs     what a device has heard of others
asking      the buttons that phone, watch and dashboard have in common
surroundings  what a device may sense of the ground truth
"""
