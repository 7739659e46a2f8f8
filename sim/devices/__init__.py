"""The kinds of devices: one file each, found by being here.

car/         locks, doors, boot, windows, motion and battery of a car; gateway and body controllers
camera.py    a home camera that takes real pictures
climate.py   heats or cools a room
dashboard.py the screens of a car
phone.py     a person's phone
stranger.py  somebody whom the household does not know
watch.py     a person's watch, a digital key
"""
