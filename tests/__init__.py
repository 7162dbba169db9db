"""The tests mirror the folders of the code; stories, races, browser and house are beside them."""
