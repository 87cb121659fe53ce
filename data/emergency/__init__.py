"""Emergency (平急转换): tasks for areas and their sign-ups; whistles (街道吹哨, 部门报到)."""
