"""Pure models of the physical world: each formula says where it comes from, or that it is assumed.

room_heat   the air of a room as one lump of heat, exact between events
heat_pump   how much heat a climate unit moves for its electricity
daylight    how bright the day is, from the height of the sun
travel      who is where on a plane of metres, and when two come near
car_energy  what driving takes out of the battery, linearly
picture     what a home camera sees, as a real JPEG; drawn by
              painting   light, noise and caption: how a frame is put together
              interior   the furnished room, its window and its lamp
              figure     the people standing in it

Nothing here steps through time: a model is a frozen value that answers for any later instant, so
a jump of ten hours gives what ten thousand small steps would. Times are whole milliseconds.
"""
