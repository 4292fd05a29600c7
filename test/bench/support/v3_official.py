"""The official client's own figures for client-v3.bench.ts: `receive HOST KEY COUNT BYTES` or `upload HOST KEY FILE`; one number on stdout."""

import asyncio
import logging
import os
import sys
import tempfile
import time

HOME = tempfile.mkdtemp(prefix="sg-bench-")
os.environ.update(HOME=HOME, SEC_GEMINI_CONFIG_DIR=HOME)
logging.disable(logging.CRITICAL)

from sec_gemini.client import SecGemini  # noqa: E402
from sec_gemini.session_messages import StreamMode  # noqa: E402


async def receive(client: SecGemini, count: str, size: str) -> float:
    """Messages a second between the first and the last of them."""
    session = await client.sessions.create()
    await session.prompt(f"flood {count} {size}")
    first = last = seen = 0
    async for message in session.messages.stream(mode=StreamMode.FOLLOW_TURN):
        if "THOUGHT" in str(message["message_type"]):
            last = time.perf_counter()
            first = first or last
            seen += 1
    assert seen == int(count), f"{seen} of {count}"
    return (seen - 1) / (last - first)


async def upload(client: SecGemini, file: str) -> float:
    """Megabytes a second."""
    session = await client.sessions.create()
    started = time.perf_counter()
    await session.files.upload(file, content_type="application/octet-stream")
    return os.path.getsize(file) / 1e6 / (time.perf_counter() - started)


async def main() -> None:
    what, host, key, *rest = sys.argv[1:]
    async with SecGemini(api_key=key, host=host) as client:
        print(await (receive if what == "receive" else upload)(client, *rest), flush=True)
    os._exit(0)


asyncio.run(main())
