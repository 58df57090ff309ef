"""The kiosk's face: Kivy screens that render the flow's `Model` and send what was touched. No rules here.

`face.Face` is the one widget in the window: `render(model)` shows a model, and every finger that presses something becomes one
`Touched`. `pump.run` draws when something has changed and else lets the processor rest.
"""
