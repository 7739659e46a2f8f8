"""What a device may do because somebody has subscribed to it.

terms    how a subscription stands at an instant: a function of four numbers, for service and device alike
leases   what the subscription service signs for one device, and how a device keeps and judges it
elapsed  a device's time since its leases came, which no clock that is set back makes longer
"""
