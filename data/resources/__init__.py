"""Resources (资源): stations, vehicles, cameras and the other forces on the map."""
