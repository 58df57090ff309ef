"""What screens are made of: text, cards, buttons and boxes, sized in millimetres of the configured panel.

Nothing here knows the journey. A `Look` says how big and in which colours, the boxes measure and place, the kv files beside
the modules draw. No widget of Kivy's that draws text is used: Kivy cannot shape the visitors' scripts.
"""
