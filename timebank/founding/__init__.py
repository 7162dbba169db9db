"""The first start: a community is founded from one description, by a file or by the pages."""
