"""The rules of the community in plain words: for everybody to read, for two people to change."""
