"""Apps: what runs alike on phones, dashboards, tablets and other devices with a screen or a loudspeaker.

An app is a part of a device (see `sim.core.parts`): a frozen state with one `step`, its own commands, acts
and facets. A device is a list of them, so that what is built here once is on every screen.
"""
