"""The provider of the language model: the OpenAI protocol, token counts, the list of models."""
