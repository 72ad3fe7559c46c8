"""What operators do with the whole database: check it, repair it, back it up, restore it."""
