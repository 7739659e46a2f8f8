"""What assists a driver, as physics: how far sensors see, how a car follows, brakes and keeps its lane.

    sight       how far lidar and camera see, and the speed from which one stands within that
    following   the distance to the one ahead, and limits of the road ahead
    braking     emergency braking, and whether anything could have avoided a collision
    lane        steering in a lane through bends
    others      the others on the road, as functions of time
    line        the line a car follows on the plane, with its limits and bends
    loop        one step of all of it
    assisted    a drive that comes of it, asked as a path is

Nothing in here knows of devices or messages: a world runs it, a device only switches it off.

Not covered: evasion by steering, traffic from behind, oncoming traffic, people on foot.
"""
