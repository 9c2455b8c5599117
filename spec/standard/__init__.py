"""What VIRTIO 1.4 allows a device and a driver to do on a virtqueue, as small transition functions.

`virtqueue` has the queue and everything that can happen to it, `receive` the receive
queue of virtio-net on top, `clauses` the rules by their numbers.  `judge` runs the
functions on what was observed of a real device or driver.
"""
