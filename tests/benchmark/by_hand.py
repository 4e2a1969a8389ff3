"""The same work as an engineer does it without the plugin: one asyncio script around the openai SDK.

    python by_hand.py FOLDER BASE_URL CONCURRENCY

The SDK's own retries, no store, no statistics. What is wrong or lost is listed in FOLDER/wrong.txt.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionContentPartParam


def shown(path: Path) -> ChatCompletionContentPartParam:
    """Return a picture as a part of a message."""
    data = base64.b64encode(path.read_bytes()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}", "detail": "high"}}


async def ask_all(folder: Path, base_url: str, concurrency: int) -> None:
    """Ask all questions, so many at once, and list what came out wrong."""
    work = json.loads((folder / "work.json").read_text(encoding="utf-8"))
    questions = work["questions"] * work["repeats"]
    slots = asyncio.Semaphore(concurrency)

    async with AsyncOpenAI(base_url=base_url, api_key="none") as client:

        async def ask(first: str, second: str) -> str | None:
            async with slots:
                pictures = [shown(folder / "pictures" / f"{name}.jpg") for name in (first, second)]
                reply = await client.chat.completions.create(
                    model="loopback",
                    messages=[{"role": "user", "content": [{"type": "text", "text": work["prompt"]}, *pictures]}],
                    max_tokens=1,
                )
                return reply.choices[0].message.content

        asked = (ask(first, second) for first, second, _ in questions)
        answers = await asyncio.gather(*asked, return_exceptions=True)
    rights = [right for *_, right in questions]
    wrong = [answer for answer, right in zip(answers, rights, strict=True) if answer != right]
    (folder / "wrong.txt").write_text("".join(f"{answer!r}\n" for answer in wrong), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(ask_all(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
