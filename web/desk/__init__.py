"""The staff's pages: the worklist with its cases, people, records, kiosks."""
