"""Areas (区域): the tree district, street, community, grid, and the road network that bounds it."""
