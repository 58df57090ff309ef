"""What visitors hand in, between the line and the database: unsealed, checked for what it claims to be, bound into a PDF, sealed again with a
key of its own. Nothing here asks who may do it or writes a row.
"""
