"""One model of a screen for everything that has one: cards, apps, a theme and a focus.

    model       what a screen is made of
    cards       cards out of what a device believes of others, each value with its age
    rendering   a screen as data for one display, within what that display may show
    theme       one look for all screens of a household: the newest choice wins, also over a cut link
    notices     notifications as a card
    appointments  the next appointment as a card
    surface     the part that keeps focus, cards and mirrored cards of a device, and devices with a screen

A screen is drawn from beliefs when somebody looks, and not on every message: a device says something of its
screen only when the theme, the focus or the set of cards changes.
"""
