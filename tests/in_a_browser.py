"""A page in a real browser, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

# Of a document in a frame: who sees it from outside needs it to say what it found.
_TELL = "<script>(async () => {{ {script}; parent.postMessage(String(said), '*'); }})()</script>"
_FRAME = """<!doctype html><title>nothing</title>
<iframe src="{uri}" style="border:0;width:{width}px;height:4000px"></iframe>
<script>addEventListener("message", (event) => {{ document.title = event.data; }});</script>
"""


def said(html: str, script: str, folder: Path, width: int = 1280) -> str:
    """What a script says that runs in a page, in its variable `said`.

    The page's policy lets no script run but its own: the page is tried without it.
    """
    assert BROWSER is not None
    bare = re.sub(r"<meta http-equiv[^>]*>", "", html)
    page, frame = folder / "page.html", folder / "frame.html"
    page.write_text(bare.replace("</body>", f"{_TELL.format(script=script)}</body>"), "utf-8")
    frame.write_text(_FRAME.format(uri=page.as_uri(), width=width), "utf-8")
    flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000")
    run = subprocess.run(
        [BROWSER, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = re.search("<title>(.*?)</title>", run.stdout, re.DOTALL)
    assert found is not None, run.stderr[-500:]
    return found[1]
