"""The rules of the domain. Services know neither requests nor collections."""
