"""carhome: simulated devices of one household act out stories over MQTT, and refuse what is unsafe.

    core/      vocabulary: messages, topics, device protocol, effects, errors, quantities with units
    physics/   pure models: room heat, heat pump, daylight, motion, pictures; each formula with its source
    trust/     pure: identities, signed envelopes
    devices/   pure state machines, one file each; car/ holds its controllers
    services/  the cloud side, same protocol as devices: the assistant that understands sentences
    policy/    decision point (Cedar), rules/*.cedar, the schema generated from the devices
    world/     the deterministic stage: timeline, network (MQTT semantics and faults), ground truth, trace
    scenario/  the language: documents with positions, model, checks, run
    report/    pure renderers: console, JSON, differences
    shell/     the only I/O: command line, MQTT link, brokers, files

Imports point one way, top of the list last: core <- physics, trust <- devices, services, policy
<- world <- scenario <- report <- shell. Nothing outside `shell` does I/O, reads a clock or draws
chance that the scenario's seed did not give.
"""

__version__ = "0.1.0"
