"""Facts about the demo districts that ship with the product.

``outline_*.geojson`` and ``places_*.csv`` come from Vonng/adcode (CC BY 4.0), positions
converted to WGS-84, outlines rounded to 1e-6 degrees. In the csv the column ``origin``
says where a row comes from: ``adcode`` a recorded place, ``median of communities`` a
street whose centre was taken from its communities, ``estimated`` and ``synthetic``
ours. The files of 350402003 and 440304010 show one street each; no border of it is
recorded, so its outline is a patch of ours, cut by the real border of its district, and the
file says so. No polygon below the district is a fact: they are derived and say so.
"""
