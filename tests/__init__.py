"""The tests mirror the code; stories, races, browser and house stand beside them."""
