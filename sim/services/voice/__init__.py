"""The assistant that understands sentences: no sound, only what was transcribed.

assistant   a sentence in; the acts it asks for, the answer to a question, or why nothing happens
speech      a transcribed sentence made plain, and its wake word
english     how English sentences are made plain further, what can be said in them, and what is answered
chinese     the same in Chinese
tongues     both languages, and what no voice may ask for
errands     what wishes about tables and parcels mean
parts       the things that a sentence asks for, and the reasons beside them
recognizer  what a plain sentence says, over the names of one household
names       how a household's rooms, devices and scenes are called when people speak
wishes      what was said, as data
meaning     which devices are meant, and which acts that makes
knowledge   answers out of what the listening device believes
replies     what is said aloud
"""
