"""The provider of the language models.

``openai_provider`` asks for an answer. On the way down: ``refusals`` writes the request, ``client`` knows the address
and the key, ``wire`` sends it. On the way up: ``events`` splits the bytes into events, ``answers`` (and for errors
``complaints``) knows what they can mean, ``answer_reader`` puts the answer together. ``models`` lists the models,
``tokens`` counts.
"""
