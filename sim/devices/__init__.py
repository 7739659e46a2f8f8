"""The kinds of devices: one file each, found by being here.

car/         locks, doors, boot, windows, motion and battery of a car; gateway and body controllers
camera.py    a home camera that takes real pictures
climate.py   heats or cools a room
hub/         runs scenes, when somebody asks or something comes near
light.py     a lamp on the network
plug.py      switches and meters what is plugged into it
purifier.py  cleans the air of a room
dashboard.py the screens of a car
phone.py     a person's phone
stranger.py  somebody whom the household does not know
watch.py     a person's watch, a digital key
"""
