"""Our own keyboards on the screen: large keys, one touch one sign, in every script the visitors read.

`layouts` says what stands on them, as data, and can be read without a window; `board` draws one; `field` shows what was typed. A kiosk has
no other keyboard: the operating system's would bring its own size, languages and memory of what others typed.
"""
