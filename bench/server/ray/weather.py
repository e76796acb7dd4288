"""A weather server on Ray Serve, built as Ray's guide builds its own: FastMCP without sessions, mounted in FastAPI,
two replicas or more of a fifth of a processor each, five requests at once as the target. Usage: PORT=<port>
weather.py <address of the API> <clients>; `each` makes an HTTP client for each request to the API, as the guide's does, and
`one` has one for all, which shows what is Ray's part and what is that of the clients."""

import contextlib
import os
import signal
import sys

import fastapi
import httpx
import ray
from mcp.server.fastmcp import FastMCP
from ray import serve

PORT = int(os.environ["PORT"])
API = sys.argv[1]
CLIENTS = sys.argv[2]

server = FastMCP("weather", stateless_http=True)


# Each replica makes its own: a client cannot be sent to another process, as all of this is.
shared_clients: list[httpx.AsyncClient] = []


def shared_client() -> httpx.AsyncClient:
    if not shared_clients:
        shared_clients.append(httpx.AsyncClient(timeout=30.0))
    return shared_clients[0]


@contextlib.asynccontextmanager
async def http_client():
    if CLIENTS == "one":
        yield shared_client()
    else:
        async with httpx.AsyncClient(timeout=30.0) as client:
            yield client


async def fetch(url: str) -> dict | None:
    headers = {"User-Agent": "weather-app/1.0", "Accept": "application/geo+json"}
    async with http_client() as client:
        try:
            answer = await client.get(url, headers=headers)
            answer.raise_for_status()
            return answer.json()
        except Exception:
            return None


def written(period: dict) -> str:
    return "\n".join(
        [
            f"{period['name']}:",
            f"Temperature: {period['temperature']}°{period['temperatureUnit']}",
            f"Wind: {period['windSpeed']} {period['windDirection']}",
            f"Forecast: {period['detailedForecast']}",
        ]
    )


@server.tool()
async def get_forecast(latitude: float, longitude: float) -> str:
    """The next five periods of the forecast for a place."""
    place = await fetch(f"{API}/points/{latitude},{longitude}")
    if place is None or not place["properties"].get("forecast"):
        return "There is no forecast for this place."
    forecast = await fetch(place["properties"]["forecast"])
    if forecast is None:
        return "The forecast could not be read."
    return "\n---\n".join(written(period) for period in forecast["properties"]["periods"][:5])


@contextlib.asynccontextmanager
async def lifespan(api: fastapi.FastAPI):
    api.mount("/", server.streamable_http_app())
    async with server.session_manager.run():
        yield


api = fastapi.FastAPI(lifespan=lifespan)


@serve.deployment(
    autoscaling_config={"min_replicas": 2, "max_replicas": 20, "target_ongoing_requests": 5},
    ray_actor_options={"num_cpus": 0.2},
)
@serve.ingress(api)
class Weather:
    pass


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": PORT})
    serve.run(Weather.bind())
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    serve.shutdown()
    ray.shutdown()
    os._exit(0)
