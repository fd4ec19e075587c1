"""What a source tree says about itself when no Score file does: files of other platforms, then its code. Pure.

Invariants: it is handed names and texts and gives back values; every guess names its evidence; what a file says and is
not mapped is listed, never dropped; no input gives anything but a guess or InvalidInput.
"""
