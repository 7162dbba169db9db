"""An independent checker of the books, such as an auditor would write from docs/books-format.md.

It shares no code with posting or sealing, so that one mistake is not made twice; a house test
enforces this. It reads plain SQL from the database or from an export, and changes nothing.
"""
