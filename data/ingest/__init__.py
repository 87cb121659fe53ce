"""Import (导入): files of cases, areas, fixes and the rest become rows of the store.

`command` is the command line, `mapping` what a file's columns mean, `readers`
the formats, one module per kind of row, `report` the account of every row.
"""
