"""The peers, each a process: ``python -m bench.serving.peers NAME PORT MODEL_FOLDER``, one worker, one thread.

- fastapi-plain: what most tutorials show: pandas reads the body, a DMatrix is built per request;
- fastapi-careful: the best that is reasonable with FastAPI: orjson and inplace_predict;
- echo: an asyncio.Protocol on uvloop that answers the same 200 to whatever ends a request: the cost of Python itself.
"""

import asyncio
import io
import sys
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import uvicorn
import uvloop
import xgboost as xgb
from fastapi import FastAPI, Request, Response

from tabular.model import TREES


def _booster(folder: Path) -> xgb.Booster:
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(folder / TREES)
    booster.set_param({"nthread": 1})
    return booster


def _answer(scores: npt.NDArray[np.float32], content_type: str) -> Response:
    if content_type == "text/csv":
        return Response("\n".join(map(repr, scores.tolist())) + "\n", media_type="text/csv")
    predictions = [{"score": score, "predicted_label": int(score >= 0.5)} for score in scores.tolist()]  # noqa: PLR2004 - the model's threshold
    return Response(orjson.dumps({"predictions": predictions}), media_type="application/json")


def plain(folder: Path) -> FastAPI:
    """Return the application of the tutorials."""
    app, booster = FastAPI(), _booster(folder)

    @app.get("/ping")
    async def ping() -> Response:
        return Response()

    @app.post("/invocations")
    async def invocations(request: Request) -> Response:
        content_type = request.headers["content-type"]
        if content_type == "text/csv":
            frame = pd.read_csv(io.BytesIO(await request.body()), header=None)
        else:
            frame = pd.DataFrame((await request.json())["instances"])
        frame.columns = pd.Index(booster.feature_names or [])
        return _answer(booster.predict(xgb.DMatrix(frame, nthread=1)), content_type)

    return app


def careful(folder: Path) -> FastAPI:
    """Return a FastAPI application with every cost taken out that FastAPI itself does not impose."""
    app, booster = FastAPI(), _booster(folder)

    @app.get("/ping")
    async def ping() -> Response:
        return Response()

    @app.post("/invocations")
    async def invocations(request: Request) -> Response:
        content_type, body = request.headers["content-type"], await request.body()
        if content_type == "text/csv":
            rows = orjson.loads(b"[[" + body.strip().replace(b"\n", b"],[") + b"]]")
        else:
            rows = orjson.loads(body)["instances"]
        return _answer(booster.inplace_predict(np.array(rows, dtype=np.float32)), content_type)

    return app


class Echo(asyncio.Protocol):
    """Answers 200 to every request; knows no more of HTTP than where a request ends."""

    def __init__(self) -> None:
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._write = cast("asyncio.Transport", transport).write

    def data_received(self, data: bytes) -> None:
        """Count the body; answer when it is whole."""
        if not self._missing:
            head, _, body = data.partition(b"\r\n\r\n")
            _, found, length = head.lower().partition(b"content-length: ")
            self._missing = int(length.split(b"\r\n", 1)[0]) - len(body) if found else 0
        else:
            self._missing -= len(data)
        if not self._missing:
            self._write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 12\r\n\r\n0.123456789\n")


async def echo(port: int) -> None:
    """Serve the echo for ever."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


def main(name: str, port: int, folder: Path) -> None:
    """Run one peer until it is ended."""
    if name == "echo":
        uvloop.run(echo(port))
    else:
        app = {"fastapi-plain": plain, "fastapi-careful": careful}[name](folder)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
