"""Makes the icons in static/ from static/mark.svg. Needs Chromium. Run it after a change of the mark."""

import pathlib
import struct
import subprocess
import tempfile

STATIC = pathlib.Path(__file__).parents[2] / "static"
DEEP = "#0b3b40"


def picture(size, background, share):
    """PNG of the mark, which takes this share of the width."""
    mark = (STATIC / "mark.svg").as_uri()
    margin = (1 - share) / 2 * size
    html = (
        f'<body style="margin:0;background:{background};overflow:hidden">'
        f'<img src="{mark}" style="display:block;width:{share * size}px;margin:{margin}px">'
    )
    with tempfile.TemporaryDirectory() as folder:
        page, shot = pathlib.Path(folder, "page.html"), pathlib.Path(folder, "shot.png")
        page.write_text(html)
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files",
             "--default-background-color=00000000", f"--window-size={size},{size}", f"--screenshot={shot}", page.as_uri()],
            check=True, capture_output=True,
        )
        return shot.read_bytes()


def icon(png, size):
    """ICO file with one PNG."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, size, size, 0, 0, 1, 32, len(png), 22) + png


(STATIC / "favicon.ico").write_bytes(icon(picture(32, "transparent", 1), 32))
(STATIC / "apple-touch-icon.png").write_bytes(picture(180, DEEP, 0.7))
(STATIC / "icon-192.png").write_bytes(picture(192, DEEP, 0.7))
(STATIC / "icon-512.png").write_bytes(picture(512, DEEP, 0.7))
