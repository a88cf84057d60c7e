"""Poses for other programs while they are found: `duopose ... --send ADDRESS`.

ws://   everyone, as JSON: the lines of a record, to each client of a WebSocket server on this machine
vmc://  one person's bones, as OSC bundles over UDP: the Virtual Motion Capture protocol
lsl:    one person's joints, as a stream of the Lab Streaming Layer
"""
