"""What can be said about the rules beyond one decision; nothing here decides for a device.

question      one request with everything it rests on, and the engine's answer to it
"""
