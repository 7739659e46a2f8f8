"""Device twins: the settings of a device as they are wished and as they are, kept in step by the cloud (M15).

settings  what can be set, of which kind of device, within which limits
stamps    when something was wished: hybrid logical clocks, so that the newest wish is the same for all
intents   one wish, signed by the device on which it was made
drafts    wishes that the cloud has not confirmed yet
messages  what devices and the cloud ask each other
twin      the part of a device that wishes, applies and reports
"""
