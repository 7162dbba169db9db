"""Sheets: files of rows and columns, as office programs write them."""
