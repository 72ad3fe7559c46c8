"""An answer, from the reservation of its turn to its end.

``reserve`` takes the turn, ``run`` talks to the provider, ``write`` keeps what was written, ``follow`` tells listeners,
``reap`` ends what a dead worker left. ``engine`` holds them together, one for each worker.
"""
