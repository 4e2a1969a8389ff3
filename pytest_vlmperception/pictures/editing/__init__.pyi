from .comparing import EditMeasures, compare_edit
from .framing import Framing, framing_of, registered
from .keeping import changed_share, psnr, ssim
from .success import edit_succeeded
from .tones import Cast, cast_of, sharpness, sharpness_ratio

__all__ = [
    "Cast",
    "EditMeasures",
    "Framing",
    "cast_of",
    "changed_share",
    "compare_edit",
    "edit_succeeded",
    "framing_of",
    "psnr",
    "registered",
    "sharpness",
    "sharpness_ratio",
    "ssim",
]
