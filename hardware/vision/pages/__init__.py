"""Pages that lie on a plate under a camera: found, judged, flattened, set upright, made ready to be sent.

Everything here is a function of pictures; no device, no clock, no file. A picture is `hardware.devices.Colour`: rows of blue, green,
red. A page's place in it is four corners (float32, 4 x 2) in the order top left, top right, bottom right, bottom left as the camera sees
it. `PlateWatch` and `PlateHealth` hold what must be remembered from look to look, and are told the time.
"""

from hardware.vision.pages.amiss import Looked, look
from hardware.vision.pages.finding import Found, find, find_all
from hardware.vision.pages.flattening import PaperSize, flatten, jpeg, size_of
from hardware.vision.pages.light import black_and_white, even
from hardware.vision.pages.orientation import turned, upright
from hardware.vision.pages.plate import PlateFault, PlateHealth, can_tell_turned, plate_fault
from hardware.vision.pages.quality import Judgement, PageFault, judge
from hardware.vision.pages.watching import PlateWatch, Seen

__all__ = [
    "Found",
    "Judgement",
    "Looked",
    "PageFault",
    "PaperSize",
    "PlateFault",
    "PlateHealth",
    "PlateWatch",
    "Seen",
    "black_and_white",
    "can_tell_turned",
    "even",
    "find",
    "find_all",
    "flatten",
    "jpeg",
    "judge",
    "look",
    "plate_fault",
    "size_of",
    "turned",
    "upright",
]
