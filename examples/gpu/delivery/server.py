"""A model server of one's own: predicts whether a delivery will be late, with ONNX Runtime on CUDA or on the processor.

It keeps the container contract of pulumi-mcp-service: `PORT`, `HOST` and `MCP_PATH`; `GET /healthz` and `GET /readyz`; bearer tokens from
`AUTH_STATIC_TOKENS`; no sessions; on SIGTERM it goes on for `DRAIN_SECONDS` and finishes what it has begun.
"""

import asyncio
import hmac
import logging
import os
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import numpy
import onnxruntime
import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

MODEL = Path(__file__).parent / "model.onnx"
TOKENS = [token.encode() for token in os.environ.get("AUTH_STATIC_TOKENS", "").split(",") if token]
DRAIN_SECONDS = int(os.environ.get("DRAIN_SECONDS", "10"))

session: onnxruntime.InferenceSession | None = None


def load() -> onnxruntime.InferenceSession:
    """Loads the model, on CUDA where that is, in no more of the GPU's memory than this replica may have: others share it."""
    limit = int(os.environ.get("GPU_MEMORY_MIB", "2048")) * 1024 * 1024
    available = onnxruntime.get_available_providers()
    providers = []
    if "CUDAExecutionProvider" in available:
        # The CUDA libraries that the packages of PyPI bring.
        onnxruntime.preload_dlls()
        providers.append(("CUDAExecutionProvider", {"gpu_mem_limit": limit}))
    loaded = onnxruntime.InferenceSession(MODEL, providers=[*providers, "CPUExecutionProvider"])
    logging.info("model loaded: %s", loaded.get_providers())
    return loaded


class Prediction(BaseModel):
    late: float = Field(description="How likely the delivery is to be late, from 0 to 1.")


def infer(distance: float, parcels: int, rain: float) -> Prediction:
    assert session is not None
    features = numpy.array([[distance / 100, parcels / 100, rain / 10]], dtype=numpy.float32)
    (answers,) = session.run(None, {"features": features})
    return Prediction(late=round(float(answers[0][0]), 4))


server = MCPServer("delivery", version="1.0.0")


@server.tool(
    title="Predict a late delivery",
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)
async def predict_late_delivery(
    distance_km: Annotated[float, Field(ge=0, le=2000, description="The length of the way.")],
    parcels: Annotated[int, Field(ge=1, le=1000, description="How many parcels are on the van.")],
    rain_mm: Annotated[float, Field(ge=0, le=500, description="The rain of the day.")] = 0,
) -> Prediction:
    """Predicts how likely a delivery is to be late."""
    # In a thread: health checks and other calls are answered while the model runs.
    return await asyncio.to_thread(infer, distance_km, parcels, rain_mm)


@server.custom_route("/healthz", methods=["GET"])
async def healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


@server.custom_route("/readyz", methods=["GET"])
async def ready(_: Request) -> Response:
    return JSONResponse({"ready": session is not None}, 200 if session is not None else 503)


def authenticated(app: ASGIApp) -> ASGIApp:
    """Answers 401 to whoever has none of the tokens; the health checks of the load balancer have none."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ("/healthz", "/readyz"):
            await app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        # Each is compared, whichever fits: how long it takes says nothing of them.
        known = [hmac.compare_digest(given, b"Bearer " + token) for token in TOKENS]
        if any(known):
            await app(scope, receive, send)
            return
        refusal = JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer"})
        await refusal(scope, receive, send)

    return guard


class Draining(uvicorn.Server):
    """On SIGTERM goes on accepting: on Spot, and when a task is stopped, the load balancer learns of it later than the server."""

    def handle_exit(self, sig: int, frame: object) -> None:
        threading.Timer(DRAIN_SECONDS, setattr, (self, "should_exit", True)).start()


def application() -> ASGIApp:
    app = server.streamable_http_app(
        streamable_http_path=os.environ.get("MCP_PATH", "/mcp"),
        stateless_http=True,
        json_response=True,
        # Callers are known by their tokens, whatever host they have asked for.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started):
        async def start() -> None:
            global session
            session = await asyncio.to_thread(load)

        loading = asyncio.create_task(start())
        # Without its model the server is of no use: the replica ends, and the deployment is taken back.
        loading.add_done_callback(lambda done: done.exception() and os._exit(1))
        async with inner(started):
            yield

    app.router.lifespan_context = lifespan
    return authenticated(app)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    if not TOKENS:
        raise SystemExit("`AUTH_STATIC_TOKENS` is empty: nobody could call.")
    Draining(
        uvicorn.Config(
            application(),
            host=os.environ.get("HOST", "0.0.0.0"),
            port=int(os.environ.get("PORT", "8080")),
            # Longer than the load balancer keeps its connections, which must close them first.
            timeout_keep_alive=int(os.environ.get("KEEP_ALIVE_SECONDS", "75")),
            log_level="warning",
        )
    ).run()
