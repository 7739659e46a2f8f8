"""The deterministic stage on which devices act.

timeline     one heap of what is due, keyed by (due, insertion)
link         rounds: what the stage asks of a link, the port to MQTT
network      the MQTT rules: who receives what, retained messages, wills, permissions
faults       what can go wrong on a link or in a device, seeded, with an end
permissions  what each broker user may do, generated from the household
truth        what is physically so: places, rooms, weather, doors, speeds
people       what persons and nature do to the truth
node         one device with its identity: checks, signs, repeats, publishes
trace        the one stream of records
stage        rounds until nothing moves, then the clock
"""
