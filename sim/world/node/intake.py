"""How much a node takes of each sender: commands and everything else counted apart, floods noted twice.

A flood has two records however long it is: one when it begins, and one when it is over that says how
much of it was not read.
"""

from sim.core.topics import Topic
from sim.world.node.port import Port
from sim.world.node.rates import (
    COMMAND_BURST,
    COMMANDS_PER_SECOND,
    REPORT_BURST,
    REPORTS_PER_SECOND,
    Admission,
    Rates,
    sender_of,
)
from sim.world.node.writing import Writer

FLOOD_TIMER = "end of flood "
"""Ends with a space, as no timer of a device does."""


class Intake:
    """See the module.

    Args:
        port: the clock, and the timer that looks for the end of a flood.
        write: where floods are noted.
    """

    def __init__(self, port: Port, write: Writer) -> None:
        self._port = port
        self._write = write
        self._commands = Rates(COMMAND_BURST, COMMANDS_PER_SECOND)
        self._reports = Rates(REPORT_BURST, REPORTS_PER_SECOND)

    def admit(self, topic: Topic | None) -> Admission:
        """Say what becomes of a message that has come, before any of it is read."""
        commanded = topic is not None and topic.channel == "cmd"
        rates = self._commands if commanded else self._reports
        now_ms = self._port.now_ms()
        admission = rates.admit(sender_of(topic), now_ms)
        if admission == "first_refusal":
            self._plan(now_ms)
            if not commanded:
                self._write.warning(f"{sender_of(topic) or 'somebody'} says more than is listened to")
        return admission

    def look_for_end(self) -> None:
        """Note the floods that are over, and look again where one is not."""
        now_ms = self._port.now_ms()
        for rates in (self._commands, self._reports):
            for spell in rates.ended(now_ms):
                who = spell.sender or "somebody"
                self._write.warning(f"{spell.refused} messages of {who} were too many, and not read")
        self._plan(now_ms)

    def _plan(self, now_ms: int) -> None:
        """Look again when the next flood can be over: a new one puts off no older one's end."""
        waits_ms = [rates.wait_ms(now_ms) for rates in (self._commands, self._reports)]
        left_ms = [wait_ms for wait_ms in waits_ms if wait_ms is not None]
        if left_ms:
            self._port.start_timer(FLOOD_TIMER, min(left_ms))
