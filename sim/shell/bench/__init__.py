"""`make bench`: how fast a run is, beside what the same machine can do at all, measured in one go.

    material   what is measured with: scenarios, and the rounds and decisions recorded from them
    series     repeated measurements, their ratios, and the targets the ratios are held against
    replay     plain aiomqtt clients that send a recording again without knowing what it means
    speeds     runs and replays over brokers, and runs in memory
    starting   how long a command takes to start
    deciding   decisions through the node's path, and by the bare engine
    signing    envelopes, and the bare signatures in them
    table      the results as text

Nothing fails for being slow: times depend on the machine, ratios hardly do, and both are only shown.
"""
