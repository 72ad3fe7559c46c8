"""Examples for the documentation. They fit together: the same ids in all of it tell one conversation."""

USER_ID = "66f1c0ffee15c0ffee15c0d0"
CONVERSATION_ID = "66f1c0ffee15c0ffee15c0de"
SESSION_ID = "66f1c0ffee15c0ffee15c0df"
SIGN_IN_ID = "66f1c0ffee15c0ffee15c0e0"
PROJECT_ID = "66f1c0ffee15c0ffee15c0e1"
REQUEST_ID = "9f86d081884c7d65"

QUESTION_ID = "5c1d6a52-9d2f-4d5f-8d35-0c8f8e0a7b10"
ANSWER_ID = "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"
OTHER_ANSWER_ID = "7d1e2f30-4b5c-4d6e-8f70-8192a3b4c5d6"

QUESTION = "Why is the sky blue?"
ANSWER = "Sunlight scatters."
MODEL = "SmolLM2-135M-Instruct"
CREATED_AT = "2026-01-31T08:05:09.120Z"
SEEN_AT = "2026-02-01T17:30:00.000Z"
