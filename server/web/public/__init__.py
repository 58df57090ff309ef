"""Pages for visitors who book an appointment, change it, or wait for a place: one question a page, no script needed.

`filling` is what a form knows of whoever fills it in; `steps` what each page asks and how it is judged (pure); `choosing`, `telling`, `managing`
and `waiting` are the pages; `voice` and `drawing` how they speak and look. What is done to bookings, drafts and the waiting list is done in
`server.actions`.
"""
