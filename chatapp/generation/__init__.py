"""An answer, from the reservation of its turn to its end.

One turn passes through the files in this order: ``admit`` decides whether it may begin now, ``reserve`` stores the
question and claims the answer's place, ``prompt`` and ``context`` say what the model is asked, ``run`` reads the
answer, ``write`` stores it as it grows, ``finish`` stores its end, and ``follow`` tells listeners. ``mirror`` follows
answers of other workers, ``reap`` ends those of dead workers. ``engine`` holds all of it together, one per worker.
"""
