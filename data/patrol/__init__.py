"""Patrol (巡查): officers and their GPS fixes."""
