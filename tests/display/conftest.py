from tests.display.chromium import browser

__all__ = ["browser"]
